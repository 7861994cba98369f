/** Makes a dump: every path and every object once, whatever number of times it is met. Secrets' data stay out. */
import { constants, gzipSync } from 'node:zlib'
import type { KubernetesObject } from '#api/object.ts'
import type { ComparisonRecord } from '#trace/comparison.ts'
import type { PathRecord } from '#trace/path.ts'
import { redactSecrets } from '#trace/redact.ts'
import {
  type BlockEntry,
  DUMP_FORMAT_VERSION,
  type DumpedGraphs,
  type DumpedReport,
  type DumpHeader,
  type DumpSource,
  type ObjectReference,
  type PathReference,
  type StoredFinding,
  type StoredPath,
  type StoredReport,
  tailLine,
} from './format.ts'
import { storedGraph, storedStates } from './graph-lines.ts'

/** Text of a block, in characters: one read of a disk, and little to unpack for a line of it. */
const BLOCK_SIZE = 128 * 1024
/** States are looked at one by one, here and there. */
const STATE_BLOCK_SIZE = 32 * 1024

/** The members of a dump, in their order. */
export function* dumpMembers(
  source: DumpSource,
  reports: readonly DumpedReport[],
  graphs: DumpedGraphs = new Map(),
  comparison?: ComparisonRecord,
): Generator<Uint8Array, void> {
  const stored = storedReports(redactSecrets(reports))
  const header: DumpHeader = {
    type: 'dump',
    formatVersion: DUMP_FORMAT_VERSION,
    source,
    scenarios: reports.map(({ scenario }) => scenario),
  }
  const blocks: BlockEntry[] = []
  let offset = 0
  const sections: readonly (readonly [BlockEntry['type'], Iterable<string>])[] = [
    ['dump', [JSON.stringify(header)]],
    ['report', stored.reports.map((report) => line('report', report))],
    ['path', stored.paths],
    ['object', stored.objects],
    ['graph', graphLines(graphs)],
    ['state', stateLines(graphs)],
    ['comparison', comparison === undefined ? [] : [line('comparison', comparison)]],
  ]
  for (const [type, lines] of sections) {
    for (const { first, count, text } of blocksOf(lines, type === 'state' ? STATE_BLOCK_SIZE : BLOCK_SIZE)) {
      const member = gzipSync(text)
      blocks.push({ type, offset, length: member.length, first, count })
      offset += member.length
      yield member
    }
  }
  const index = gzipSync(`${JSON.stringify({ type: 'index', blocks })}\n`)
  yield index
  yield gzipSync(tailLine(offset, index.length), { level: constants.Z_NO_COMPRESSION })
}

function* blocksOf(
  lines: Iterable<string>,
  blockSize: number,
): Generator<{ readonly first: number; readonly count: number; readonly text: string }, void> {
  let block: string[] = []
  let size = 0
  let first = 0
  for (const each of lines) {
    block.push(`${each}\n`)
    size += each.length
    if (size < blockSize) continue
    yield { first, count: block.length, text: block.join('') }
    first += block.length
    block = []
    size = 0
  }
  if (block.length > 0) yield { first, count: block.length, text: block.join('') }
}

function graphLines(graphs: DumpedGraphs): readonly string[] {
  let firstState = 0
  return [...graphs].map(([report, graph]) => {
    const stored = storedGraph(graph, report, firstState)
    firstState += graph.states
    return line('graph', stored)
  })
}

function* stateLines(graphs: DumpedGraphs): Generator<string, void> {
  for (const graph of graphs.values()) for (const state of storedStates(graph)) yield line('state', state)
}

function line(type: Exclude<BlockEntry['type'], 'dump'>, value: unknown): string {
  return JSON.stringify({ type, [type]: value })
}

/** The tables of a dump. */
function storedReports(reports: readonly DumpedReport[]): {
  readonly reports: readonly StoredReport[]
  readonly paths: readonly string[]
  readonly objects: readonly string[]
} {
  const objects = new Map<string, number>()
  const paths = new Map<string, number>()
  const object = (value: KubernetesObject): ObjectReference => ({ $object: numberOf(objects, line('object', value)) })
  const path = (value: PathRecord): PathReference => ({
    $path: numberOf(paths, line('path', storedPath(value, object))),
    steps: value.steps.length,
  })
  const stored = reports.map((report) => storedReport(report, path))
  return { reports: stored, paths: [...paths.keys()], objects: [...objects.keys()] }
}

function numberOf(table: Map<string, number>, text: string): number {
  const known = table.get(text)
  if (known !== undefined) return known
  table.set(text, table.size)
  return table.size - 1
}

function storedReport(report: DumpedReport, path: (value: PathRecord) => PathReference): StoredReport {
  return {
    ...report,
    findings: report.findings.map(({ fork, ...finding }): StoredFinding => {
      const stored = { ...finding, path: path(finding.path) }
      return fork === undefined
        ? stored
        : { ...stored, fork: { ...fork, left: path(fork.left), right: path(fork.right) } }
    }),
    outcomes: report.outcomes.map((outcome) => ({ ...outcome, first: path(outcome.first) })),
  }
}

function storedPath(path: PathRecord, object: (value: KubernetesObject) => ObjectReference): StoredPath {
  return {
    ...path,
    steps: path.steps.map((step) => ({
      ...step,
      writes: step.writes.map(({ before, after, ...write }) => ({
        ...write,
        ...(before === undefined ? {} : { before: object(before) }),
        ...(after === undefined ? {} : { after: object(after) }),
      })),
    })),
  }
}
