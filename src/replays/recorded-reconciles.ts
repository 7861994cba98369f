/** The reconciles of a trace, each with what it asked and was answered; and what its process had been told by then. */
import type { Json, KubernetesObject, NamespacedName } from '#api/object.ts'
import type { ApiCall, TraceEvent } from '#trace/trace-event.ts'

export type RecordedCall = Extract<TraceEvent, { readonly type: 'call' | 'other-call' }>

export interface RecordedReconcile {
  readonly id: string
  readonly controller: string
  readonly process: string
  readonly request: NamespacedName
  readonly step: number
  readonly timeMs: number | undefined
  readonly inferred: boolean
  readonly memory: Json | undefined
  readonly calls: readonly RecordedCall[]
  /** Undefined: it was abandoned, or the trace ends before it. */
  readonly end: Extract<TraceEvent, { readonly type: 'reconcile-end' }> | undefined
  /** The recorder had no room for events while it ran: some of its calls may be missing. */
  readonly hasGaps: boolean
  /** What informers of its process had been told when it began; of recordings alone. */
  readonly view: ProcessView
}

/** What a process has been told by lists and watches. Kept as one change after the other, and read as of a moment. */
export interface ProcessView {
  /** Whether the process lists or watches the kind. */
  knows(apiVersion: string, kind: string): boolean
  get(apiVersion: string, kind: string, key: NamespacedName): KubernetesObject | undefined
  list(apiVersion: string, kind: string, namespace: string | undefined): readonly KubernetesObject[]
}

interface Building extends Omit<RecordedReconcile, 'calls' | 'end' | 'hasGaps'> {
  readonly calls: RecordedCall[]
  hasGaps: boolean
  end: RecordedReconcile['end']
}

export function recordedReconciles(events: readonly TraceEvent[]): readonly RecordedReconcile[] {
  const reconciles: Building[] = []
  const open = new Map<string, Building>()
  const stores = new Map<string, ViewStore>()
  const storeOf = (process: string): ViewStore => {
    const store = stores.get(process) ?? createViewStore()
    stores.set(process, store)
    return store
  }
  for (const event of events) {
    switch (event.type) {
      case 'reconcile-begin': {
        const building: Building = {
          id: event.reconcile,
          controller: event.controller,
          process: event.process,
          request: event.request,
          step: event.step,
          timeMs: event.timeMs,
          inferred: event.inferred === true,
          memory: event.memory,
          calls: [],
          end: undefined,
          hasGaps: false,
          view: storeOf(event.process).now(),
        }
        reconciles.push(building)
        open.set(event.reconcile, building)
        break
      }
      case 'call':
      case 'other-call': {
        const building = open.get(event.by)
        building?.calls.push(event)
        if (event.type === 'call' && building === undefined && event.process !== undefined)
          storeOf(event.process).listed(event)
        break
      }
      case 'watch-begin':
        storeOf(event.process).watched(event.object.apiVersion, event.object.kind)
        break
      case 'delivery':
        if (event.value !== undefined) storeOf(event.process).told(event.value, event.event === 'DELETED')
        break
      case 'dropped':
        for (const building of open.values()) building.hasGaps = true
        break
      case 'reconcile-end': {
        const building = open.get(event.reconcile)
        if (building !== undefined) building.end = event
        open.delete(event.reconcile)
        break
      }
      default:
    }
  }
  return reconciles
}

interface ViewStore {
  told(object: KubernetesObject, removed: boolean): void
  listed(call: ApiCall): void
  watched(apiVersion: string, kind: string): void
  now(): ProcessView
}

interface Change {
  readonly at: number
  readonly object: KubernetesObject | undefined
}

function createViewStore(): ViewStore {
  /** By kind, by name: what was told, in order. */
  const kinds = new Map<string, Map<string, Change[]>>()
  let clock = 0
  const kindOf = (apiVersion: string, kind: string): Map<string, Change[]> => {
    const key = `${apiVersion} ${kind}`
    const known = kinds.get(key) ?? new Map<string, Change[]>()
    kinds.set(key, known)
    return known
  }
  const told = (object: KubernetesObject, removed: boolean): void => {
    const objects = kindOf(object.apiVersion, object.kind)
    const key = keyOf(object.metadata.namespace, object.metadata.name ?? '')
    const changes = objects.get(key) ?? []
    changes.push({ at: ++clock, object: removed ? undefined : object })
    objects.set(key, changes)
  }
  return {
    told,
    watched: (apiVersion, kind) => void kindOf(apiVersion, kind),
    listed({ verb, response, partial, object }) {
      if (verb !== 'list' || !('items' in response) || partial === true) return
      kindOf(object.apiVersion, object.kind)
      for (const item of response.items) told(item, false)
    },
    now() {
      const moment = clock
      const asOf = (changes: readonly Change[] | undefined): KubernetesObject | undefined =>
        changes?.findLast(({ at }) => at <= moment)?.object
      return {
        knows: (apiVersion, kind) => kinds.has(`${apiVersion} ${kind}`),
        get: (apiVersion, kind, { namespace, name }) =>
          asOf(kinds.get(`${apiVersion} ${kind}`)?.get(keyOf(namespace, name))),
        list: (apiVersion, kind, namespace) =>
          [...(kinds.get(`${apiVersion} ${kind}`)?.values() ?? [])]
            .flatMap((changes) => asOf(changes) ?? [])
            .filter((object) => namespace === undefined || namespace === '' || object.metadata.namespace === namespace),
      }
    },
  }
}

function keyOf(namespace: string | undefined, name: string): string {
  return `${namespace ?? ''}/${name}`
}
