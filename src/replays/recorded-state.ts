/** The objects of a recorded cluster after a step, as far as they went by. */
import type { KubernetesObject } from '#api/object.ts'
import type { ApiCall, TraceEvent } from '#trace/trace-event.ts'
import { createSelections } from './watch-selections.ts'

/**
 * By the newest resourceVersion of each: lists, reads, answers of writes and watch events all tell. Secrets have the data
 * that the trace has; Events and Leases are left out.
 */
export function objectsAtStep(events: readonly TraceEvent[], step: number): readonly KubernetesObject[] {
  const stored = new Map<
    string,
    { readonly version: number; readonly object: KubernetesObject | undefined; readonly isSure: boolean }
  >()
  const selections = createSelections()
  const tell = (object: KubernetesObject, removed: boolean, isSure = true): void => {
    const { namespace = '', name, resourceVersion = '0' } = object.metadata
    if (name === undefined || object.kind === 'Event' || object.kind === 'Lease') return
    const key = `${object.apiVersion.replace(/\/.*/, '')} ${object.kind} ${namespace}/${name}`
    const version = Number(resourceVersion)
    const known = stored.get(key)
    if (
      known === undefined ||
      version > known.version ||
      (version === known.version && isSure && (removed || !known.isSure))
    )
      stored.set(key, { version, object: removed ? undefined : object, isSure })
  }
  for (const event of events) {
    if (event.step > step) break
    selections.take(event)
    // Of metadata alone the rest is not known: what was known of the object stays.
    if (event.type === 'delivery' && event.value !== undefined && (event.partial !== true || event.event === 'DELETED'))
      tell(event.value, event.event === 'DELETED', event.event !== 'DELETED' || !selections.mayBe(event))
    if (event.type === 'call') tellCall(event, tell)
  }
  return [...stored.values()].flatMap(({ object }) => (object === undefined ? [] : [withoutVersion(object)]))
}

function tellCall(call: ApiCall, tell: (object: KubernetesObject, removed: boolean) => void): void {
  const { response, partial, subresource, committed = [] } = call
  if (partial === true || (subresource !== undefined && subresource !== 'status')) return
  if ('items' in response) for (const item of response.items) tell(item, false)
  if ('object' in response && response.object !== null)
    tell(
      response.object,
      committed.some(({ removed }) => removed),
    )
}

/** Versions of another cluster mean nothing here. */
export function withoutVersion(object: KubernetesObject): KubernetesObject {
  const { resourceVersion: _, managedFields: __, ...metadata } = object.metadata
  return { ...object, metadata }
}
