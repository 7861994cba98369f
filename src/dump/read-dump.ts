/**
 * Opens a dump: reads its index and its reports, and paths and objects when they are asked for. Runs in Node and in
 * browsers. Whatever a file holds, the answer is data of the declared shape or a `DumpError`.
 */
import type { KubernetesObject } from '#api/object.ts'
import type { ComparisonRecord } from '#trace/comparison.ts'
import type { PathRecord } from '#trace/path.ts'
import { checkComparison, checkGraph, checkPath, checkReport, checkState, isFields } from './check-data.ts'
import { DumpError } from './dump-error.ts'
import {
  BLOCK_TYPES,
  type BlockEntry,
  DUMP_FORMAT_VERSION,
  type DumpHeader,
  type ObjectReference,
  type PathReference,
  type StoredGraph,
  type StoredPath,
  type StoredReport,
  type StoredState,
  TAIL_LENGTH,
} from './format.ts'
import { inflate } from './inflate.ts'

/** Where the octets of a dump come from. */
export interface ByteSource {
  /** How messages call it. */
  readonly name: string
  readonly size: number
  read(offset: number, length: number): Promise<Uint8Array>
}

export interface Dump {
  readonly header: DumpHeader
  readonly reports: readonly StoredReport[]
  /** Of reports whose search has recorded one. */
  readonly graphs: readonly StoredGraph[]
  /** Of a dump that was made of two files. */
  readonly comparison: ComparisonRecord | undefined
  path(reference: PathReference): Promise<PathRecord>
  /** @param number within the graph */
  state(graph: StoredGraph, number: number): Promise<StoredState>
}

/** Blocks of lines that are kept unpacked. */
const BLOCKS_KEPT = 32

/** Throws `DumpError`. */
export async function openDump(source: ByteSource): Promise<Dump> {
  const blocks = await readIndex(source)
  const kept = new Map<BlockEntry, readonly unknown[]>()
  const lines = async (block: BlockEntry): Promise<readonly unknown[]> => {
    const known = kept.get(block)
    if (known !== undefined) return known
    const read = await blockLines(source, block)
    if (kept.size >= BLOCKS_KEPT) kept.delete(kept.keys().next().value as BlockEntry)
    kept.set(block, read)
    return read
  }
  const find = async (type: Exclude<BlockEntry['type'], 'dump'>, number: number): Promise<unknown> => {
    const block = blocks.find((each) => each.type === type && number >= each.first && number < each.first + each.count)
    const value = block === undefined ? undefined : (await lines(block))[number - block.first]
    if (!isFields(value) || value.type !== type || !isFields(value[type])) {
      throw damaged(source, `${type} ${number} is not in it`)
    }
    return value[type]
  }
  const header = headerOf(source, blocks[0] === undefined ? undefined : (await lines(blocks[0]))[0])
  const reports: StoredReport[] = []
  for (let number = 0; number < countOf(blocks, 'report'); number++) {
    reports.push(await checked(source, checkReport, find('report', number)))
  }
  const graphs: StoredGraph[] = []
  for (let number = 0; number < countOf(blocks, 'graph'); number++) {
    graphs.push(await checked(source, checkGraph, find('graph', number)))
  }
  const entries = reports.reduce((sum, { findings, outcomes }) => sum + findings.length + outcomes.length, 0)
  const comparison =
    countOf(blocks, 'comparison') === 0
      ? undefined
      : await checked(source, (value) => checkComparison(value, entries), find('comparison', 0))
  return {
    header,
    reports,
    graphs,
    comparison,
    state: (graph, number) =>
      checked(source, (value) => checkState(value, graph), find('state', graph.firstState + number)),
    path: async ({ $path }) => {
      const path = await checked(source, checkPath, find('path', $path))
      const object = async (reference: ObjectReference) => (await find('object', reference.$object)) as KubernetesObject
      return wholePath(path, object)
    },
  }
}

async function checked<T>(source: ByteSource, check: (value: unknown) => T, value: Promise<unknown>): Promise<T> {
  const found = await value
  try {
    return check(found)
  } catch (error) {
    throw damaged(source, (error as Error).message, error)
  }
}

function countOf(blocks: readonly BlockEntry[], type: BlockEntry['type']): number {
  return blocks.filter((block) => block.type === type).reduce((sum, { count }) => sum + count, 0)
}

