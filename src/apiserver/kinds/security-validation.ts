/**
 * Security contexts of pods and containers.
 * Source: kubernetes/pkg/apis/core/validation/validation.go (validatePodSpecSecurityContext, ValidateSecurityContext).
 */
import { type FieldError, fieldInvalid } from '#api/field-errors.ts'
import { type Fields, fieldsOf, itemsOf } from './behaviour.ts'
import { choiceFaults } from './field-checks.ts'

const ID_MAX = 2 ** 31 - 1
const OUT_OF_RANGE = `must be between 0 and ${ID_MAX}, inclusive`
const SECCOMP_TYPES = ['Localhost', 'RuntimeDefault', 'Unconfined']

/** `at` is the path of the pod's spec. */
export function podSecurityFaults(spec: Fields, at: string): readonly FieldError[] {
  const security = fieldsOf(spec['securityContext'])
  const place = `${at}.securityContext`
  return [
    ...idFaults(security, place, ['runAsUser', 'runAsGroup', 'fsGroup']),
    ...itemsOf(security['supplementalGroups']).flatMap((group, index) =>
      isId(group) ? [] : [fieldInvalid(`${place}.supplementalGroups[${index}]`, group, OUT_OF_RANGE)],
    ),
    ...choiceFaults(security, place, 'fsGroupChangePolicy', ['Always', 'OnRootMismatch']),
    ...choiceFaults(fieldsOf(security['seccompProfile']), `${place}.seccompProfile`, 'type', SECCOMP_TYPES),
  ]
}

/** `at` is the path of the container. */
export function containerSecurityFaults(container: Fields, at: string): readonly FieldError[] {
  const security = fieldsOf(container['securityContext'])
  const place = `${at}.securityContext`
  const isContradiction = security['privileged'] === true && security['allowPrivilegeEscalation'] === false
  return [
    ...idFaults(security, place, ['runAsUser', 'runAsGroup']),
    ...choiceFaults(security, place, 'procMount', ['Default', 'Unmasked']),
    ...choiceFaults(fieldsOf(security['seccompProfile']), `${place}.seccompProfile`, 'type', SECCOMP_TYPES),
    ...(isContradiction
      ? [fieldInvalid(place, security, 'cannot set `allowPrivilegeEscalation` to false and `privileged` to true')]
      : []),
  ]
}

function idFaults(fields: Fields, at: string, names: readonly string[]): readonly FieldError[] {
  return names
    .filter((name) => fields[name] !== undefined && !isId(fields[name]))
    .map((name) => fieldInvalid(`${at}.${name}`, fields[name], OUT_OF_RANGE))
}

function isId(value: unknown): boolean {
  return typeof value !== 'number' || (value >= 0 && value <= ID_MAX)
}
