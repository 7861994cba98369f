/**
 * What the analyses tell of a path, for inspectors: why a step is there and how far behind it saw, what became of an
 * object and where its changes came from. Steps are told in their order, since a story is easier to follow than a tree.
 */
import { count } from '#inspect/plain-text.ts'
import { causeText, stepTitle } from '#inspect/step-text.ts'
import type { Cause, ObjectName, PathRecord, PathStep } from '#trace/path.ts'
import type { GraphReconcile, GraphWrite } from './causal-graph.ts'
import { graphOfPath, type PathGraph } from './path-graph.ts'
import { lifeLines } from './path-life.ts'
import { type Analysis, type AnalysisLine, line, shortened } from './path-lines.ts'
import { stalenessLines } from './path-staleness.ts'
import { findProvenance } from './provenance.ts'
import { explainAll } from './why.ts'

/** Changes of an object whose origins are looked for. */
const CHANGES_MAX = 100
/** Looking for an origin may lead through all steps: so many are gone through in all. */
const VISITS_MAX = 200_000

/** @param index of the step; nothing is told of one that the path has not */
export function stepAnalyses(path: PathRecord, index: number): readonly Analysis[] {
  const step = path.steps.find((each) => each.index === index)
  if (step === undefined) return []
  return kept(path, `${index}`, (graph) => [
    { title: 'Why: what led to this step', lines: whyLines(path, graph, step) },
    { title: 'Staleness: how far behind its reads were', lines: shortened(stalenessLines(path, graph, step)) },
  ])
}

/** @param width characters that a field may have */
export function objectAnalyses(path: PathRecord, object: ObjectName, width: number): readonly Analysis[] {
  return kept(path, `${width} ${object}`, (graph) => [
    { title: `Lifecycle of ${object}`, lines: shortened(lifeLines(path, object, width)) },
    { title: `Provenance of ${object}`, lines: shortened(provenanceLines(path, graph, object)) },
  ])
}

interface Kept {
  readonly graph: PathGraph
  question?: string
  answer?: readonly Analysis[]
}

/** The graph of each path, and what was asked of it last: an inspector asks again whenever it draws. */
const keptOf = new WeakMap<PathRecord, Kept>()

function kept(
  path: PathRecord,
  question: string,
  answered: (graph: PathGraph) => readonly Analysis[],
): readonly Analysis[] {
  const known = keptOf.get(path) ?? { graph: graphOfPath(path) }
  const answer = known.question === question && known.answer !== undefined ? known.answer : answered(known.graph)
  keptOf.set(path, { graph: known.graph, question, answer })
  return answer
}

function whyLines(path: PathRecord, graph: PathGraph, step: PathStep): readonly AnalysisLine[] {
  const reconcile = graph.reconcileOf(step)
  if (reconcile === undefined) return [line(unaskedText(step))]
  const { reconciles, external } = explainAll(graph, [reconcile])
  const told = new Map(path.steps.map((each) => [each.index, each]))
  const steps = [...new Set([...reconciles, ...external].map((each) => each.step))].sort((a, b) => a - b)
  const lines = steps.flatMap((index) => {
    const each = told.get(index)
    if (each === undefined) return []
    const of = graph.reconcileOf(each)
    return [line(stepTitle(each), { step: index }), ...(of === undefined ? [] : causeLines(of, told))]
  })
  const isKnown = reconciles.every(({ causes }) => causes.length > 0 && !causes.some(({ byOthers }) => byOthers))
  const began =
    external.length === 0 && isKnown
      ? [line('Nothing from outside led to it: it began with the state at the start.')]
      : []
  return [...began, ...shortened(lines, 'newest')]
}

function unaskedText({ type }: PathStep): string {
  switch (type) {
    case 'user':
      return 'Nothing in the cluster led to it: it comes from outside.'
    case 'timer':
      return 'A timer that a reconcile before it set was due.'
    case 'catch-up':
      return 'An event that was on its way reached the process: when it does is open while its watch lags.'
    default:
      return 'Nothing in the cluster led to it: the environment chooses when it happens.'
  }
}

