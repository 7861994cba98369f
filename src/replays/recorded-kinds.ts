/** The kinds of a trace that no API server has of itself, as far as it shows them. */
import type { KubernetesObject, TypeReference } from '#api/object.ts'
import { createScheme } from '#api/scheme.ts'
import type { TraceEvent } from '#trace/trace-event.ts'

export interface RecordedKind extends TypeReference {
  readonly namespaced: boolean
}

/** Whether a kind lies in namespaces is told by its objects and by calls of one object; without any it is taken to. */
export function recordedKinds(events: readonly TraceEvent[]): readonly RecordedKind[] {
  const builtIn = createScheme()
  const kinds = new Map<string, RecordedKind>()
  const tell = ({ apiVersion, kind }: TypeReference, namespaced: boolean | undefined): void => {
    if (builtIn.byKind(apiVersion, kind) !== undefined) return
    const key = `${apiVersion} ${kind}`
    if (namespaced !== undefined || !kinds.has(key))
      kinds.set(key, { apiVersion, kind, namespaced: namespaced ?? kinds.get(key)?.namespaced ?? true })
  }
  const tellObject = (object: KubernetesObject): void => tell(object, object.metadata.namespace !== undefined)
  for (const event of events) {
    if (event.type === 'watch-begin') tell(event.object, event.namespace === undefined ? undefined : true)
    if (event.type === 'delivery' && event.value !== undefined && event.partial !== true) tellObject(event.value)
    if (event.type !== 'call') continue
    const isOfOne = event.name !== undefined && event.verb !== 'create'
    tell(event.object, event.namespace !== undefined ? true : isOfOne ? false : undefined)
    if (event.partial === true) continue
    if ('items' in event.response) event.response.items.forEach(tellObject)
    else if ('object' in event.response && event.response.object !== null) tellObject(event.response.object)
  }
  return [...kinds.values()]
}
