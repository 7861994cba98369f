/**
 * The summary of a path, for inspectors: its steps are told to the same fold that summarises traces, so that both
 * count alike. A path has a write for each object that a call changed, and its writes are counted so.
 */
import { count, formatNumber } from '#inspect/plain-text.ts'
import type { ObjectName, PathRecord, PathStep, ReadRecord, WriteRecord } from '#trace/path.ts'
import type { ApiCall, TraceEvent } from '#trace/trace-event.ts'
import { HOT_LOOP_MIN } from './hot-loops.ts'
import { isRemoval } from './path-graph.ts'
import { type Analysis, type AnalysisLine, line, shortened } from './path-lines.ts'
import { type ControllerSummary, createSummary, type TraceSummary } from './summary.ts'
import { kindOf, requestName } from './trace-names.ts'

/** Where a trace's summary names a line, this has the index of a step. */
export function summaryOfPath({ steps, recorded }: PathRecord): TraceSummary {
  const summary = createSummary(recorded)
  const open = new Map<string, string>()
  for (const step of steps)
    for (const event of eventsOf(step, open)) summary.take(event, { line: step.index, offset: 0 })
  return summary.result()
}

const keptOf = new WeakMap<PathRecord, readonly Analysis[]>()

/** What each controller did on the way, and what looks wrong in it; parts that have nothing to tell are left out. */
export function summaryAnalyses(path: PathRecord): readonly Analysis[] {
  const known = keptOf.get(path) ?? analysesOf(summaryOfPath(path))
  keptOf.set(path, known)
  return known
}

function analysesOf(summary: TraceSummary): readonly Analysis[] {
  const { controllers, otherWrites, crashes, hotLoops, fights, mostChanged } = summary
  const section = (title: string, lines: readonly AnalysisLine[]): readonly Analysis[] =>
    lines.length === 0 ? [] : [{ title, lines: shortened(lines) }]
  return [
    {
      title: 'Summary: what each controller did',
      lines:
        controllers.length === 0 ? [line('No reconciles are on this path.')] : shortened(controllers.flatMap(told)),
    },
    ...section(
      `Hot loops: ${HOT_LOOP_MIN} reconciles in a row or more that nothing but their own writes or retries woke`,
      hotLoops.map(({ controller, request, reconciles, line: step }) =>
        line(`${controller} ${request}: ${formatNumber(reconciles)} in a row, from step ${step + 1}`, {
          leadsTo: step,
          tone: 'odd',
        }),
      ),
    ),
    ...section(
      'Fights: fields that two writers take from each other',
      fights.map(({ object, field, between, returns, lines: [first, last] }) =>
        line(
          `${object} ${field}: ${between.join(' and ')}, put back ${count(returns, 'time')} (steps ${first + 1} to ${last + 1})`,
          { leadsTo: first, tone: 'odd' },
        ),
      ),
    ),
    ...section(
      'Changed most often',
      mostChanged.map(({ object, changes }) => line(`${object}: ${count(changes, 'change')}`)),
    ),
    ...section('Besides', [
      ...Object.entries(otherWrites).map(([by, writes]) => line(`${count(writes, 'write')} by ${by}, in no reconcile`)),
      ...(crashes === 0 ? [] : [line(count(crashes, 'crash', 'crashes'), { tone: 'odd' })]),
    ]),
  ]
}

function told(summary: ControllerSummary): readonly AnalysisLine[] {
  const { controller, process, conflicts, failures, recreations, unreadWatches, causes } = summary
  const counted = (number: number, what: string) => (number === 0 ? [] : [`${formatNumber(number)} ${what}`])
  const facts = (values: Readonly<Record<string, number>>) =>
    Object.entries(values).map(([what, times]) => `${what} ${formatNumber(times)}`)
  const reconciles = [
    count(summary.reconciles, 'reconcile'),
    ...counted(summary.noOps, 'without effect'),
    ...counted(summary.errors, 'failed'),
    ...counted(summary.unfinished, 'unfinished'),
  ]
  const calls = [
    count(summary.reads, 'read'),
    ...counted(summary.cachedReads, 'from its cache'),
    count(summary.writes, 'write'),
    ...counted(summary.unchangedWrites, 'of which changed nothing'),
  ]
  const odd = [
    ...(conflicts === 0 ? [] : [`${count(conflicts, 'write')} answered with a conflict`]),
    ...facts(failures).map((failure) => `failed writes: ${failure}`),
    ...(recreations === 0 ? [] : [`${count(recreations, 'object')} created again after a removal`]),
    ...(unreadWatches.length === 0
      ? []
      : [`woken by kinds that it never reads or writes: ${unreadWatches.join(', ')}`]),
  ]
  return [
    line(process === '' || process === controller ? controller : `${controller}, in process ${process}`, {
      isHeading: true,
    }),
    line(reconciles.join(', '), { depth: 1 }),
    line(calls.join(', '), { depth: 1 }),
    ...odd.map((text) => line(text, { depth: 1, tone: 'odd' })),
    ...(Object.keys(causes).length === 0 ? [] : [line(`woken by: ${facts(causes).join(', ')}`, { depth: 1 })]),
  ]
}

/** @param open of each request the reconcile that is in flight, by its id */
function* eventsOf(step: PathStep, open: Map<string, string>): Generator<TraceEvent, void> {
  const { index, controller, process = '', request = { name: '' }, causes, result } = step
  const key = `${process} ${controller} ${requestName(request)}`
  const begins = controller !== undefined && (step.type === 'reconcile' || step.type === 'begin')
  const reconcile = begins ? `reconcile ${index}` : open.get(key)
  const by = reconcile ?? step.process ?? 'user'
  if (begins && reconcile !== undefined) {
    open.set(key, reconcile)
    yield { type: 'reconcile-begin', step: index, reconcile, process, controller, request, causes }
  }
  for (const read of step.reads) yield readEvent(read, by, index)
  for (const write of step.writes) yield writeEvent(write, by, index)
  if (step.faults.some(({ fault }) => fault === 'crash')) yield { type: 'crash', step: index, process, abandoned: [] }
  if (reconcile === undefined || result === undefined) return
  open.delete(key)
  if (result.type !== 'crashed') yield { type: 'reconcile-end', step: index, reconcile, result }
}

function readEvent({ type, op, cached, target, status }: ReadRecord, by: string, step: number): TraceEvent {
  if (op === 'call') return { type: 'other-call', step, by, what: target, answer: null }
  const response = status === undefined ? { items: [] } : { status }
  return { type: 'call', step, by, verb: op, object: type, cached, request: {}, response }
}

function writeEvent(write: WriteRecord, by: string, step: number): TraceEvent {
  const { op, object, outcome, status, subresource, after } = write
  if (op === 'call') return { type: 'other-call', step, by, what: `external ${object}`, answer: null }
  const version = after?.metadata.resourceVersion ?? ''
  const failed = outcome === 'failed' || write.answerLost === true ? status : undefined
  const response: ApiCall['response'] = failed === undefined ? { object: after ?? null } : { status: failed }
  return {
    type: 'call',
    step,
    by,
    verb: op,
    object: { apiVersion: after?.apiVersion ?? '', kind: kindOf(object) },
    ...(subresource === undefined ? {} : { subresource }),
    cached: false,
    request: {},
    response,
    ...(outcome === 'failed' ? {} : { committed: outcome === 'unchanged' ? [] : [committed(write, object, version)] }),
  }
}

function committed(write: WriteRecord, object: ObjectName, resourceVersion: string) {
  return { object, resourceVersion, removed: isRemoval(write) }
}
