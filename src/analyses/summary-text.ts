/** A summary for people. */
import { count, formatNumber, wrapParts } from '#inspect/plain-text.ts'
import { type TableColumn, tableLines } from '#inspect/table.ts'
import { HOT_LOOP_MIN } from './hot-loops.ts'
import type { ControllerSummary, TraceSummary } from './summary.ts'

const COLUMNS: readonly TableColumn[] = [
  { title: 'controller', align: 'left' },
  ...['reconciles', 'no-ops', 'errors', 'unfinished', 'reads', 'writes', 'unchanged', 'conflicts'].map((title) => ({
    title,
    align: 'right' as const,
  })),
]

export function summaryText(summary: TraceSummary, width: number): readonly string[] {
  const { controllers, otherWrites, crashes, hotLoops, fights, mostChanged } = summary
  const rows = controllers.map((each) => [
    each.controller,
    ...[
      each.reconciles,
      each.noOps,
      each.errors,
      each.unfinished,
      each.reads,
      each.writes,
      each.unchangedWrites,
      each.conflicts,
    ].map(formatNumber),
  ])
  const others = Object.entries(otherWrites).map(([by, writes]) => `${by}: ${count(writes, 'write')}`)
  const guesses = controllers.flatMap(({ controller, reconciles, inferred }) =>
    inferred === 0 ? [] : [`${controller}: ${inferred === reconciles ? 'all' : formatNumber(inferred)}`],
  )
  return [
    ...(rows.length === 0 ? ['No reconciles are in this trace.'] : tableLines(COLUMNS, rows)),
    ...section('Reconciles that were inferred from calls, since nobody marked them', wrapParts(guesses, width - 2)),
    ...section('Writes outside reconciles', wrapParts(others, width - 2)),
    ...section('Crashes', crashes === 0 ? [] : [formatNumber(crashes)]),
    ...section(
      `Hot loops: ${HOT_LOOP_MIN} reconciles in a row or more that nothing but their own writes or retries woke`,
      hotLoops.map(
        ({ controller, request, reconciles, line }) =>
          `${controller} ${request}: ${formatNumber(reconciles)} in a row, from line ${formatNumber(line)}`,
      ),
    ),
    ...section(
      'Fights: fields that two writers take from each other',
      fights.map(
        ({ object, field, between, returns, lines }) =>
          `${object} ${field}: ${between.join(' and ')}, put back ${count(returns, 'time')} (lines ${lines.map(formatNumber).join(' to ')})`,
      ),
    ),
    ...section('Watches that wake a controller which never reads or writes their kind', unread(controllers)),
    ...section('Other failed writes', failures(controllers)),
    ...section(
      'Objects that were removed and created again',
      controllers
        .filter(({ recreations }) => recreations > 0)
        .map(({ controller, recreations }) => `by ${controller}: ${formatNumber(recreations)}`),
    ),
    ...section(
      'What woke them',
      controllers.flatMap(({ controller, causes }) =>
        wrapParts(
          Object.entries(causes).map(
            ([cause, times], index) => `${index === 0 ? `${controller}: ` : ''}${cause} ${formatNumber(times)}`,
          ),
          width - 2,
        ),
      ),
    ),
    ...section(
      'Changed most often',
      mostChanged.map(({ object, changes }) => `${object}: ${count(changes, 'change')}`),
    ),
  ]
}

function unread(controllers: readonly ControllerSummary[]): readonly string[] {
  return controllers.flatMap(({ controller, unreadWatches }) =>
    unreadWatches.length === 0 ? [] : [`${controller}: ${unreadWatches.join(', ')}`],
  )
}

function failures(controllers: readonly ControllerSummary[]): readonly string[] {
  return controllers.flatMap(({ controller, failures }) =>
    Object.entries(failures).map(([reason, times]) => `${controller}: ${reason} ${formatNumber(times)}`),
  )
}

function section(title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : ['', title, ...lines.map((line) => `  ${line}`)]
}
