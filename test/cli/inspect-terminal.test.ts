/** `kamera inspect` in a real terminal, which tmux plays. */
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { afterAll, describe, expect, it } from 'vitest'
import { writeDumpFile } from '#dump/dump-file.ts'
import type { StateGraph } from '#trace/state-graph.ts'
import { fight, forkedOutcome, reportWith, staleDeletion } from './reports.ts'

const report = reportWith([staleDeletion, forkedOutcome, fight])
/** 0 → 1 → 2. */
const graph: StateGraph = {
  level: { profile: 'lagging', granularity: 'write', faults: 1 },
  states: 3,
  actions: ['the user acts', 'zookeeper-operator default/zk reconciles'],
  depths: Int32Array.of(0, 1, 2),
  reachedBy: Int32Array.of(-1, 0, 1),
  offsets: Int32Array.of(0, 1, 2, 2),
  targets: Int32Array.of(1, 2),
  takenBy: Int32Array.of(0, 1),
  rests: [2],
  paths: { [staleDeletion.id]: [0, 1, 2] },
  stepwise: [],
}
const hasTmux = spawnSync('tmux', ['-V']).status === 0
const folder = mkdtempSync(join(tmpdir(), 'kamera-inspect-'))
/** Of the server of each terminal: one that is about to end takes no new session. */
let socket = ''
const main = join(import.meta.dirname, '../../src/cli/main.ts')
const tsx = import.meta.resolve('tsx')

const tmux = (...args: readonly string[]): string => execFileSync('tmux', ['-L', socket, ...args], { encoding: 'utf8' })

/** Waits until the screen has the text. */
async function shows(text: string): Promise<string> {
  for (let tries = 0; ; tries++) {
    const screen = tmux('capture-pane', '-p')
    if (screen.includes(text)) return screen
    if (tries > 400) throw new Error(`the screen never showed ${text}:\n${screen}`)
    await wait(100)
  }
}

afterAll(() => void spawnSync('tmux', ['-L', socket, 'kill-server']))

describe.skipIf(!hasTmux)(`kamera inspect in tmux${hasTmux ? '' : ' (skipped: tmux is not installed)'}`, () => {
  it.each([
    ['80', '24'],
    ['200', '50'],
  ])('shows every view in %s×%s and leaves the terminal as it was', { timeout: 120_000 }, async (columns, rows) => {
    socket = `kamera-inspect-${process.pid}-${columns}`
    writeDumpFile(join(folder, 'a.dump'), 'explore', [report], new Map([[0, graph]]))
    const kamera = `node --conditions=kamera-source --import ${tsx} ${main} inspect a.dump`
    const shell = `echo before; ${kamera}; echo "ended with $?"; sleep 60`
    tmux('new-session', '-d', '-x', columns, '-y', rows, '-c', folder, shell)
    await shows('▸  no-delete-on-stale-evidence')
    tmux('send-keys', 'Enter')
    await shows('▸   3  ')
    tmux('send-keys', 'g')
    await shows('▸   1  user applies')
    tmux('send-keys', 'Down', 'Enter')
    await shows('step 2 of')
    tmux('send-keys', 's')
    await shows('where the finding was met')
    tmux('send-keys', 'Enter')
    await shows('state 2 of 3')
    tmux('send-keys', 's')
    await shows('step 2 of')
    tmux('send-keys', 'e')
    await shows('why this is found')
    tmux('send-keys', '?')
    await shows('these keys')
    tmux('send-keys', 'Escape')
    await shows('why this is found')
    tmux('send-keys', 'e')
    await shows('step 2 of')
    tmux('send-keys', 'a')
    await shows('Why: what led to this step')
    tmux('send-keys', 'a', 'u')
    await shows('Summary: what each controller did')
    tmux('send-keys', 'u', 'm')
    await shows('What the search is made of')
    await shows('first met by')
    tmux('send-keys', 'm', 'o', 'a')
    await shows('Lifecycle of ')
    tmux('send-keys', 'Escape')
    tmux('send-keys', 'o')
    await shows('Follow which object')
    tmux('send-keys', 'Enter')
    await shows('following ')
    tmux('send-keys', 'h', 'Down', 'd')
    await shows('run A beside run B')
    tmux('send-keys', 'Escape')
    await shows('here the runs part')
    tmux('send-keys', 'h', 'G', 'd')
    await shows(' beside ')
    tmux('send-keys', 'q')
    const screen = await shows('ended with 0')
    expect(screen).toContain('before')
    tmux('kill-server')
  })
})
