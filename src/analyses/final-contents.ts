/** The objects at the end of a trace, as far as it shows them. Memory is that of their contents. */
import type { KubernetesObject } from '#api/object.ts'
import type { ObjectName } from '#trace/path.ts'
import { answeredObjects, compareVersions, nameOfObject } from './trace-names.ts'
import type { TraceAnalysis } from './trace-reader.ts'

/** Undefined: it is there, and its content is not in the trace. */
export type FinalContents = ReadonlyMap<ObjectName, KubernetesObject | undefined>

export interface FinalContentsAnalysis extends TraceAnalysis {
  result(): FinalContents
}

interface Latest {
  readonly version: string
  readonly removed: boolean
  readonly content?: KubernetesObject
}

export function createFinalContents(): FinalContentsAnalysis {
  const latest = new Map<ObjectName, Latest>()
  const see = (object: ObjectName, next: Latest): void => {
    const known = latest.get(object)
    const order = known === undefined ? 1 : compareVersions(next.version, known.version)
    // Of one version: a removal is last, and a content completes it.
    const isNews =
      order > 0 || (order === 0 && known?.removed === false && (next.removed || known.content === undefined))
    // A removal whose version is unknown comes after what is known.
    if (isNews) latest.set(object, next.version === '' ? { ...next, version: known?.version ?? '' } : next)
  }
  return {
    take(event) {
      if (event.type === 'delivery') {
        const { object, resourceVersion: version, event: type, value } = event
        const removed = type === 'DELETED'
        see(object, { version, removed, ...(value === undefined || removed ? {} : { content: value }) })
      }
      if (event.type !== 'call') return
      for (const { object, resourceVersion: version, removed } of event.committed ?? [])
        see(object, { version, removed })
      if (event.partial === true) return
      for (const content of answeredObjects(event)) {
        const version = content.metadata.resourceVersion
        if (version !== undefined) see(nameOfObject(content, event.object), { version, removed: false, content })
      }
    },
    result: () =>
      new Map([...latest].flatMap(([object, { removed, content }]) => (removed ? [] : [[object, content] as const]))),
  }
}
