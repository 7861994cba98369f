/**
 * Why a reconcile ran, as far as a recorder can tell: the events that reached its process since the last reconcile of
 * the same request, of the object that the request names or of one that it owns. Predicates and mapping functions are
 * inside the program and not seen. Which write an event tells of is known by its resourceVersion.
 */
import type { KubernetesObject } from '#api/object.ts'
import type { Cause, ObjectName } from '#trace/path.ts'

interface Seen extends Cause {
  readonly version: string
  readonly uid?: string
}

interface Removal {
  readonly step: number
  /** That of the first event that tells of it, where its answer had none. */
  uid: string | undefined
}

export interface Causes {
  /** An event reached a process. `isFirst`: it came with the list, not with a change. */
  delivered(process: string, event: 'ADDED' | 'MODIFIED' | 'DELETED', object: KubernetesObject, isFirst: boolean): void
  /** A step of the trace wrote this version. */
  wrote(object: KubernetesObject | undefined, step: number): void
  /** A step removed the object. The event has a version of its own, which no answer has. */
  removed(object: ObjectName, uid: string | undefined, step: number): void
  /** Why the process reconciles this request now; the same is not given twice. */
  take(process: string, request: { readonly namespace?: string; readonly name: string }): readonly Cause[]
  /** The reconcile is tried again, or asked to be. */
  again(process: string, request: { readonly namespace?: string; readonly name: string }, type: 'retry' | 'timer'): void
}

/** Requests and versions that are remembered: the oldest are forgotten first. */
const REMEMBERED = 200_000
const CAUSES_MAX = 64

export function createCauses(): Causes {
  const pending = new Map<string, Seen[]>()
  const writers = new Map<string, number>()
  const removals = new Map<ObjectName, Removal>()
  const removalOf = ({ object = '', event, uid }: Seen): number | undefined => {
    const removal = event === 'DELETED' ? removals.get(object) : undefined
    if (removal === undefined || (removal.uid ?? uid) !== uid) return undefined
    removal.uid = uid
    return removal.step
  }
  const add = (key: string, cause: Seen): void => {
    const list = pending.get(key)
    if (list === undefined) pending.set(key, [cause])
    else if (list.length < CAUSES_MAX) list.push(cause)
    forgetOldest(pending)
  }
  return {
    delivered(process, event, object, isFirst) {
      const { namespace, name = '', ownerReferences = [], resourceVersion = '', uid } = object.metadata
      const seen = { object: objectName(object), version: resourceVersion, ...(uid === undefined ? {} : { uid }) }
      const cause: Seen = isFirst ? { type: 'start', ...seen } : { type: 'event', event, ...seen }
      const names = new Set([name, ...ownerReferences.map((owner) => owner.name)])
      for (const each of names) add(keyOf(process, namespace, each), cause)
    },
    wrote(object, step) {
      const version = object?.metadata?.resourceVersion
      if (object === undefined || version === undefined) return
      writers.set(`${objectName(object)} ${version}`, step)
      forgetOldest(writers)
    },
    removed(object, uid, step) {
      removals.set(object, { step, uid })
      forgetOldest(removals)
    },
    take(process, { namespace, name }) {
      const key = keyOf(process, namespace, name)
      const seen = pending.get(key) ?? []
      pending.delete(key)
      return seen.map((each) => {
        const { version, uid: _, ...cause } = each
        if (cause.object === undefined) return cause
        return { ...cause, step: removalOf(each) ?? writers.get(`${cause.object} ${version}`) ?? -1 }
      })
    },
    again(process, { namespace, name }, type) {
      add(keyOf(process, namespace, name), { type, version: '' })
    },
  }
}

function forgetOldest(map: Map<string, unknown>): void {
  if (map.size <= REMEMBERED) return
  const [oldest] = map.keys()
  map.delete(oldest as string)
}

function keyOf(process: string, namespace: string | undefined, name: string): string {
  return `${process}\n${namespace ?? ''}\n${name}`
}

export function objectName({ kind, metadata }: KubernetesObject): string {
  return metadata.namespace === undefined
    ? `${kind} ${metadata.name ?? ''}`
    : `${kind} ${metadata.namespace}/${metadata.name ?? ''}`
}
