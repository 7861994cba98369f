/** `kamera analyze`: what a trace tells. */
import { createCausalGraph } from '#analyses/causal-graph.ts'
import { provenanceText, whyText } from '#analyses/causes-text.ts'
import { compareTraces, endAlike } from '#analyses/compare-traces.ts'
import { comparisonText } from '#analyses/compare-traces-text.ts'
import { createFinalContents } from '#analyses/final-contents.ts'
import { createLifecycle } from '#analyses/lifecycle.ts'
import { lifecycleText } from '#analyses/lifecycle-text.ts'
import { findProvenance } from '#analyses/provenance.ts'
import { createStaleness } from '#analyses/staleness.ts'
import { stalenessText } from '#analyses/staleness-text.ts'
import { createSummary } from '#analyses/summary.ts'
import { summaryText } from '#analyses/summary-text.ts'
import { noteText } from '#analyses/trace-notes.ts'
import type { TraceAnalysis, TraceRead } from '#analyses/trace-reader.ts'
import { createObjectSearch, createReconcileSearch, type SubjectSearch } from '#analyses/trace-subjects.ts'
import { explainReconcile } from '#analyses/why.ts'
import { plainText } from '#inspect/plain-text.ts'
import { diffSearches } from './diff-searches.ts'
import { indexedLifecycle } from './indexed-lifecycle.ts'
import { isSearch } from './read-searches.ts'
import { suggestion } from './suggest.ts'
import { ExitStatus, type Terminal } from './terminal.ts'
import { readTrace } from './trace-files.ts'
import { UsageError } from './usage-error.ts'

const ANALYSES = ['summary', 'lifecycle', 'provenance', 'staleness', 'why', 'diff'] as const

export interface AnalyzeArguments {
  readonly what: string
  readonly trace: string
  /** The object, the reconcile, or the other trace. */
  readonly subject: string | undefined
  readonly json: boolean
  /** `lifecycle`: whether to use an index. Default: of long traces. */
  readonly index?: boolean | undefined
}

/** What an analysis found, as data and as text. */
interface Analyzed {
  readonly read: TraceRead
  readonly result: object
  text(width: number): readonly string[]
  readonly status?: ExitStatus
}

/** Throws a `TraceError`, `DumpError` or `UsageError`. */
export async function analyzeVerb(given: AnalyzeArguments, terminal: Terminal): Promise<ExitStatus> {
  const { what, trace, subject, json } = given
  if (what === 'diff' && subject !== undefined && isSearch(trace, terminal.workingDirectory))
    return diffSearches({ left: trace, right: subject, json }, terminal)
  const { read, result, text, status = ExitStatus.holds } = analyzed(given, terminal)
  if (json) {
    const { header, lines, events, complete, notes } = read
    const about = { formatVersion: 1, analysis: what, trace, header, lines, events, complete, notes }
    terminal.out(`${JSON.stringify({ ...about, result })}\n`)
    return status
  }
  const width = terminal.columns ?? 100
  const noted =
    read.notes.length === 0 ? [] : ['', 'About the trace itself', ...read.notes.map((note) => `  ${noteText(note)}`)]
  terminal.out(`${[...text(width), ...noted].map(plainText).join('\n')}\n`)
  return status
}

function analyzed(given: AnalyzeArguments, terminal: Terminal): Analyzed {
  const { what, trace } = given
  const { workingDirectory } = terminal
  const readWith = (...analyses: readonly TraceAnalysis[]) => readTrace(trace, analyses, workingDirectory)
  switch (what) {
    case 'summary': {
      const analysis = createSummary()
      const read = readWith(analysis)
      const result = analysis.result()
      return { read, result, text: (width) => summaryText(result, width) }
    }
    case 'lifecycle':
      return lifecycleOf(given, terminal)
    case 'provenance': {
      const object = theOne(given, createObjectSearch, readWith)
      const analysis = createCausalGraph()
      const read = readWith(analysis)
      const result = findProvenance(analysis.graph(), object)
      if (result === undefined) throw nothingOf(given, `Nothing in the trace writes ${object}.`)
      return { read, result, text: () => provenanceText(result) }
    }
    case 'staleness': {
      const id = theOne(given, createReconcileSearch, readWith)
      const analysis = createStaleness(id)
      const read = readWith(analysis)
      const result = analysis.result()
      if (result === undefined) throw nothingOf(given, `The trace does not tell how ${id} began.`)
      return { read, result, text: () => stalenessText(result) }
    }
    case 'why': {
      const id = theOne(given, createReconcileSearch, readWith)
      const analysis = createCausalGraph()
      const read = readWith(analysis)
      const graph = analysis.graph()
      const reconcile = graph.reconcile(id)
      if (reconcile === undefined) throw nothingOf(given, `The trace does not tell how ${id} began.`)
      const result = explainReconcile(graph, reconcile)
      return { read, result, text: () => whyText(result) }
    }
    case 'diff':
      return compared(given, workingDirectory)
    default:
      throw new UsageError({
        what: `There is no analysis ${what}${suggestion(what, [...ANALYSES])}.`,
        why: 'The name is misspelt, or of another version.',
        fix: `Name one of: ${ANALYSES.join(', ')}.`,
      })
  }
}

