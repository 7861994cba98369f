/**
 * Which write woke which reconcile, and which reconcile made which write. Memory grows with the number of reconciles and
 * writes of the trace, not with its objects.
 */
import type { Cause, ObjectName, PathStep } from '#trace/path.ts'
import type { ApiCall, TraceEvent } from '#trace/trace-event.ts'
import { createToldVersions, type ToldVersion } from './told-versions.ts'
import { compareVersions, requestName } from './trace-names.ts'
import type { TraceAnalysis } from './trace-reader.ts'

export interface GraphWrite {
  readonly line: number
  readonly step: number
  readonly object: ObjectName
  readonly resourceVersion: string
  readonly removed: boolean
  /** `seen`: a watch of a recording told of it, and nobody in the trace wrote it. */
  readonly verb: ApiCall['verb'] | 'seen'
  readonly subresource?: string
  /** `user`, or a process of a recording; of a reconcile, its id; nobody's name for what was seen. */
  readonly by: string
}

export interface GraphReconcile {
  readonly id: string
  readonly line: number
  readonly step: number
  readonly controller: string
  readonly process: string
  /** `namespace/name`. */
  readonly request: string
  causes: readonly Cause[]
  /** The reconcile of the same request before it. */
  readonly previous: GraphReconcile | undefined
  readonly writes: GraphWrite[]
  result: PathStep['result'] | 'crashed' | undefined
  /** The recorder took these calls for a reconcile. */
  readonly inferred: boolean
}

export interface CausalGraph {
  reconcile(id: string): GraphReconcile | undefined
  readonly reconciles: readonly GraphReconcile[]
  readonly writes: readonly GraphWrite[]
  /** The writes behind an event. A step may write an object more than once. */
  writesOf(cause: Cause): readonly GraphWrite[]
  /** Reconciles that an event of this write woke. */
  wokenBy(write: GraphWrite): readonly GraphReconcile[]
}

export interface CausalGraphAnalysis extends TraceAnalysis {
  graph(): CausalGraph
}

/** Whether an event of this type may come of the write. */
export function isBehind({ removed }: GraphWrite, event: Cause['event']): boolean {
  return event === undefined || removed === (event === 'DELETED')
}

/**
 * Writes in the order of their versions: lines of a recording are in the order in which it heard of them. Where one of
 * them has no version, in that of their lines.
 */
export function inOrder(writes: Iterable<GraphWrite>): readonly GraphWrite[] {
  const all = [...writes].sort((left, right) => left.line - right.line)
  if (all.some(({ resourceVersion }) => resourceVersion === '')) return all
  return all.sort((left, right) => compareVersions(left.resourceVersion, right.resourceVersion))
}

interface Woken {
  readonly reconcile: GraphReconcile
  readonly event: Cause['event']
}

/** A cause whose write the recorder did not know: not yet answered, or nobody's who is recorded. */
interface Unknown {
  readonly reconcile: GraphReconcile
  readonly cause: Cause
  readonly seen: GraphWrite
}

type Begin = Extract<TraceEvent, { readonly type: 'reconcile-begin' }>
type Call = Extract<TraceEvent, { readonly type: 'call' }>

export function createCausalGraph(): CausalGraphAnalysis {
  const reconciles = new Map<string, GraphReconcile>()
  const latest = new Map<string, GraphReconcile>()
  const writes: GraphWrite[] = []
  const bySteps = new Map<number, GraphWrite[]>()
  const woken = new Map<string, Woken[]>()
  const told = createToldVersions()
  let unknown: Unknown[] = []
  const place = (step: number, object: ObjectName) => `${step} ${object}`

  const begin = (event: Begin, line: number): void => {
    const { reconcile: id, step, controller, causes, process = '' } = event
    const request = requestName(event.request)
    const previous = latest.get(`${controller} ${request}`)
    const at = { id, line, step, controller, process, request, causes, previous }
    const begun: GraphReconcile = { ...at, writes: [], result: undefined, inferred: event.inferred === true }
    reconciles.set(id, begun)
    latest.set(`${controller} ${request}`, begun)
    for (const cause of causes) {
      const isOfWrite = cause.type === 'event' || cause.type === 'start'
      if (!isOfWrite || cause.object === undefined || cause.step === undefined) continue
      const version = cause.type === 'event' && cause.step < 0 ? told.of(event, cause) : undefined
      const seen = version === undefined ? undefined : seenWrite(version)
      if (seen !== undefined) unknown.push({ reconcile: begun, cause, seen })
      else append(woken, place(cause.step, cause.object), { reconcile: begun, event: cause.event })
    }
  }
  /** Once all writes are known: each version is a write of the trace, or was seen first somewhere. */
  const settle = (): void => {
    const byVersion = new Map(writes.map((write) => [`${write.object} ${write.resourceVersion}`, write]))
    for (const { reconcile, cause, seen } of unknown) {
      const key = `${seen.object} ${seen.resourceVersion}`
      const known = byVersion.get(key)
      const behind = known ?? seen
      if (known === undefined) {
        byVersion.set(key, seen)
        append(bySteps, seen.step, seen)
      }
      reconcile.causes = reconcile.causes.map((each) => (each === cause ? { ...cause, step: behind.step } : each))
      append(woken, place(behind.step, behind.object), { reconcile, event: cause.event })
    }
    unknown = []
  }
  const write = (call: Call, line: number): void => {
    const { step, verb, subresource, by } = call
    const of = subresource === undefined ? {} : { subresource }
    for (const { object, resourceVersion, removed } of call.committed ?? []) {
      const made: GraphWrite = { line, step, object, resourceVersion, removed, verb, ...of, by }
      writes.push(made)
      reconciles.get(by)?.writes.push(made)
      append(bySteps, step, made)
    }
  }
  return {
    take(event, { line }) {
      if (event.type === 'reconcile-begin') begin(event, line)
      else if (event.type === 'call') write(event, line)
      else if (event.type === 'delivery') told.take(event, line)
      else if (event.type === 'reconcile-end') conclude(reconciles.get(event.reconcile), event.result)
      else if (event.type === 'crash') for (const id of event.abandoned) conclude(reconciles.get(id), 'crashed')
    },
    graph() {
      settle()
      return {
        reconcile: (id) => reconciles.get(id),
        reconciles: [...reconciles.values()],
        writes: [...bySteps.values()].flat().sort((left, right) => left.line - right.line),
        writesOf: ({ step = -1, object, event }) =>
          (bySteps.get(step) ?? []).filter((each) => each.object === object && isBehind(each, event)),
        wokenBy: (cause) =>
          (woken.get(place(cause.step, cause.object)) ?? []).flatMap(({ reconcile, event }) =>
            isBehind(cause, event) ? [reconcile] : [],
          ),
      }
    },
  }
}

function seenWrite(version: ToldVersion): GraphWrite {
  return { ...version, verb: 'seen', by: '' }
}

function conclude(reconcile: GraphReconcile | undefined, result: GraphReconcile['result']): void {
  if (reconcile !== undefined) reconcile.result = result
}

function append<K, V>(lists: Map<K, V[]>, key: K, value: V): void {
  const list = lists.get(key)
  if (list === undefined) lists.set(key, [value])
  else list.push(value)
}
