/**
 * What is wrong with quotas, roles and bindings.
 * Source: kubernetes/pkg/apis/core/validation (ValidateResourceQuotaSpec), pkg/apis/rbac/validation.
 */
import { type FieldError, fieldInvalid, fieldNotSupported, fieldRequired } from '#api/field-errors.ts'
import { parseQuantity } from '#api/structural-schema/quantity.ts'
import { type Fields, fieldsOf, itemsOf } from './behaviour.ts'
import { missingFaults, type SpecFault, type SpecValidation } from './field-checks.ts'

const WHOLE: ReadonlySet<string> = new Set([
  'pods',
  'services',
  'replicationcontrollers',
  'resourcequotas',
  'secrets',
  'configmaps',
  'persistentvolumeclaims',
  'services.nodeports',
  'services.loadbalancers',
])
const STANDARD = /^((requests|limits)\.)?(cpu|memory|ephemeral-storage)$|^requests\.storage$|^(requests\.)?hugepages-./
const SCOPES: ReadonlySet<unknown> = new Set([
  'Terminating',
  'NotTerminating',
  'BestEffort',
  'NotBestEffort',
  'PriorityClass',
  'CrossNamespacePodAffinity',
  'VolumeAttributesClass',
])
const CONTRARY = [
  ['BestEffort', 'NotBestEffort'],
  ['Terminating', 'NotTerminating'],
] as const
const ONE = 1_000_000_000n

export const quotaFaults: SpecValidation = (spec, at) => {
  const errors: FieldError[] = []
  for (const [what, value] of Object.entries(fieldsOf(spec['hard']))) {
    const field = `${at}.hard[${what}]`
    if (!what.includes('/') && !WHOLE.has(what) && !STANDARD.test(what))
      errors.push(fieldInvalid(field, what, 'must be a standard resource for quota'))
    const amount = parseQuantity(String(value))
    if (amount === undefined) continue
    if (amount < 0n) errors.push(fieldInvalid(field, value, 'must be greater than or equal to 0'))
    if (WHOLE.has(what) && amount % ONE !== 0n) errors.push(fieldInvalid(field, value, 'must be an integer'))
  }
  const scopes = itemsOf(spec['scopes'])
  if (scopes.some((scope) => !SCOPES.has(scope))) errors.push(fieldInvalid(`${at}.scopes`, scopes, 'unsupported scope'))
  if (CONTRARY.some((pair) => pair.every((scope) => scopes.includes(scope))))
    errors.push(fieldInvalid(`${at}.scopes`, scopes, 'conflicting scopes'))
  return errors
}

/** Rules of a Role (`namespaced`) or ClusterRole. */
export function roleFaults(fields: Fields, namespaced: boolean): readonly FieldError[] {
  return itemsOf(fields['rules']).flatMap((rule, index) => {
    const { verbs, nonResourceURLs, apiGroups, resources, resourceNames } = fieldsOf(rule)
    const at = `rules[${index}]`
    const errors: FieldError[] = []
    if (itemsOf(verbs).length === 0) errors.push(fieldRequired(`${at}.verbs`, 'verbs must contain at least one value'))
    if (itemsOf(nonResourceURLs).length > 0) {
      const refuse = (why: string) => errors.push(fieldInvalid(`${at}.nonResourceURLs`, nonResourceURLs, why))
      if (namespaced) refuse('namespaced rules cannot apply to non-resource URLs')
      if ([apiGroups, resources, resourceNames].some((list) => itemsOf(list).length > 0))
        refuse('rules cannot apply to both regular resources and non-resource URLs')
      return errors
    }
    if (itemsOf(apiGroups).length === 0)
      errors.push(fieldRequired(`${at}.apiGroups`, 'resource rules must supply at least one api group'))
    if (itemsOf(resources).length === 0)
      errors.push(fieldRequired(`${at}.resources`, 'resource rules must supply at least one resource'))
    return errors
  })
}

const SUBJECTS = ['Group', 'ServiceAccount', 'User']

/** A RoleBinding (`namespaced`) or ClusterRoleBinding. */
export function bindingFaults(fields: Fields, namespaced: boolean): readonly SpecFault[] {
  const role = fieldsOf(fields['roleRef'])
  const kinds = namespaced ? ['ClusterRole', 'Role'] : ['ClusterRole']
  return [
    ...kindFaults(role['kind'], 'roleRef.kind', kinds),
    ...missingFaults(role, 'roleRef', ['name']),
    ...itemsOf(fields['subjects']).flatMap((each, index) => {
      const subject = fieldsOf(each)
      const at = `subjects[${index}]`
      const needsNamespace = !namespaced && subject['kind'] === 'ServiceAccount'
      return [
        ...missingFaults(subject, at, needsNamespace ? ['name', 'namespace'] : ['name']),
        ...kindFaults(subject['kind'], `${at}.kind`, SUBJECTS),
      ]
    }),
  ]
}

/** A kind that is left out is a fault of complete objects alone. */
function kindFaults(kind: unknown, at: string, kinds: readonly string[]): readonly SpecFault[] {
  if (kind === undefined || kind === '') return [{ ...fieldNotSupported(at, '', kinds), isMissing: true }]
  return kinds.includes(String(kind)) ? [] : [fieldNotSupported(at, kind, kinds)]
}
