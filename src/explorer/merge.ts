/** Several explorations from one initial state as one result: what they have in common is there once. */
import type { PathRecord } from '#trace/path.ts'
import type { ReportStatistics, Verdict } from '#trace/report.ts'
import type { ExplorationResult } from './explorer-builder.ts'
import type { Paths } from './paths.ts'
import type { ExploredState } from './states.ts'

export interface PartialResult extends ExplorationResult {
  /** Of the converged states, in their order: equal for states that outcomes do not tell apart. */
  readonly fingerprints: readonly string[]
}

export function mergeResults(results: readonly PartialResult[]): ExplorationResult {
  const [first, ...others] = results
  if (first === undefined) throw new Error('there is no result to merge')
  if (others.length === 0) return withoutFingerprints(first)
  const converged = new Map<string, ExploredState[]>()
  const findings = new Map<string, ExplorationResult['findings'][number]>()
  for (const result of results) {
    for (const [index, state] of result.convergedStates.entries()) {
      const fingerprint = result.fingerprints[index] as string
      converged.set(fingerprint, [...(converged.get(fingerprint) ?? []), state])
    }
    for (const finding of result.findings) if (!findings.has(finding.key)) findings.set(finding.key, finding)
  }
  return {
    verdict: worst(results.map(({ verdict }) => verdict)),
    exhaustive: results.every(({ exhaustive }) => exhaustive),
    bounds: first.bounds,
    statistics: results.map(({ statistics }) => statistics).reduce(sum),
    convergedStates: [...converged.values()].map(mergeStates),
    abortedStates: results.flatMap(({ abortedStates }) => abortedStates),
    findings: [...findings.values()],
  }
}

function withoutFingerprints({ fingerprints: _, ...result }: PartialResult): ExplorationResult {
  return result
}

function worst(verdicts: readonly Verdict[]): Verdict {
  if (verdicts.includes('violated')) return 'violated'
  return verdicts.includes('inconclusive') ? 'inconclusive' : 'holds'
}

function sum(left: ReportStatistics, right: ReportStatistics): ReportStatistics {
  const elapsedMs = left.elapsedMs + right.elapsedMs
  const statesDistinct = left.statesDistinct + right.statesDistinct
  return {
    statesDistinct,
    statesGenerated: left.statesGenerated + right.statesGenerated,
    storesDistinct: left.storesDistinct + right.storesDistinct,
    transitions: left.transitions + right.transitions,
    reconcilesExecuted: left.reconcilesExecuted + right.reconcilesExecuted,
    reconcilesAnswered: left.reconcilesAnswered + right.reconcilesAnswered,
    depthMax: Math.max(left.depthMax, right.depthMax),
    elapsedMs,
    statesPerSecond: elapsedMs === 0 ? 0 : Math.round((statesDistinct * 1000) / elapsedMs),
    peakRssBytes: Math.max(left.peakRssBytes, right.peakRssBytes),
    collisionProbability: left.collisionProbability + right.collisionProbability,
  }
}

function mergeStates(states: readonly ExploredState[]): ExploredState {
  const [first] = states as readonly [ExploredState]
  if (states.length === 1) return first
  return {
    objects: first.objects,
    paths: mergePaths(states.map(({ paths }) => paths)),
    pathCount: states.map(({ pathCount }) => pathCount).reduce(sumOfPaths),
    views: [...new Set(states.flatMap(({ views }) => views))],
  }
}

function sumOfPaths(left: ExploredState['pathCount'], right: ExploredState['pathCount']): ExploredState['pathCount'] {
  if (left === undefined || right === undefined) return undefined
  if (left === Number.POSITIVE_INFINITY || right === Number.POSITIVE_INFINITY) return Number.POSITIVE_INFINITY
  const total = BigInt(left) + BigInt(right)
  return total <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(total) : total
}

/** The shortest first, as each of them is. */
function mergePaths(all: readonly Paths[]): Paths {
  return {
    *[Symbol.iterator]() {
      const open = all.map((paths) => paths[Symbol.iterator]())
      const heads = open.map((iterator) => iterator.next())
      for (let next = shortest(heads); next >= 0; next = shortest(heads)) {
        yield heads[next]?.value as PathRecord
        heads[next] = (open[next] as Iterator<PathRecord>).next()
      }
    },
    async *[Symbol.asyncIterator]() {
      const open = all.map((paths) => paths[Symbol.asyncIterator]())
      const heads = await Promise.all(open.map((iterator) => iterator.next()))
      for (let next = shortest(heads); next >= 0; next = shortest(heads)) {
        yield heads[next]?.value as PathRecord
        heads[next] = await (open[next] as AsyncIterator<PathRecord>).next()
      }
    },
  }
}

/** The index of the shortest path at hand, -1 when all are through. */
function shortest(heads: readonly IteratorResult<PathRecord>[]): number {
  let best = -1
  let steps = Number.POSITIVE_INFINITY
  for (const [index, head] of heads.entries()) {
    if (head.done === true || head.value.steps.length >= steps) continue
    best = index
    steps = head.value.steps.length
  }
  return best
}
