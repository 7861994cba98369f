/**
 * ResourceQuotas: how many objects, and how much processor, memory and storage, a namespace may have. Creates are
 * judged, and updates of claims and services. What is gone is free at once; upstream's quota controller takes its time.
 * Source: apiserver/pkg/admission/plugin/resourcequota/controller.go, kubernetes/pkg/quota/v1/evaluator/core.
 */
import type { KubernetesObject } from '#api/object.ts'
import type { ResourceInfo } from '#api/resource.ts'
import type { Status } from '#api/status.ts'
import { forbidden } from '#api/status-errors.ts'
import { parseQuantity } from '#api/structural-schema/quantity.ts'
import { canonicalQuantity } from '#api/structural-schema/quantity-text.ts'
import { type Fields, fieldsOf } from '../kinds/behaviour.ts'
import type { StorageReader } from '../request.ts'
import type { AdmissionControl, Attributes } from './admission.ts'
import { isInScopes } from './quota-scopes.ts'
import { type Amounts, amountText, isCounted, unspecifiedUse, usageOf } from './quota-usage.ts'

/** The 403 of a write that exceeds a quota of its namespace, or does not say how much it needs. */
export function quotaFault(
  reader: StorageReader,
  { kinds }: AdmissionControl,
  attributes: Attributes,
): Status | undefined {
  const { resource, namespace, name, object } = attributes
  if (namespace === '' || object === undefined || !isJudged(attributes)) return undefined
  const quotas = reader
    .list(kinds.quotas, namespace)
    .map(({ body }) => body)
    .filter((quota) => limitsOf(resource, quota).length > 0 && isInScopes(resource, object, fieldsOf(quota['spec'])))
  for (const quota of quotas) {
    const lacking = unspecifiedUse(resource, object, Object.keys(hardOf(quota)))
    if (lacking !== undefined)
      return forbidden(resource, name, `failed quota: ${quota.metadata.name ?? ''}: ${lacking}`)
  }
  for (const quota of quotas) {
    const why = excess(reader, attributes, object, quota)
    if (why !== undefined) return forbidden(resource, name, why)
  }
  return undefined
}

/** Of updates only those of kinds whose use changes with them. */
function isJudged({ operation, resource, subresource }: Attributes): boolean {
  if (subresource !== undefined && subresource !== '') return false
  if (operation === 'CREATE') return true
  return operation === 'UPDATE' && (resource.key === '/services' || resource.key === '/persistentvolumeclaims')
}

function hardOf(quota: KubernetesObject): Fields {
  return fieldsOf(fieldsOf(quota['spec'])['hard'])
}

/** What a quota limits that objects of a kind use. */
function limitsOf(resource: ResourceInfo, quota: KubernetesObject): readonly string[] {
  return Object.keys(hardOf(quota)).filter((what) => isCounted(resource, what))
}

function excess(
  reader: StorageReader,
  attributes: Attributes,
  object: KubernetesObject,
  quota: KubernetesObject,
): string | undefined {
  const { resource, old } = attributes
  const spec = fieldsOf(quota['spec'])
  const wanted = usageOf(resource, object)
  const held: Amounts = old === undefined || !isInScopes(resource, old, spec) ? new Map() : usageOf(resource, old)
  const requested: string[] = []
  const used: string[] = []
  const limited: string[] = []
  for (const what of [...limitsOf(resource, quota)].sort()) {
    const more = (wanted.get(what) ?? 0n) - (held.get(what) ?? 0n)
    const hardText = String(hardOf(quota)[what])
    const hard = parseQuantity(hardText)
    if (more <= 0n || hard === undefined) continue
    const before = usedOf(reader, attributes, quota, what)
    if (before + more <= hard) continue
    requested.push(`${what}=${amountText(what, more)}`)
    used.push(`${what}=${amountText(what, before)}`)
    limited.push(`${what}=${canonicalQuantity(hardText) ?? hardText}`)
  }
  if (requested.length === 0) return undefined
  return `exceeded quota: ${quota.metadata.name ?? ''}, requested: ${requested.join(',')}, used: ${used.join(',')}, limited: ${limited.join(',')}`
}

/** As the quota's status has it, which is kept (`quota-status.ts`), or counted anew. */
function usedOf(
  reader: StorageReader,
  { resource, namespace }: Attributes,
  quota: KubernetesObject,
  what: string,
): bigint {
  const known = fieldsOf(fieldsOf(quota['status'])['used'])[what]
  const amount = typeof known === 'string' ? parseQuantity(known) : undefined
  if (amount !== undefined) return amount
  const spec = fieldsOf(quota['spec'])
  let used = 0n
  for (const { body } of reader.list(resource, namespace))
    if (isInScopes(resource, body, spec)) used += usageOf(resource, body).get(what) ?? 0n
  return used
}
