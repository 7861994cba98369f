/**
 * The causal graph of a path of an inspector, so that what is asked of traces can be asked of findings too. A write
 * has no line there: it is numbered in the order in which the path tells it.
 */
import type { PathRecord, PathStep, WriteRecord } from '#trace/path.ts'
import { type CausalGraph, type GraphReconcile, type GraphWrite, isBehind } from './causal-graph.ts'
import { requestName } from './trace-names.ts'

export interface PathGraph extends CausalGraph {
  /** The reconcile that a step is of, or goes on with. */
  reconcileOf(step: PathStep): GraphReconcile | undefined
}

/** Of a step that reconciles; undefined of one that nobody's reconcile is in. */
function requestOf({ controller, request, process = '' }: PathStep): string | undefined {
  if (controller === undefined) return undefined
  return `${process} ${controller} ${request === undefined ? '' : requestName(request)}`
}

export function graphOfPath({ steps }: PathRecord): PathGraph {
  const byStep = new Map<number, GraphReconcile>()
  const byId = new Map<string, GraphReconcile>()
  const latest = new Map<string, GraphReconcile>()
  const writes: GraphWrite[] = []
  const writesBy = new Map<string, GraphWrite[]>()
  const woken = new Map<string, { readonly reconcile: GraphReconcile; readonly event: GraphWokenBy }[]>()
  for (const step of steps) {
    const key = requestOf(step)
    const reconcile = key === undefined ? undefined : begunOrGoingOn(step, latest.get(key), writes.length)
    if (key !== undefined && reconcile !== undefined) {
      if (!byId.has(reconcile.id)) {
        for (const { type, object, step: origin, event } of reconcile.causes)
          if (type === 'event' && object !== undefined && origin !== undefined)
            append(woken, `${origin} ${object}`, { reconcile, event })
      }
      latest.set(key, reconcile)
      byId.set(reconcile.id, reconcile)
      byStep.set(step.index, reconcile)
      if (step.result !== undefined) reconcile.result = step.result
    }
    for (const write of step.writes) {
      if (write.outcome !== 'committed' || write.op === 'call') continue
      const made = graphWrite(write, step, reconcile?.id ?? step.process ?? 'user', writes.length)
      writes.push(made)
      reconcile?.writes.push(made)
      append(writesBy, `${step.index} ${write.object}`, made)
    }
  }
  return {
    reconcile: (id) => byId.get(id),
    reconciles: [...byId.values()],
    reconcileOf: ({ index }) => byStep.get(index),
    writes,
    writesOf: ({ step = -1, object, event }) =>
      (writesBy.get(`${step} ${object}`) ?? []).filter((write) => isBehind(write, event)),
    wokenBy: (write) =>
      (woken.get(`${write.step} ${write.object}`) ?? []).flatMap(({ reconcile, event }) =>
        isBehind(write, event) ? [reconcile] : [],
      ),
  }
}

type GraphWokenBy = PathStep['causes'][number]['event']

/** A timer that fires is no reconcile yet. */
function begunOrGoingOn(
  step: PathStep,
  previous: GraphReconcile | undefined,
  line: number,
): GraphReconcile | undefined {
  if (step.type === 'write') return previous
  if (step.type !== 'reconcile' && step.type !== 'begin') return undefined
  const { index, controller = '', process = '', request, causes } = step
  const id = `reconcile of step ${index + 1}`
  const name = request === undefined ? '' : requestName(request)
  const of = { controller, process, request: name, causes, previous, writes: [], inferred: false }
  return { id, line, step: index, ...of, result: undefined }
}

function graphWrite(write: WriteRecord, step: PathStep, by: string, line: number): GraphWrite {
  const { object, op, subresource, after } = write
  const of = subresource === undefined ? {} : { subresource }
  const resourceVersion = after?.metadata.resourceVersion ?? ''
  const verb = op as GraphWrite['verb']
  return { line, step: step.index, object, resourceVersion, removed: isRemoval(write), verb, ...of, by }
}

/** A recording may know neither content. */
export function isRemoval({ op, outcome, before, after }: WriteRecord): boolean {
  if (outcome !== 'committed' || after !== undefined) return false
  return before !== undefined || op === 'delete' || op === 'deletecollection'
}

function append<K, V>(lists: Map<K, V[]>, key: K, value: V): void {
  const list = lists.get(key)
  if (list === undefined) lists.set(key, [value])
  else list.push(value)
}
