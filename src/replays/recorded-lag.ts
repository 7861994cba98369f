/** How far the caches of recorded processes were behind at a step, as far as the recording proves it. */
import type { KubernetesObject, TypeReference } from '#api/object.ts'
import { createScheme, declareKind } from '#api/scheme.ts'
import type { TraceEvent } from '#trace/trace-event.ts'
import { recordedKinds } from './recorded-kinds.ts'
import { withoutVersion } from './recorded-state.ts'
import { type RecordedVersion, recordedVersions } from './recorded-versions.ts'

export interface RecordedLag {
  /** In the order of resourceVersions. */
  readonly changes: readonly { readonly before?: KubernetesObject; readonly after?: KubernetesObject }[]
  /** Of each controller and kind that its process watched: the first change that it had not been told of. */
  readonly behind: readonly {
    readonly controller: string
    readonly kind: TypeReference
    readonly from: number
    readonly namespace?: string
  }[]
}

interface Cache {
  readonly kind: TypeReference
  readonly namespaces: Set<string | undefined>
  told: number
  /** Watched by selectors, or metadata alone: what it was not told of is not known. */
  partial: boolean
}

/** Undefined: nobody was behind. */
export function unheardAtStep(events: readonly TraceEvent[], step: number): RecordedLag | undefined {
  const past = events.filter((event) => event.step <= step)
  const versions = recordedVersions(createScheme(recordedKinds(past).map((kind) => declareKind(kind))), past)
  const controllers = controllersOf(past)
  const caches = [...cachesOf(past)].flatMap(([process, kinds]) =>
    [...kinds.values()].filter(({ partial, told }) => !partial && told > 0).map((cache) => ({ process, cache })),
  )
  const changes = [...versions.all.values()]
    .filter(({ versions: [first] }) => isCached(first?.object, caches))
    .flatMap(({ versions: all }) => changesOf(all))
    .sort((left, right) => left.version - right.version)
  const behind = caches.flatMap(({ process, cache: { kind, told, namespaces } }) => {
    const index = changes.findIndex(({ version }) => version > told)
    const from = index < 0 ? changes.length : index
    const [namespace] = namespaces.size === 1 ? namespaces : []
    const named = namespace === undefined ? {} : { namespace }
    return [...(controllers.get(process) ?? [])].map((controller) => ({ controller, kind, from, ...named }))
  })
  const first = Math.min(...behind.map(({ from }) => from))
  if (!(first < changes.length)) return undefined
  return {
    changes: changes.slice(first).map(({ change }) => change),
    behind: behind.map((each) => ({ ...each, from: each.from - first })),
  }
}

function isCached(object: KubernetesObject | undefined, caches: readonly { readonly cache: Cache }[]): boolean {
  return caches.some(({ cache: { kind } }) => kind.apiVersion === object?.apiVersion && kind.kind === object.kind)
}

/** Of an object that was made anew under its name nothing is told: which of the two is meant is not certain. */
function changesOf(versions: readonly RecordedVersion[]) {
  const uids = new Set(versions.flatMap(({ object }) => object?.metadata.uid ?? []))
  const removed = versions.findIndex(({ object }) => object === undefined)
  if (uids.size > 1 || (removed >= 0 && removed < versions.length - 1)) return []
  return versions.map(({ version, object }, index) => {
    const before = versions[index - 1]?.object
    return {
      version,
      change: {
        ...(before === undefined ? {} : { before: withoutVersion(before) }),
        ...(object === undefined ? {} : { after: withoutVersion(object) }),
      },
    }
  })
}

/** Of processes that have reconciled: before, their caches may not have been filled yet. A process is a controller by its own name, too. */
function controllersOf(events: readonly TraceEvent[]): ReadonlyMap<string, ReadonlySet<string>> {
  const controllers = new Map<string, Set<string>>()
  for (const event of events) {
    if (event.type !== 'reconcile-begin') continue
    const names = controllers.get(event.process) ?? new Set([event.process])
    controllers.set(event.process, names)
    names.add(event.controller)
  }
  return controllers
}

function cachesOf(events: readonly TraceEvent[]): ReadonlyMap<string, ReadonlyMap<string, Cache>> {
  const processes = new Map<string, Map<string, Cache>>()
  const cacheOf = (process: string, { apiVersion, kind }: TypeReference): Cache => {
    const kinds = processes.get(process) ?? new Map<string, Cache>()
    processes.set(process, kinds)
    const key = `${apiVersion} ${kind}`
    const cache = kinds.get(key) ?? { kind: { apiVersion, kind }, namespaces: new Set(), told: 0, partial: false }
    kinds.set(key, cache)
    return cache
  }
  const tell = (cache: Cache, version: string | undefined): void => {
    cache.told = Math.max(cache.told, Number(version) || 0)
  }
  const watched = new Set<string>()
  for (const event of events) {
    if (event.type === 'watch-begin') {
      const cache = cacheOf(event.process, event.object)
      watched.add(`${event.process} ${event.object.apiVersion} ${event.object.kind}`)
      cache.namespaces.add(event.namespace)
      if (event.labelSelector !== undefined || event.fieldSelector !== undefined) cache.partial = true
      tell(cache, event.resourceVersion)
    }
    if (event.type === 'delivery' && event.value !== undefined) {
      const cache = cacheOf(event.process, event.value)
      if (event.partial === true) cache.partial = true
      tell(cache, event.resourceVersion)
    }
    // Lists of informers are no reconcile's.
    if (event.type === 'call' && event.verb === 'list' && event.process !== undefined && event.by === event.process)
      tell(cacheOf(event.process, event.object), event.resourceVersion)
  }
  for (const [process, kinds] of processes)
    for (const key of [...kinds.keys()]) if (!watched.has(`${process} ${key}`)) kinds.delete(key)
  return processes
}
