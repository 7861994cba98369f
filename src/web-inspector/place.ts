/** Where the reader is, as the part of the URL after #: every view can be linked to. */
import type { StoredFinding, StoredOutcome, StoredReport } from '#dump/format.ts'

export type Entry = {
  readonly id: string
  readonly report: StoredReport
  readonly finding?: StoredFinding
  readonly outcome?: StoredOutcome
}

export const VIEWS = ['steps', 'analyses', 'summary', 'space-time', 'difference', 'states'] as const
export type View = (typeof VIEWS)[number]

export const VIEW_NAMES: Readonly<Record<View, string>> = {
  steps: 'Steps',
  analyses: 'Analyses',
  summary: 'Summary',
  'space-time': 'Space-time',
  difference: 'Difference at rest',
  states: 'States',
}

/** Of the part of the URL that leads to what differs between two files. */
export const COMPARISON_HASH = '#view=comparison'

export interface Place {
  readonly entry: number
  readonly run: number
  readonly view: View
  /** Place of the step in its path. */
  readonly step: number
  /** The URL names no step: the entry is to be shown at the step that is to blame, and in its run. */
  readonly opening?: boolean
  /** Id of an outcome to compare with; undefined: the first other one. */
  readonly other?: string | undefined
  /** Object that is analysed; undefined: the first that the step is about. */
  readonly object?: string | undefined
  /** Number of a state; undefined: that of the step. */
  readonly state?: number | undefined
}

export function entriesOf(reports: readonly StoredReport[]): readonly Entry[] {
  return reports.flatMap((report) => [
    ...report.findings.map((finding) => ({ id: `${report.scenario}/${finding.id}`, report, finding })),
    ...report.outcomes.map((outcome) => ({ id: `${report.scenario}/${outcome.id}`, report, outcome })),
  ])
}

export function runsOf({ finding, outcome }: Entry) {
  if (finding?.fork !== undefined) {
    return [
      { label: 'Run A', path: finding.fork.left },
      { label: 'Run B', path: finding.fork.right },
    ]
  }
  if (finding !== undefined) return [{ label: 'Path', path: finding.path }]
  return outcome === undefined ? [] : [{ label: 'Shortest path', path: outcome.first }]
}

export function placeIn(hash: string, entries: readonly Entry[]): Place {
  const words = hash.replace(/^#/, '').split('&')
  const value = (name: string) => words.find((word) => word.startsWith(`${name}=`))?.slice(name.length + 1) ?? ''
  const id = decoded(value('at'))
  const number = (name: string) => Math.max(0, Number.parseInt(value(name), 10) - 1 || 0)
  const view = VIEWS.find((each) => each === value('view')) ?? 'steps'
  return {
    entry: Math.max(
      0,
      entries.findIndex((entry) => entry.id === id),
    ),
    run: number('run'),
    view,
    step: number('step'),
    opening: value('step') === '',
    other: decoded(value('other')) || undefined,
    object: decoded(value('object')) || undefined,
    state: value('state') === '' ? undefined : number('state'),
  }
}

export function hashOf(
  { entry, run, view, step, opening, other, object, state }: Place,
  entries: readonly Entry[],
): string {
  const of = opening === true ? `&view=${view}` : `&run=${run + 1}&view=${view}&step=${step + 1}`
  return `#at=${encodeURIComponent(entries[entry]?.id ?? '')}${of}${named('other', other)}${named('object', object)}${state === undefined ? '' : `&state=${state + 1}`}`
}

function named(name: string, value: string | undefined): string {
  return value === undefined ? '' : `&${name}=${encodeURIComponent(value)}`
}

/** Empty where it is not a URL of ours. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return ''
  }
}
