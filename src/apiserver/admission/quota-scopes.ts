/**
 * Which pods a quota is about. Quotas with scopes are about pods alone.
 * Source: kubernetes/pkg/quota/v1/evaluator/core/pods.go (podMatchesScopeFunc).
 */
import type { KubernetesObject } from '#api/object.ts'
import type { ResourceInfo } from '#api/resource.ts'
import { parseQuantity } from '#api/structural-schema/quantity.ts'
import { type Fields, fieldsOf, itemsOf } from '../kinds/behaviour.ts'

/** Whether an object counts for a quota with this spec. */
export function isInScopes(resource: ResourceInfo, object: KubernetesObject, quota: Fields): boolean {
  const requirements = itemsOf(fieldsOf(quota['scopeSelector'])['matchExpressions']).map(fieldsOf)
  const scopes = itemsOf(quota['scopes'])
  if (scopes.length === 0 && requirements.length === 0) return true
  if (resource.key !== '/pods') return false
  const spec = fieldsOf(object['spec'])
  return (
    scopes.every((scope) => matches(spec, { scopeName: scope, operator: 'Exists' })) &&
    requirements.every((requirement) => matches(spec, requirement))
  )
}

function matches(spec: Fields, { scopeName, operator, values }: Fields): boolean {
  switch (scopeName) {
    case 'Terminating':
      return isTerminating(spec)
    case 'NotTerminating':
      return !isTerminating(spec)
    case 'BestEffort':
      return isBestEffort(spec)
    case 'NotBestEffort':
      return !isBestEffort(spec)
    case 'PriorityClass':
      return hasPriorityClass(spec['priorityClassName'], operator, itemsOf(values))
    case 'CrossNamespacePodAffinity':
      return crossesNamespaces(spec)
    default:
      return false
  }
}

function isTerminating({ activeDeadlineSeconds }: Fields): boolean {
  return typeof activeDeadlineSeconds === 'number' && activeDeadlineSeconds >= 0
}

/** No container asks for processor or memory. */
function isBestEffort(spec: Fields): boolean {
  return [...itemsOf(spec['containers']), ...itemsOf(spec['initContainers'])].every((container) => {
    const { requests, limits } = fieldsOf(fieldsOf(container)['resources'])
    return [fieldsOf(requests), fieldsOf(limits)].every((amounts) =>
      ['cpu', 'memory'].every((what) => (parseQuantity(String(amounts[what] ?? '0')) ?? 0n) === 0n),
    )
  })
}

function hasPriorityClass(name: unknown, operator: unknown, values: readonly unknown[]): boolean {
  const exists = typeof name === 'string' && name !== ''
  switch (operator) {
    case 'In':
      return exists && values.includes(name)
    case 'NotIn':
      return !exists || !values.includes(name)
    case 'DoesNotExist':
      return !exists
    default:
      return exists
  }
}

function crossesNamespaces(spec: Fields): boolean {
  const { podAffinity, podAntiAffinity } = fieldsOf(spec['affinity'])
  return [fieldsOf(podAffinity), fieldsOf(podAntiAffinity)].some((affinity) =>
    [
      ...itemsOf(affinity['requiredDuringSchedulingIgnoredDuringExecution']),
      ...itemsOf(affinity['preferredDuringSchedulingIgnoredDuringExecution']).map(
        (preferred) => fieldsOf(preferred)['podAffinityTerm'],
      ),
    ].some((term) => {
      const { namespaces, namespaceSelector } = fieldsOf(term)
      return itemsOf(namespaces).length > 0 || (namespaceSelector !== undefined && namespaceSelector !== null)
    }),
  )
}
