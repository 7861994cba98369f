/** `kamera record` as a user starts it. */
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { CoreV1Api } from '@kubernetes/client-node'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { configOf, type Place, readTrace, startPlace } from './recorded.ts'

const program = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url))

describe('kamera record', () => {
  let place: Place
  beforeEach(async () => {
    place = await startPlace()
  })
  afterEach(() => place.close())

  it('leaves a trace that can be read when it is killed', async () => {
    const child = spawn(
      process.execPath,
      [program, 'record', '--json', '--upstream', place.kubeconfig, '--client', 'x'],
      {
        cwd: place.directory,
      },
    )
    const started = await new Promise<{ kubeconfigs: Record<string, string> }>((resolve) =>
      child.stdout.once('data', (chunk: Buffer) => resolve(JSON.parse(chunk.toString()) as never)),
    )
    const api = configOf(readFileSync(started.kubeconfigs['x'] as string, 'utf8')).makeApiClient(CoreV1Api)
    const trace = place.file('.kamera/trace.jsonl')
    for (let i = 0; i < 20; i++)
      await api.createNamespacedConfigMap({ namespace: 'default', body: { metadata: { name: `map-${i}` } } })
    while (readFileSync(trace, 'utf8').split('\n').length < 20) await new Promise((resolve) => setTimeout(resolve, 10))
    child.kill('SIGKILL')
    await new Promise((resolve) => child.once('exit', resolve))
    const { events } = readTrace(trace)
    const created = events.flatMap((event) => (event.type === 'call' ? [event.name] : []))
    expect(created.slice(0, 5)).toEqual(['map-0', 'map-1', 'map-2', 'map-3', 'map-4'])
  }, 120_000)

  it('says what is wrong with an upstream that cannot be used', async () => {
    const child = spawn(process.execPath, [program, 'record', '--upstream', place.file('none')], {
      cwd: place.directory,
    })
    let error = ''
    child.stderr.on('data', (chunk: Buffer) => (error += chunk.toString()))
    const status = await new Promise((resolve) => child.once('exit', resolve))
    expect(status).toBe(2)
    expect(error).toContain('the kubeconfig')
  }, 120_000)
})
