/**
 * Where a pod may run: tolerations, spread constraints, affinities.
 * Source: kubernetes/pkg/apis/core/validation/validation.go (ValidateTolerations, validateTopologySpreadConstraints,
 * validateAffinity).
 */
import {
  type FieldError,
  fieldDuplicate,
  fieldForbidden,
  fieldInvalid,
  fieldNotSupported,
  fieldRequired,
} from '#api/field-errors.ts'
import { labelValueFault, qualifiedNameFault } from '#api/name-formats.ts'
import { type Fields, fieldsOf, itemsOf } from './behaviour.ts'
import { choiceFaults, type SpecFault, selectorFaults } from './field-checks.ts'

/** `at` is the path of the pod's spec. */
export function schedulingFaults(spec: Fields, at: string): readonly FieldError[] {
  const affinity = fieldsOf(spec['affinity'])
  return [
    ...eachOf(spec, 'tolerations', at, tolerationFaults),
    ...eachOf(spec, 'topologySpreadConstraints', at, constraintFaults),
    ...repeatedConstraints(itemsOf(spec['topologySpreadConstraints']), `${at}.topologySpreadConstraints`),
    ...nodeAffinityFaults(fieldsOf(affinity['nodeAffinity']), `${at}.affinity.nodeAffinity`),
    ...podAffinityFaults(fieldsOf(affinity['podAffinity']), `${at}.affinity.podAffinity`),
    ...podAffinityFaults(fieldsOf(affinity['podAntiAffinity']), `${at}.affinity.podAntiAffinity`),
  ]
}

type ItemFaults = (item: Fields, at: string) => readonly FieldError[]

function eachOf(fields: Fields, name: string, at: string, faults: ItemFaults): FieldError[] {
  return itemsOf(fields[name]).flatMap((item, index) => faults(fieldsOf(item), `${at}.${name}[${index}]`))
}

const EFFECTS = ['NoSchedule', 'PreferNoSchedule', 'NoExecute']

const tolerationFaults: ItemFaults = ({ key, operator, value, effect, tolerationSeconds }, at) => {
  const errors: FieldError[] = []
  const fault = key ? qualifiedNameFault(String(key)) : undefined
  if (fault !== undefined) errors.push(fieldInvalid(`${at}.key`, key, fault))
  if (!key && operator !== 'Exists')
    errors.push(
      fieldInvalid(
        `${at}.operator`,
        operator ?? '',
        'operator must be Exists when `key` is empty, which means "match all values and all keys"',
      ),
    )
  if (tolerationSeconds !== undefined && effect !== 'NoExecute')
    errors.push(
      fieldInvalid(`${at}.effect`, effect ?? '', "effect must be 'NoExecute' when `tolerationSeconds` is set"),
    )
  if (!operator || operator === 'Equal') {
    const valueFault = labelValueFault(String(value ?? ''))
    if (valueFault !== undefined) errors.push(fieldInvalid(`${at}.operator`, value, valueFault))
  } else if (operator !== 'Exists') errors.push(fieldNotSupported(`${at}.operator`, operator, ['Equal', 'Exists']))
  else if (value) errors.push(fieldInvalid(`${at}.operator`, value, "value must be empty when `operator` is 'Exists'"))
  if (effect && !EFFECTS.includes(effect as string)) errors.push(fieldNotSupported(`${at}.effect`, effect, EFFECTS))
  return errors
}

const constraintFaults: ItemFaults = (constraint, at) => {
  const { maxSkew, topologyKey, whenUnsatisfiable, minDomains } = constraint
  const skew = (maxSkew ?? 0) as number
  return [
    ...ofMissing(maxSkew, skew <= 0 ? [fieldInvalid(`${at}.maxSkew`, skew, 'must be greater than zero')] : []),
    ...(topologyKey
      ? labelNameFaults(topologyKey, `${at}.topologyKey`)
      : [fieldRequired(`${at}.topologyKey`, 'can not be empty')]),
    ...ofMissing(
      whenUnsatisfiable,
      choiceFaults({ whenUnsatisfiable: '', ...constraint }, at, 'whenUnsatisfiable', [
        'DoNotSchedule',
        'ScheduleAnyway',
      ]),
    ),
    ...(typeof minDomains === 'number' && minDomains <= 0
      ? [fieldInvalid(`${at}.minDomains`, minDomains, 'must be greater than 0')]
      : []),
    ...(minDomains !== undefined && whenUnsatisfiable !== 'DoNotSchedule'
      ? [
          fieldInvalid(
            `${at}.minDomains`,
            minDomains,
            `can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ${String(whenUnsatisfiable)}`,
          ),
        ]
      : []),
    ...choiceFaults(constraint, at, 'nodeAffinityPolicy', ['Honor', 'Ignore']),
    ...choiceFaults(constraint, at, 'nodeTaintsPolicy', ['Honor', 'Ignore']),
    ...selectorFaults(fieldsOf(constraint['labelSelector']), `${at}.labelSelector`),
  ]
}