/** One a step that woke it. */
function causeLines(reconcile: GraphReconcile, told: ReadonlyMap<number, PathStep>): readonly AnalysisLine[] {
  if (reconcile.causes.length === 0) return [line('because of nothing that is known', { depth: 1 })]
  const byOrigin = new Map<number | undefined, Cause[]>()
  for (const cause of reconcile.causes) {
    const origin =
      cause.type === 'retry' || cause.type === 'timer' ? (cause.step ?? reconcile.previous?.step) : cause.step
    byOrigin.set(origin, [...(byOrigin.get(origin) ?? []), cause])
  }
  return [...byOrigin].map(([origin, causes]) => {
    const texts = [...new Set(causes.map(({ step: _, ...cause }) => causeText(cause)))]
    const from = origin === undefined ? '' : origin < 0 ? ' (there from the start)' : `, in step ${origin + 1}`
    const leads = origin !== undefined && told.has(origin) ? { leadsTo: origin } : {}
    return line(`because ${texts.join(', ')}${from}`, { depth: 1, ...leads })
  })
}

function provenanceLines(path: PathRecord, graph: PathGraph, object: ObjectName): readonly AnalysisLine[] {
  const all = graph.writes.filter((write) => write.object === object)
  const changesMax = Math.max(1, Math.min(CHANGES_MAX, Math.floor(VISITS_MAX / path.steps.length)))
  const writes = all.slice(-changesMax)
  const found = findProvenance({ ...graph, writes }, object)
  if (found === undefined) return [line('Nothing in this path changes it.')]
  const titles = new Map(path.steps.map((each) => [each.index, stepTitle(each)]))
  const steps = new Map(found.external.map(({ write }) => [write.line, write.step]))
  const left = all.length - writes.length
  return [
    ...(left === 0 ? [] : [line(`(${count(left, 'earlier change')} left out)`)]),
    ...found.changes.flatMap(({ write, external }) => {
      const roots = [...new Set(external.flatMap((each) => steps.get(each) ?? []))]
      const title = line(`${changeText(write)} in: ${titles.get(write.step) ?? ''}`, { step: write.step })
      if (roots.length === 0) return [title, ...causelessLines(graph, write, titles)]
      if (roots.length === 1 && roots[0] === write.step) return [title, line('it came from outside', { depth: 1 })]
      return [title, ...roots.map((root) => line(`began with: ${titles.get(root) ?? ''}`, { depth: 1, leadsTo: root }))]
    }),
    ...found.external.flatMap(({ write, caused }) => {
      const others = caused
        .flatMap((each) => each.writes)
        .filter((each) => each.object !== object)
        .sort((a, b) => a.line - b.line)
      const title = line(
        `${titles.get(write.step) ?? ''} ${others.length === 0 ? 'caused nothing else' : 'caused, besides:'}`,
        { step: write.step, isHeading: true },
      )
      return [title, ...others.map((each) => line(`${each.object} ${changeText(each)}`, { depth: 1, step: each.step }))]
    }),
  ]
}

/** Where nothing came from outside: reconciles that nothing is known to have woken, as recorders infer them of programs. */
function causelessLines(
  graph: PathGraph,
  { by }: GraphWrite,
  titles: ReadonlyMap<number, string>,
): readonly AnalysisLine[] {
  const author = graph.reconcile(by)
  const { reconciles } = author === undefined ? { reconciles: [] } : explainAll(graph, [author])
  const others = reconciles.flatMap(({ causes, step }) =>
    causes.filter(({ byOthers }) => byOthers).map((cause) => ({ step, text: causeText(cause) })),
  )
  const first = reconciles.filter(({ causes }) => causes.length === 0)
  if (others.length > 0) return others.map(({ step, text }) => line(`began with: ${text}`, { depth: 1, leadsTo: step }))
  if (first.length === 0) return [line('nothing from outside led to it', { depth: 1 })]
  return first.map(({ step }) =>
    line(`began with: ${titles.get(step) ?? ''}, and nothing that is known led to that`, { depth: 1, leadsTo: step }),
  )
}

function changeText({ verb, removed, subresource }: GraphWrite): string {
  if (removed) return 'removed'
  const of = subresource === undefined ? '' : ` (${subresource})`
  return `${verb === 'create' && subresource === undefined ? 'created' : verb === 'delete' ? 'marked for deletion' : 'changed'}${of}`
}
