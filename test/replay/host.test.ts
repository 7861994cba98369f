/** A trace replayed by a program alone: no scenario says what its cluster serves. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { create, defineScenario, hostController } from 'kamera'
import { describe, expect, it } from 'vitest'
import { runCommandLine } from '#cli/command-line.ts'
import { verbs } from '#cli/load-verbs.ts'
import { traceLines } from '#inspect/trace-lines.ts'
import { recordedKinds } from '#replays/recorded-kinds.ts'
import { simulate } from '#simulate.ts'
import type { TraceEvent } from '#trace/trace-event.ts'
import { fakeTerminal } from '../cli/terminal.ts'

const host = fileURLToPath(new URL('host-program.mjs', import.meta.url))
const sheet = { apiVersion: 'example.com/v1', kind: 'Sheet' }

async function traceText(): Promise<string> {
  let text = ''
  const scenario = defineScenario({
    name: 'sheets',
    kinds: [sheet, { apiVersion: 'example.com/v1', kind: 'Page' }],
    controllers: [hostController({ name: 'painter', command: ['node', host, 'red'], directory: dirname(host) })],
    actions: [create({ ...sheet, metadata: { namespace: 'default', name: 'a' } })],
  })
  await simulate(scenario, {
    runs: 1,
    seed: 1,
    auditPercent: 0,
    onTrace: (header, events) => {
      text = traceLines(header, events)
    },
  })
  return text
}

describe('kamera replay --host', () => {
  it('executes the reconciles of a trace by a program, and names where another one differs', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'kamera-host-'))
    try {
      writeFileSync(join(directory, 'trace.jsonl'), await traceText())
      const replay = async (...words: string[]) => {
        const terminal = fakeTerminal({ workingDirectory: directory, columns: 1000 })
        const status = await runCommandLine(['replay', 'trace.jsonl', ...words], terminal, verbs)
        return { status, out: terminal.outs.join(''), error: terminal.errors.join('') }
      }
      const same = await replay('--host', `node "${host}" red`)
      expect(same).toMatchObject({ status: 0 })
      expect(same.out).toContain('✓ identical.')
      const other = await replay('--host', `node ${host} blue`, '--controller', 'pages')
      expect(other).toMatchObject({ status: 1 })
      expect(other.out).toContain('color was "red" then, and is "blue" now')
      const unknown = await replay('--host', `node ${host} red`, '--controller', 'pages=papers')
      expect(unknown).toMatchObject({ status: 2 })
      expect(unknown.error).toContain('the program has no controller papers. It has: pages')
      const both = await replay('--host', `node ${host}`, '--scenario', 'x.ts')
      expect(both.error).toContain('--host and a scenario were given')
    } finally {
      rmSync(directory, { recursive: true, force: true })
    }
  }, 120_000)
})

describe('the kinds of a trace', () => {
  it('lie in namespaces where an object or a call of one tells so', () => {
    const list = (kind: string, items: object[]): TraceEvent =>
      ({
        step: 0,
        type: 'call',
        by: 'p',
        verb: 'list',
        object: { apiVersion: 'example.com/v1', kind },
        cached: false,
        request: {},
        response: { items: items.map((metadata) => ({ apiVersion: 'example.com/v1', kind, metadata })) },
      }) as TraceEvent
    const events = [
      list('Empty', []),
      list('Wide', [{ name: 'a' }]),
      list('Narrow', [{ name: 'a', namespace: 'n' }]),
      list('Narrow', []),
      { ...list('ConfigMap', []), object: { apiVersion: 'v1', kind: 'ConfigMap' } } as TraceEvent,
    ]
    expect(recordedKinds(events).map(({ kind, namespaced }) => [kind, namespaced])).toEqual([
      ['Empty', true],
      ['Wide', false],
      ['Narrow', true],
    ])
  })
})
