/**
 * The terminal inspector as data: what it shows, and where in it the reader is. `update.ts` moves it, `view.ts` draws
 * it, `run-inspector.ts` gives it a terminal.
 */
import type {
  PathReference,
  StoredFinding,
  StoredGraph,
  StoredOutcome,
  StoredReport,
  StoredState,
} from '#dump/format.ts'
import { heldName } from '#inspect/held-name.ts'
import type { ComparisonRecord } from '#trace/comparison.ts'
import type { PathRecord } from '#trace/path.ts'

/** Something of the first screen: a finding, or an outcome. */
export type Entry =
  | { readonly type: 'finding'; readonly report: StoredReport; readonly finding: StoredFinding }
  | { readonly type: 'outcome'; readonly report: StoredReport; readonly outcome: StoredOutcome }

export type Screen =
  | 'entries'
  | 'steps'
  | 'step'
  | 'why'
  | 'objects'
  | 'analyses'
  | 'summary'
  | 'comparison'
  | 'states'
  | 'heat'
  | 'compare'
  | 'help'

/** A run of an entry: a finding with a fork has two. */
export interface RunOfEntry {
  readonly label: string
  readonly path: PathReference
}

export interface InspectorModel {
  readonly name: string
  readonly entries: readonly Entry[]
  readonly reports: readonly StoredReport[]
  readonly graphs: readonly StoredGraph[]
  /** What differs, where two files are shown. */
  readonly comparison: ComparisonRecord | undefined
  readonly screen: Screen
  /** Where the screens beside `entries`, `steps` and `step` lead back to. */
  readonly back: Screen
  /** Screen that `help` covers, and leads back to. */
  readonly covered: Screen
  /** The path was not looked at yet: it is to be shown at the step that is to blame. */
  readonly opening: boolean
  readonly entry: number
  /** Which run of the entry. */
  readonly run: number
  /** Index of the step that is chosen, among all of the path. */
  readonly step: number
  /** First line of text that is shown where a screen scrolls. */
  readonly scroll: number
  /** Chosen line of `objects`. */
  readonly object: number
  /** Object that is analysed; undefined: the step is. */
  readonly analysed: string | undefined
  /** Chosen line of `analyses`, `summary` and `comparison`. */
  readonly line: number
  /** Of the states the one that was chosen; undefined: that of the step. */
  readonly state: number | undefined
  /** States that were left for others, the last one last. */
  readonly visited: readonly number[]
  /** Chosen transition of the state. */
  readonly neighbour: number
  /** Which of the other outcomes an outcome is compared with. */
  readonly other: number
  readonly follow: string | undefined
  readonly controller: string | undefined
  /** What is searched for; while `typing`, as it is typed. */
  readonly search: string
  readonly typing: 'search' | 'file' | 'state' | undefined
  readonly typed: string
  /** Said once in the status bar. */
  readonly message: string
  /** Paths that were read, by their numbers. */
  readonly paths: ReadonlyMap<number, PathRecord>
  /** States that were read, by `stateKey`. */
  readonly states: ReadonlyMap<string, StoredState>
  /** What the shell is to do next. */
  readonly wanted: Wanted | undefined
}

export type Wanted =
  | { readonly type: 'quit' }
  | { readonly type: 'read'; readonly path: PathReference }
  | { readonly type: 'state'; readonly graph: StoredGraph; readonly number: number }
  /** Puts text on the clipboard of the terminal. */
  | { readonly type: 'copy'; readonly text: string }
  | { readonly type: 'save'; readonly file: string }

export function createInspector(
  name: string,
  reports: readonly StoredReport[],
  graphs: readonly StoredGraph[] = [],
  comparison?: ComparisonRecord,
): InspectorModel {
  const entries = reports.flatMap((report) => [
    ...report.findings.map((finding): Entry => ({ type: 'finding', report, finding })),
    ...report.outcomes.map((outcome): Entry => ({ type: 'outcome', report, outcome })),
  ])
  return {
    name,
    entries,
    reports,
    graphs,
    comparison,
    screen: comparison === undefined ? 'entries' : 'comparison',
    back: 'entries',
    covered: 'entries',
    opening: false,
    entry: 0,
    run: 0,
    step: 0,
    scroll: 0,
    object: 0,
    analysed: undefined,
    line: 0,
    state: undefined,
    visited: [],
    neighbour: 0,
    other: 0,
    follow: undefined,
    controller: undefined,
    search: '',
    typing: undefined,
    typed: '',
    message: '',
    paths: new Map(),
    states: new Map(),
    wanted: undefined,
  }
}

export function runsOf(entry: Entry | undefined): readonly RunOfEntry[] {
  if (entry === undefined) return []
  if (entry.type === 'outcome') return [{ label: 'shortest path', path: entry.outcome.first }]
  const { fork, path } = entry.finding
  if (fork === undefined) return [{ label: 'path', path }]
  return [
    { label: 'run A', path: fork.left },
    { label: 'run B', path: fork.right },
  ]
}

/** The path that is looked at; undefined until it was read. */
export function currentPath(model: InspectorModel): PathRecord | undefined {
  const run = runsOf(model.entries[model.entry])[model.run]
  return run === undefined ? undefined : model.paths.get(run.path.$path)
}

/** The steps that the filters leave: their places in the path. */
export function shownSteps(model: InspectorModel): readonly number[] {
  const path = currentPath(model)
  if (path === undefined) return []
  const { follow, controller } = model
  return path.steps.flatMap((step, place) => {
    if (controller !== undefined && step.controller !== controller) return []
    return follow === undefined || touches(step, follow) ? [place] : []
  })
}

type Step = PathRecord['steps'][number]

function touches(step: Step, object: string): boolean {
  return (
    step.writes.some((write) => write.object === object) ||
    step.causes.some((cause) => cause.object === object) ||
    step.reads.some((read) => [...read.answered, ...(read.truth ?? [])].some((held) => heldName(read, held) === object))
  )
}

/** All objects of a path, in the order in which it meets them. */
export function objectsOf(path: PathRecord | undefined): readonly string[] {
  const steps = path?.steps ?? []
  const names = steps.flatMap(({ writes, reads }) => [
    ...writes.map(({ object }) => object),
    ...reads.flatMap((read) => read.answered.map((held) => heldName(read, held))),
  ])
  return [...new Set(names)]
}

export function controllersOf(path: PathRecord | undefined): readonly string[] {
  return [...new Set((path?.steps ?? []).flatMap(({ controller }) => (controller === undefined ? [] : [controller])))]
}
