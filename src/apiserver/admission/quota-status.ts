/**
 * What the status of a ResourceQuota says: its limits, and how much of them is used. Each write that changes the use
 * changes the status with it; upstream admission counts up at once, and a controller counts down some time later.
 * Source: kubernetes/pkg/controller/resourcequota/resource_quota_controller.go (syncResourceQuota).
 */
import { equalJson } from '#api/equal.ts'
import type { KubernetesObject } from '#api/object.ts'
import type { ResourceInfo, ResourceTable } from '#api/resource.ts'
import { parseQuantity } from '#api/structural-schema/quantity.ts'
import { EMPTY, type Fields, fieldsOf, withField } from '../kinds/behaviour.ts'
import type { Change, Decision, StorageReader, StoredObject } from '../request.ts'
import { isInScopes } from './quota-scopes.ts'
import { amountText, isCounted, usageOf } from './quota-usage.ts'

/** `decision`, and a change of the status of each quota whose use it changes. */
export function withQuotasCounted(table: ResourceTable, reader: StorageReader, decision: Decision): Decision {
  const quotas = table.byKind('v1', 'ResourceQuota')
  if (quotas === undefined) return decision
  const more: Change[] = []
  const namespaces = new Set(decision.changes.map(({ namespace }) => namespace))
  for (const namespace of namespaces) {
    if (namespace === '') continue
    const changes = decision.changes.filter((change) => change.namespace === namespace)
    for (const { stored, isNew } of quotasAfter(reader, quotas, namespace, changes)) {
      const { name = '' } = stored.body.metadata
      const used = isNew ? countedUse(table, reader, namespace, stored.body) : knownUse(stored.body)
      const counted = used ?? countedUse(table, reader, namespace, stored.body)
      const body = withUse(stored.body, usedAfter(counted, stored.body, changes))
      if (body === stored.body) continue
      const revision = reader.revision + decision.changes.length + more.length + 1
      more.push({ resource: quotas, namespace, name, before: stored, after: { body, revision }, revision })
    }
  }
  return more.length === 0 ? decision : { response: decision.response, changes: [...decision.changes, ...more] }
}

/** A quota with the status that it has among the objects of `reader`. */
export function countedQuota(table: ResourceTable, reader: StorageReader, quota: KubernetesObject): KubernetesObject {
  return withUse(quota, countedUse(table, reader, quota.metadata.namespace ?? '', quota))
}

/** The quotas of a namespace after `changes`, and whether the change is one of the quota itself. */
function quotasAfter(
  reader: StorageReader,
  quotas: ResourceInfo,
  namespace: string,
  changes: readonly Change[],
): readonly { readonly stored: StoredObject; readonly isNew: boolean }[] {
  const own = new Map<string, Change>()
  for (const change of changes) if (change.resource.key === quotas.key) own.set(change.name, change)
  const kept = reader.list(quotas, namespace).filter(({ body }) => !own.has(body.metadata.name ?? ''))
  return [
    ...kept.map((stored) => ({ stored, isNew: false })),
    ...[...own.values()].flatMap(({ after }) => (after === undefined ? [] : [{ stored: after, isNew: true }])),
  ]
}

type Use = ReadonlyMap<string, bigint>

function hardOf(quota: KubernetesObject): Fields {
  return fieldsOf(fieldsOf(quota['spec'])['hard'])
}

/** Undefined when the status does not tell of every limit. */
function knownUse(quota: KubernetesObject): Use | undefined {
  const status = fieldsOf(quota['status'])
  const hard = hardOf(quota)
  if (!equalJson(fieldsOf(status['hard']), hard)) return undefined
  const used = new Map<string, bigint>()
  for (const [what, text] of Object.entries(fieldsOf(status['used']))) {
    const amount = parseQuantity(String(text))
    if (amount === undefined) return undefined
    used.set(what, amount)
  }
  return used
}

function countedUse(table: ResourceTable, reader: StorageReader, namespace: string, quota: KubernetesObject): Use {
  const used = new Map<string, bigint>()
  const limits = Object.keys(hardOf(quota))
  const spec = fieldsOf(quota['spec'])
  const counted = new Set<string>()
  for (const resource of table.all) {
    const limited = limits.filter((what) => resource.namespaced && isCounted(resource, what))
    if (limited.length === 0 || counted.has(resource.key)) continue
    counted.add(resource.key)
    for (const what of limited) used.set(what, used.get(what) ?? 0n)
    for (const { body } of reader.list(resource, namespace)) {
      if (!isInScopes(resource, body, spec)) continue
      const usage = usageOf(resource, body)
      for (const what of limited) used.set(what, (used.get(what) ?? 0n) + (usage.get(what) ?? 0n))
    }
  }
  return used
}

function usedAfter(before: Use, quota: KubernetesObject, changes: readonly Change[]): Use {
  const spec = fieldsOf(quota['spec'])
  const used = new Map(before)
  for (const change of changes) {
    const { resource } = change
    for (const [body, sign] of [
      [change.before?.body, -1n],
      [change.after?.body, 1n],
    ] as const) {
      if (body === undefined || !isInScopes(resource, body, spec)) continue
      for (const [what, amount] of usageOf(resource, body)) {
        const held = used.get(what)
        if (held !== undefined) used.set(what, held + sign * amount)
      }
    }
  }
  return used
}

/** The quota with this use in its status; itself when it says so already. */
function withUse(quota: KubernetesObject, used: Use): KubernetesObject {
  const hard = hardOf(quota)
  const texts: Record<string, string> = {}
  for (const what of [...used.keys()].sort()) texts[what] = amountText(what, used.get(what) as bigint)
  const status = Object.keys(hard).length === 0 ? EMPTY : Object.freeze({ hard, used: Object.freeze(texts) })
  return equalJson(fieldsOf(quota['status']), status) ? quota : (withField(quota, 'status', status) as KubernetesObject)
}