async function wholePath(
  path: StoredPath,
  object: (reference: ObjectReference) => Promise<KubernetesObject>,
): Promise<PathRecord> {
  const steps: PathRecord['steps'][number][] = []
  for (const step of path.steps) {
    const writes: (typeof steps)[number]['writes'][number][] = []
    for (const { before, after, ...write } of step.writes) {
      writes.push({
        ...write,
        ...(before === undefined ? {} : { before: await object(before) }),
        ...(after === undefined ? {} : { after: await object(after) }),
      })
    }
    steps.push({ ...step, writes })
  }
  return { ...path, steps }
}

async function readIndex(source: ByteSource): Promise<readonly BlockEntry[]> {
  const start = await source.read(0, Math.min(2, source.size))
  if (start[0] !== 0x1f || start[1] !== 0x8b) throw foreign(source)
  const cut = () => truncated(source)
  if (source.size < TAIL_LENGTH) throw cut()
  const tail = parsed(await unpacked(source, source.size - TAIL_LENGTH, TAIL_LENGTH, cut), cut)
  const { type, offset, length } = isFields(tail) ? tail : {}
  if (type !== 'tail' || !isPlace(offset) || !isPlace(length)) throw cut()
  if (offset + length > source.size) throw cut()
  const index = parsed(await unpacked(source, offset, length, cut), cut)
  if (!isFields(index) || !Array.isArray(index.blocks)) throw damaged(source, 'its index is not one')
  const blocks = index.blocks as readonly unknown[]
  return blocks.filter((block): block is BlockEntry => {
    if (!isFields(block)) throw damaged(source, 'its index is not one')
    const { type, offset, length, first, count } = block
    const isSound =
      isPlace(offset) && isPlace(length) && isPlace(first) && isPlace(count) && offset + length <= source.size
    if (!isSound) throw damaged(source, 'its index names places outside of it')
    // A later version may have more types, which are not ours to read.
    return BLOCK_TYPES.some((known) => known === type)
  })
}

function headerOf(source: ByteSource, value: unknown): DumpHeader {
  if (!isFields(value) || value.type !== 'dump') throw foreign(source)
  if (value.formatVersion !== DUMP_FORMAT_VERSION) {
    throw new DumpError(
      `${source.name} has format version ${JSON.stringify(value.formatVersion)}; this Kamera reads version ${DUMP_FORMAT_VERSION}.`,
      'It was written by a newer Kamera.',
      'Open it with the version of Kamera that wrote it, or write it again with this one.',
    )
  }
  return value as unknown as DumpHeader
}

async function blockLines(source: ByteSource, { offset, length }: BlockEntry): Promise<readonly unknown[]> {
  const broken = () => damaged(source, `what lies at ${offset} cannot be unpacked`)
  const text = await unpacked(source, offset, length, broken)
  return text
    .split('\n')
    .filter((each) => each !== '')
    .map((each) => parsed(each, broken))
}

async function unpacked(source: ByteSource, offset: number, length: number, error: () => DumpError): Promise<string> {
  try {
    return await inflate(await source.read(offset, length))
  } catch (cause) {
    throw Object.assign(error(), { cause })
  }
}

function parsed(text: string, error: () => DumpError): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw Object.assign(error(), { cause })
  }
}

function isPlace(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}

function foreign(source: ByteSource): DumpError {
  return new DumpError(
    `${source.name} is not a dump.`,
    'A dump is what --dump writes; counterexamples and traces are other files.',
    'Write one: kamera explore SCENARIO --dump FILE. A counterexample is for kamera replay.',
  )
}

function truncated(source: ByteSource): DumpError {
  return new DumpError(
    `${source.name} is cut off: it has no index at its end.`,
    'Whatever wrote or copied it did not come to the end, or it is another kind of gzip file.',
    'Copy it again, or write it again: kamera explore SCENARIO --dump FILE.',
  )
}

function damaged(source: ByteSource, what: string, cause?: unknown): DumpError {
  return new DumpError(
    `${source.name} is damaged: ${what}.`,
    'It was changed after it was written, or something else wrote it.',
    'Write it again: kamera explore SCENARIO --dump FILE.',
    cause,
  )
}