function lifecycleOf(given: AnalyzeArguments, { workingDirectory, error }: Terminal): Analyzed {
  const { trace, index } = given
  const choose = (names: readonly string[]) =>
    theOne(given, createObjectSearch, (search) => {
      for (const name of names) search.consider(name)
    })
  const say = (text: string) => error(`${text}\n`)
  const { object, read, result } =
    indexedLifecycle({ trace, workingDirectory, index, choose, say }) ?? readLifecycle(given, workingDirectory)
  if (result === undefined) throw nothingOf(given, `The trace tells nothing of ${object}.`)
  return { read, result, text: (width) => lifecycleText(result, width) }
}

/** The same from the trace alone. */
function readLifecycle(given: AnalyzeArguments, workingDirectory: string) {
  const readWith = (analysis: TraceAnalysis) => readTrace(given.trace, [analysis], workingDirectory)
  const object = theOne(given, createObjectSearch, readWith)
  const analysis = createLifecycle(object)
  const read = readWith(analysis)
  return { object, read, result: analysis.result() }
}

/** Notes of both traces are told; those of the second name it. */
function compared({ trace, subject }: AnalyzeArguments, workingDirectory: string): Analyzed {
  if (subject === undefined) {
    throw new UsageError({
      what: 'analyze diff needs two traces, or two searches.',
      why: 'It compares them.',
      fix: `Name the other after the first: kamera analyze diff ${trace} other.jsonl.`,
    })
  }
  const readOne = (file: string) => {
    const [summary, contents] = [createSummary(), createFinalContents()]
    const read = readTrace(file, [summary, contents], workingDirectory)
    return { read, summary: summary.result(), contents: contents.result() }
  }
  const [left, right] = [readOne(trace), readOne(subject)]
  const result = compareTraces(left, right)
  const notes = [
    ...left.read.notes,
    ...right.read.notes.map((note) => ({ ...note, message: `${subject}: ${note.message}` })),
  ]
  return {
    read: { ...left.read, notes },
    result: { other: subject, alike: endAlike(result), ...result },
    text: (width) => comparisonText(result, width),
    status: endAlike(result) ? ExitStatus.holds : ExitStatus.violated,
  }
}

/** The object or reconcile that is meant. */
function theOne(
  given: AnalyzeArguments,
  createSearch: (wanted: string) => SubjectSearch,
  fill: (search: SubjectSearch) => void,
): string {
  const { what, trace, subject } = given
  const of = createSearch === createObjectSearch ? 'object' : 'reconcile'
  const example = of === 'object' ? "'Pod default/web-0'" : "'#3'"
  if (subject === undefined) {
    throw new UsageError({
      what: `analyze ${what} needs the name of ${of === 'object' ? 'an object' : 'a reconcile'}.`,
      why: 'It tells of one.',
      fix: `Name it after the trace: kamera analyze ${what} ${trace} ${example}.`,
    })
  }
  const search = createSearch(subject)
  fill(search)
  const [first, second] = search.found()
  if (first !== undefined && second === undefined) return first
  const some = (first === undefined ? search.others() : search.found()).slice(0, 8).join(', ')
  throw new UsageError({
    what: first === undefined ? `The trace has no ${of} ${subject}.` : `${subject} may be more than one ${of}.`,
    why: first === undefined ? `Names are as the trace has them: ${example}.` : 'Its name is only a part of theirs.',
    fix: some === '' ? `There is no ${of} in this trace.` : `There are: ${some}.`,
  })
}

function nothingOf({ trace }: AnalyzeArguments, what: string): UsageError {
  return new UsageError({
    what,
    why: 'It is named there, but no more.',
    fix: `Look at kamera analyze summary ${trace} for what is in it.`,
  })
}
