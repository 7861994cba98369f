import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { beforeAll, describe, expect, it } from 'vitest'
import { fight, forkedOutcome, reportWith, staleDeletion } from '../../test/cli/reports.ts'
import { DumpError } from './dump-error.ts'
import { openDumpFile, writeDumpFile } from './dump-file.ts'
import type { PathReference } from './format.ts'

const violated = reportWith([staleDeletion, forkedOutcome, fight])
const folder = mkdtempSync(join(tmpdir(), 'kamera-dump-'))
const file = join(folder, 'search.dump')
let whole: Buffer

beforeAll(() => {
  writeDumpFile(file, 'explore', [violated])
  whole = readFileSync(file)
})

it('gives back what was written', async () => {
  const dump = await openDumpFile(file)
  const [stored] = dump.reports
  expect(stored).toBeDefined()
  const findings = []
  for (const finding of stored?.findings ?? []) {
    const { fork, ...facts } = finding
    const sides = fork && { ...fork, left: await dump.path(fork.left), right: await dump.path(fork.right) }
    findings.push({ ...facts, path: await dump.path(finding.path), ...(sides && { fork: sides }) })
  }
  const outcomes = []
  for (const outcome of stored?.outcomes ?? []) outcomes.push({ ...outcome, first: await dump.path(outcome.first) })
  expect({ ...stored, findings, outcomes }).toEqual(JSON.parse(JSON.stringify(violated)))
  await dump.close()
})

it('is gzip all through, a line of JSON each', () => {
  const types = gunzipSync(whole)
    .toString()
    .trim()
    .split('\n')
    .map((line) => (JSON.parse(line) as { readonly type: string }).type)
  expect(types[0]).toBe('dump')
  expect(types.slice(-2)).toEqual(['index', 'tail'])
})

it('has each object once', () => {
  const lines = gunzipSync(whole).toString().split('\n')
  const objects = lines.filter((line) => line.startsWith('{"type":"object"'))
  expect(new Set(objects).size).toBe(objects.length)
})

describe('a file that is not a sound dump', () => {
  const opened = async (bytes: Uint8Array): Promise<string> => {
    const name = join(folder, `bad-${bytes.length}.dump`)
    writeFileSync(name, bytes)
    const error: unknown = await openDumpFile(name, 'bad.dump').then(
      () => undefined,
      (reason: unknown) => reason,
    )
    expect(error).toBeInstanceOf(DumpError)
    return (error as DumpError).message.split('\n')[0] ?? ''
  }

  it('is refused wherever it was cut off', async () => {
    for (let length = 2; length < whole.length; length += Math.ceil(whole.length / 60)) {
      expect(await opened(whole.subarray(0, length))).toBe('bad.dump is cut off: it has no index at its end.')
    }
  })

  it('is refused when it is another kind of file', async () => {
    expect(await opened(Buffer.from(''))).toBe('bad.dump is not a dump.')
    expect(await opened(Buffer.from('{"formatVersion":1}'))).toBe('bad.dump is not a dump.')
    expect(await opened(gzipSync('hello'.repeat(100_000)))).toBe('bad.dump is cut off: it has no index at its end.')
  })

  it('is never read as something else where octets were changed', async () => {
    for (let place = 0; place < whole.length; place += Math.ceil(whole.length / 60)) {
      const changed = Buffer.from(whole)
      changed[place] = (changed[place] ?? 0) ^ 0x55
      const name = join(folder, 'changed.dump')
      writeFileSync(name, changed)
      const problem = await readAll(name)
      expect(problem === undefined || problem instanceof DumpError, `${place}: ${problem}`).toBe(true)
    }
  })

  it('says so when a newer version wrote it', async () => {
    expect(await opened(rewritten((text) => text.replace('"formatVersion":1', '"formatVersion":2')))).toBe(
      'bad.dump has format version 2; this Kamera reads version 1.',
    )
  })

  it('is refused when its data have another shape', async () => {
    const other = rewritten((text) => text.replace('"verdict":"violated"', '"verdict":"<script>"'))
    expect(await opened(other)).toBe('bad.dump is damaged: report.verdict is not holds or violated or inconclusive.')
  })
})

/** The first error met in it. */
async function readAll(name: string): Promise<unknown> {
  try {
    const dump = await openDumpFile(name)
    try {
      const references: PathReference[] = dump.reports.flatMap(({ findings, outcomes }) => [
        ...findings.map(({ path }) => path),
        ...outcomes.map(({ first }) => first),
      ])
      for (const reference of references) await dump.path(reference)
    } finally {
      await dump.close()
    }
    return undefined
  } catch (error) {
    return error
  }
}

/** The dump with its text changed, and a new index. */
function rewritten(change: (text: string) => string): Buffer {
  const lines = change(gunzipSync(whole).toString()).trim().split('\n').slice(0, -2)
  const members = lines.map((line) => gzipSync(`${line}\n`))
  let offset = 0
  const counts = new Map<string, number>()
  const blocks = lines.map((line, index) => {
    const { type } = JSON.parse(line) as { readonly type: string }
    const first = counts.get(type) ?? 0
    counts.set(type, first + 1)
    const length = members[index]?.length ?? 0
    offset += length
    return { type, offset: offset - length, length, first, count: 1 }
  })
  const index = gzipSync(`${JSON.stringify({ type: 'index', blocks })}\n`)
  const place = (value: number) => String(value).padStart(16)
  const tail = gzipSync(`{"type":"tail","offset":${place(offset)},"length":${place(index.length)}}\n`, { level: 0 })
  return Buffer.concat([...members, index, tail])
}
