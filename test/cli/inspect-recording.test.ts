/** Real recordings in the inspectors: of the proxy, as a user starts it, and of an instrumented program. */
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { objectAnalyses, stepAnalyses } from '#analyses/path-analyses.ts'
import { inspectVerb } from '#cli/inspect.ts'
import { openDumpFile } from '#dump/dump-file.ts'
import { instrument } from '#instrument.ts'
import type { PathRecord } from '#trace/path.ts'
import { configOf, type Place, runCopier, startPlace, useCopier } from '../record/recorded.ts'
import { fakeTerminal } from './terminal.ts'

const program = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url))
const copy = 'ConfigMap default/map-0-copy'

async function onlyPath(file: string): Promise<PathRecord> {
  const dump = await openDumpFile(file)
  const [outcome] = dump.reports[0]?.outcomes ?? []
  if (outcome === undefined) throw new Error('the dump has no run')
  expect(dump.header.source).toBe('record')
  expect(outcome.objects).toEqual(expect.arrayContaining(['ConfigMap default/map-0', copy]))
  const path = await dump.path(outcome.first)
  await dump.close()
  return path
}

/** What both inspectors tell of the copier's second pass. */
function expectToldWell(path: PathRecord): void {
  const update = path.steps.find(({ writes }) => writes.some(({ op, object }) => op === 'update' && object === copy))
  if (update === undefined) throw new Error('no step updates the copy')
  expect(update).toMatchObject({ type: 'reconcile', process: 'copier' })
  const write = update.writes.find(({ op }) => op === 'update')
  expect(write?.before).toMatchObject({ data: { value: 'first' } })
  expect(write?.after).toMatchObject({ data: { value: 'second' } })
  const [why] = stepAnalyses(path, update.index)
  expect(why?.lines.map(({ text }) => text).join('\n')).toContain('because ConfigMap default/map-0 was')
  const [life, provenance] = objectAnalyses(path, copy, 80)
  expect(life?.lines.map(({ text }) => text)).toEqual(
    expect.arrayContaining(['~ data.value: first → second', `copier creates ${copy}`]),
  )
  expect(provenance?.lines.map(({ text }) => text).join('\n')).toMatch(/began with: .*default\/map-0/)
}

describe('a recording', { timeout: 120_000 }, () => {
  let place: Place
  beforeEach(async () => {
    place = await startPlace()
  })
  afterEach(() => place.close())

  it('of the proxy is a dump when Ctrl-C has ended it, of all its files', async () => {
    const args = ['record', '--json', '--upstream', place.kubeconfig, '--client', 'copier', '--dump', 'a.dump']
    const child = spawn(process.execPath, [program, ...args, '--out', 'trace.jsonl'], { cwd: place.directory })
    let errors = ''
    child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()))
    const ended = new Promise((resolve) => child.once('exit', resolve))
    const { kubeconfigs, kubeconfig } = await new Promise<{
      readonly kubeconfigs: Readonly<Record<string, string>>
      readonly kubeconfig: string
    }>((resolve) => child.stdout.once('data', (chunk: Buffer) => resolve(JSON.parse(chunk.toString()) as never)))
    const running = runCopier(configOf(readFileSync(kubeconfigs['copier'] as string, 'utf8')), 1)
    await useCopier(configOf(readFileSync(kubeconfig, 'utf8')), 1)
    await running
    child.kill('SIGINT')
    expect(await ended, errors).toBe(0)
    expect(errors).toContain('Dump written to a.dump: kamera inspect a.dump')
    expectToldWell(await onlyPath(place.file('a.dump')))
  })

  it('of an instrumented program opens as what its reconciles were', async () => {
    const user = configOf(readFileSync(place.kubeconfig, 'utf8'))
    const config = configOf(readFileSync(place.kubeconfig, 'utf8'))
    const recorded = instrument(config, { out: place.file('trace.jsonl'), process: 'copier' })
    const running = runCopier(config, 1, (name, run) =>
      recorded.reconcile('copier', { namespace: 'default', name }, run),
    )
    await useCopier(user, 1)
    await running
    await recorded.close()
    const terminal = { ...fakeTerminal(), workingDirectory: place.directory }
    expect(await inspectVerb({ file: 'trace.jsonl', dump: 'b.dump' }, terminal)).toBe(0)
    const path = await onlyPath(place.file('b.dump'))
    const steps = path.steps.filter(({ controller }) => controller === 'copier')
    expect(steps.every(({ title }) => title === 'copier reconciles default/map-0')).toBe(true)
  })
})
