/** The objects of a recorded cluster after a step, as far as they went by. */
import type { KubernetesObject, TypeReference } from '#api/object.ts'
import type { ApiCall, TraceEvent } from '#trace/trace-event.ts'
import { createSelections } from './watch-selections.ts'

/**
 * By the newest resourceVersion of each: lists, reads, answers of writes and watch events all tell. Secrets have the data
 * that the trace has; Events and Leases are left out.
 */
export function objectsAtStep(events: readonly TraceEvent[], step: number): readonly KubernetesObject[] {
  const stored = new Map<string, Stored>()
  const selections = createSelections()
  let now = 0
  const tell = (object: KubernetesObject, removed: boolean, isSure = true): void => {
    const { namespace, name, resourceVersion = '0' } = object.metadata
    if (name === undefined || object.kind === 'Event' || object.kind === 'Lease') return
    const key = keyOf(object, namespace, name)
    const version = Number(resourceVersion)
    const known = stored.get(key)
    if (
      known === undefined ||
      version > known.version ||
      (version === known.version && isSure && (removed || !known.isSure))
    )
      stored.set(key, { version, object: removed ? undefined : object, isSure, step: now })
  }
  /** A delete may be answered without the object, and no watch tell of it. What was told since it was sent may be newer. */
  const remove = ({ object, namespace, name = '', sent = Number.POSITIVE_INFINITY }: ApiCall): void => {
    const key = keyOf(object, namespace, name)
    const known = stored.get(key)
    if (known !== undefined && known.step < sent) stored.set(key, { ...known, object: undefined, isSure: true })
  }
  for (const event of events) {
    if (event.step > step) break
    now = event.step
    selections.take(event)
    // Of metadata alone the rest is not known: what was known of the object stays.
    if (event.type === 'delivery' && event.value !== undefined && (event.partial !== true || event.event === 'DELETED'))
      tell(event.value, event.event === 'DELETED', event.event !== 'DELETED' || !selections.mayBe(event))
    if (event.type === 'call') tellCall(event, tell, remove)
  }
  return [...stored.values()].flatMap(({ object }) => (object === undefined ? [] : [withoutVersion(object)]))
}

interface Stored {
  readonly version: number
  readonly object: KubernetesObject | undefined
  /** A removal of which a watch with selectors told may be none. */
  readonly isSure: boolean
  /** That told of it. */
  readonly step: number
}

function keyOf({ apiVersion, kind }: TypeReference, namespace: string | undefined, name: string): string {
  return `${apiVersion.replace(/\/.*/, '')} ${kind} ${namespace ?? ''}/${name}`
}

function tellCall(
  call: ApiCall,
  tell: (object: KubernetesObject, removed: boolean) => void,
  remove: (call: ApiCall) => void,
): void {
  const { verb, response, partial, subresource, committed = [] } = call
  if (partial === true || (subresource !== undefined && subresource !== 'status')) return
  const isGone = committed.some(({ removed }) => removed)
  if (verb === 'delete' && isGone && 'object' in response && response.object === null) return remove(call)
  if ('items' in response) for (const item of response.items) tell(item, false)
  if ('object' in response && response.object !== null) tell(response.object, isGone)
}

/** Versions of another cluster mean nothing here. */
export function withoutVersion(object: KubernetesObject): KubernetesObject {
  const { resourceVersion: _, managedFields: __, ...metadata } = object.metadata
  return { ...object, metadata }
}