function repeatedConstraints(constraints: readonly unknown[], at: string): FieldError[] {
  const taken = new Set<string>()
  return constraints.flatMap((constraint, index) => {
    const { topologyKey, whenUnsatisfiable } = fieldsOf(constraint)
    const pair = `{${String(topologyKey)}, ${String(whenUnsatisfiable)}}`
    if (taken.has(pair)) return [fieldDuplicate(`${at}[${index}].{topologyKey, whenUnsatisfiable}`, pair)]
    taken.add(pair)
    return []
  })
}

function labelNameFaults(name: unknown, field: string): FieldError[] {
  const fault = qualifiedNameFault(String(name ?? ''))
  return fault === undefined ? [] : [fieldInvalid(field, name ?? '', fault)]
}

const REQUIRED = 'requiredDuringSchedulingIgnoredDuringExecution'
const PREFERRED = 'preferredDuringSchedulingIgnoredDuringExecution'

const nodeAffinityFaults: ItemFaults = (affinity, at) => {
  const required = affinity[REQUIRED]
  const terms = `${at}.${REQUIRED}`
  return [
    ...(required !== undefined && itemsOf(fieldsOf(required)['nodeSelectorTerms']).length === 0
      ? [fieldRequired(`${terms}.nodeSelectorTerms`, 'must have at least one node selector term')]
      : []),
    ...eachOf(fieldsOf(required), 'nodeSelectorTerms', terms, nodeTermFaults),
    ...eachOf(affinity, PREFERRED, at, (preferred, place) => [
      ...weightFaults(preferred, place),
      ...nodeTermFaults(fieldsOf(preferred['preference']), `${place}.preference`),
    ]),
  ]
}

const nodeTermFaults: ItemFaults = (term, at) => eachOf(term, 'matchExpressions', at, nodeRequirementFaults)

const nodeRequirementFaults: ItemFaults = ({ key, operator, values }, at) => {
  const count = itemsOf(values).length
  const field = `${at}.values`
  switch (operator) {
    case 'In':
    case 'NotIn':
      if (count > 0) return labelNameFaults(key, `${at}.key`)
      return [
        fieldRequired(field, "must be specified when `operator` is 'In' or 'NotIn'"),
        ...labelNameFaults(key, `${at}.key`),
      ]
    case 'Exists':
    case 'DoesNotExist':
      if (count === 0) return labelNameFaults(key, `${at}.key`)
      return [
        fieldForbidden(field, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"),
        ...labelNameFaults(key, `${at}.key`),
      ]
    case 'Gt':
    case 'Lt':
      if (count === 1) return labelNameFaults(key, `${at}.key`)
      return [
        fieldRequired(field, "must be specified single value when `operator` is 'Lt' or 'Gt'"),
        ...labelNameFaults(key, `${at}.key`),
      ]
    default:
      return [
        fieldInvalid(`${at}.operator`, operator ?? '', 'not a valid selector operator'),
        ...labelNameFaults(key, `${at}.key`),
      ]
  }
}

const podAffinityFaults: ItemFaults = (affinity, at) => [
  ...eachOf(affinity, REQUIRED, at, podTermFaults),
  ...eachOf(affinity, PREFERRED, at, (preferred, place) => [
    ...weightFaults(preferred, place),
    ...podTermFaults(fieldsOf(preferred['podAffinityTerm']), `${place}.podAffinityTerm`),
  ]),
]

const podTermFaults: ItemFaults = (term, at) => [
  ...selectorFaults(fieldsOf(term['labelSelector']), `${at}.labelSelector`),
  ...selectorFaults(fieldsOf(term['namespaceSelector']), `${at}.namespaceSelector`),
  ...(term['topologyKey']
    ? labelNameFaults(term['topologyKey'], `${at}.topologyKey`)
    : [fieldRequired(`${at}.topologyKey`, 'can not be empty')]),
]

const weightFaults: ItemFaults = ({ weight }, at) => {
  const given = (weight ?? 0) as number
  return ofMissing(
    weight,
    given < 1 || given > 100 ? [fieldInvalid(`${at}.weight`, given, 'must be in the range 1-100')] : [],
  )
}

/** Scenarios may lack a field whose empty value is a fault. */
function ofMissing(value: unknown, faults: readonly FieldError[]): readonly SpecFault[] {
  return value === undefined ? faults.map((fault) => ({ ...fault, isMissing: true })) : faults
}
