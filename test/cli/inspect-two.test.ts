/** `kamera inspect A B`: what differs between two traces or two searches, in the terminal and in a real browser. */
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { chromium, type Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { htmlPage } from '#cli/html-file.ts'
import { inspectVerb } from '#cli/inspect.ts'
import { checkComparison } from '#dump/check-data.ts'
import { openDumpFile, writeDumpFile } from '#dump/dump-file.ts'
import { createInspector, type InspectorModel } from '#terminal-inspector/model.ts'
import { update, withPath } from '#terminal-inspector/update.ts'
import { view } from '#terminal-inspector/view.ts'
import type { PathRecord } from '#trace/path.ts'
import { HEADER, thingType, written } from '../analyses/traces.ts'
import { fight, forkedOutcome, reportWith, staleDeletion } from './reports.ts'
import { fakeTerminal } from './terminal.ts'

const root = join(import.meta.dirname, '../..')
const size = { width: 80, height: 24 }
const thing = (name: string, value: string) => ({
  ...thingType,
  metadata: { namespace: 'default', name, resourceVersion: '5', uid: 'u' },
  data: { value },
})
/** The user creates one thing, and what else is named. */
const trace = (value: string, other: string) =>
  written(
    ['a', other].map((name, step) => ({
      step,
      type: 'call',
      by: 'user',
      verb: 'create',
      object: thingType,
      namespace: 'default',
      name,
      cached: false,
      request: {},
      response: { object: thing(name, value) },
      committed: [{ object: `ConfigMap default/${name}`, resourceVersion: '5', removed: false }],
    })),
    HEADER,
  )

/** Two traces, two searches, and the dumps of both pairs. */
async function twoPairs() {
  const terminal = fakeTerminal()
  const at = (name: string) => join(terminal.workingDirectory, name)
  writeFileSync(at('a.jsonl'), trace('<b>one</b>', 'left'))
  writeFileSync(at('b.jsonl'), trace('two', 'right'))
  const before = reportWith([{ ...staleDeletion, key: 'stale' }, forkedOutcome])
  const after = reportWith([forkedOutcome, { ...fight, key: 'fight' }])
  writeDumpFile(at('a.dump'), 'explore', [before])
  writeDumpFile(at('b.dump'), 'explore', [{ ...after, outcomes: after.outcomes.slice(1) }])
  expect(await inspectVerb({ file: 'a.jsonl', other: 'b.jsonl', dump: 'traces.dump' }, terminal)).toBe(0)
  expect(await inspectVerb({ file: 'a.dump', other: 'b.dump', dump: 'searches.dump' }, terminal)).toBe(0)
  return { terminal, at }
}

const screen = (model: InspectorModel) =>
  view(model, size)
    .map(({ text }) => text.trimEnd())
    .join('\n')

it('shows what differs between two traces, and leads to the object', async () => {
  const { at } = await twoPairs()
  const dump = await openDumpFile(at('traces.dump'))
  const paths = await Promise.all(dump.reports.map(async ({ outcomes }) => dump.path(outcomes[0]?.first ?? never())))
  await dump.close()
  const press = (model: InspectorModel, ...keys: readonly string[]) =>
    keys.reduce((before, key) => {
      let after = update(before, key, size)
      while (after.wanted?.type === 'read') {
        const { $path } = after.wanted.path
        after = withPath(after, $path, paths[$path] as PathRecord)
      }
      return after
    }, model)
  const start = createInspector('a and b', dump.reports, dump.graphs, dump.comparison)
  expect(screen(start)).toContain('They end differently.\nfirst: a.jsonl · second: b.jsonl')
  expect(screen(start)).toContain('Only at the end of the first\n ▸ - ConfigMap default/left')
  expect(screen(start)).toContain('Only at the end of the second\n   + ConfigMap default/right')
  expect(screen(start)).toContain('ConfigMap default/a, first → second\n   ~ data.value: <b>one</b> → two')
  const life = press(start, 'down', 'enter')
  expect(screen(life)).toContain('Lifecycle of ConfigMap default/right')
  expect(screen(press(life, 'escape'))).toContain('user creates ConfigMap default/right')
  expect(press(life, 'x')).toMatchObject({ screen: 'comparison', line: 0 })
  expect(press(start, 'escape').screen).toBe('entries')
  expect(press(start, 'escape', 'x').screen).toBe('comparison')
  expect(screen(press(start, 'escape', 'd'))).toContain('first: s · run of seed 1 beside second: s · run of seed 1')
  expect(press(start, 'a', 'd', 's', 'y', 'n', 'tab').screen).toBe('comparison')
  expect(press(createInspector('a', dump.reports), 'x').message).toContain('One file is shown')
})

it('shows what only one search found, and opens it', async () => {
  const { at } = await twoPairs()
  const dump = await openDumpFile(at('searches.dump'))
  await dump.close()
  const { comparison } = dump
  expect(comparison).toMatchObject({ left: 'a.dump', right: 'b.dump', alike: false })
  const shown = comparison?.sections.flatMap(({ title, lines }) =>
    lines.map(
      ({ tone, entry }) => `${title}${tone === undefined ? '' : ` ${tone}`}${entry === undefined ? '' : ` ${entry}`}`,
    ),
  )
  // Of the first there are two findings and two outcomes, then those of the second.
  expect(shown).toEqual([
    'zookeeper: violated, both',
    'Findings of the first only removed 0',
    'Findings of the second only added 5',
    'Outcomes of the first only removed 2',
  ])
  expect(dump.header.scenarios).toEqual(['first: zookeeper', 'second: zookeeper'])
  expect(dump.reports[1]?.findings[1]?.id).toBe(fight.id)
})

it('refuses what cannot be compared, and dumps whose comparison leads out of them', async () => {
  const { terminal } = await twoPairs()
  const inspect = (file: string, other: string) => inspectVerb({ file, other, dump: 'c.dump' }, terminal)
  await expect(inspect('a.jsonl', 'a.dump')).rejects.toThrow('a.jsonl is a trace, and a.dump is none.')
  await expect(inspect('a.dump', 'absent.dump')).rejects.toThrow('absent.dump cannot be read')
  const broken = {
    left: 'a',
    right: 'b',
    alike: true,
    message: '',
    sections: [{ title: '', lines: [{ text: '', entry: 3 }] }],
  }
  expect(() => checkComparison(broken, 3)).toThrow('comparison is not one of its findings and outcomes')
  expect(checkComparison(broken, 4)).toBe(broken)
})

const hasTmux = spawnSync('tmux', ['-V']).status === 0

it.skipIf(!hasTmux)(
  `opens two files in a real terminal${hasTmux ? '' : ' (skipped: tmux is not installed)'}`,
  { timeout: 120_000 },
  async () => {
    const { terminal } = await twoPairs()
    const socket = `kamera-inspect-two-${process.pid}`
    const tmux = (...args: readonly string[]) => execFileSync('tmux', ['-L', socket, ...args], { encoding: 'utf8' })
    const shows = async (text: string) => {
      for (let tries = 0; !tmux('capture-pane', '-p').includes(text); tries++) {
        if (tries > 400) throw new Error(`the screen never showed ${text}:\n${tmux('capture-pane', '-p')}`)
        await wait(100)
      }
    }
    const kamera = `node --conditions=kamera-source --import ${import.meta.resolve('tsx')} ${join(root, 'src/cli/main.ts')}`
    const shell = `${kamera} inspect a.jsonl b.jsonl; echo "ended with $?"; sleep 60`
    tmux('new-session', '-d', '-x', '80', '-y', '24', '-c', terminal.workingDirectory, shell)
    try {
      await shows('They end differently.')
      tmux('send-keys', 'Down', 'Enter')
      await shows('Lifecycle of ConfigMap default/right')
      tmux('send-keys', 'x')
      await shows('Only at the end of the second')
      tmux('send-keys', 'q')
      await shows('ended with 0')
    } finally {
      tmux('kill-server')
    }
  },
)

const executablePath = ['chromium', 'chromium-browser', 'google-chrome']
  .map((name) => spawnSync('which', [name], { encoding: 'utf8' }).stdout?.trim() ?? '')
  .find((path) => path !== '')

describe.skipIf(executablePath === undefined)(
  `two files in a browser${executablePath === undefined ? ' (skipped: chromium is not installed)' : ''}`,
  { timeout: 120_000 },
  () => {
    it('open at what differs, each line leading to what it is about', async () => {
      const { at } = await twoPairs()
      const screenshots = join(root, 'node_modules/.cache/screenshots')
      mkdirSync(screenshots, { recursive: true })
      const folder = mkdtempSync(join(tmpdir(), 'kamera-two-'))
      const part = (name: string): string => readFileSync(join(root, 'dist/web-inspector', name), 'utf8')
      const browser = await chromium.launch({ executablePath: executablePath ?? '', args: ['--no-sandbox'] })
      const problems: string[] = []
      const opened = async (name: string): Promise<Page> => {
        const page = await browser.newPage({ viewport: { width: 1280, height: 900 } })
        page.on('pageerror', (error) => problems.push(error.message))
        const html = htmlPage(readFileSync(at(`${name}.dump`)), { script: part('page.js'), style: part('page.css') })
        writeFileSync(join(folder, `${name}.html`), html)
        await page.goto(`file://${join(folder, `${name}.html`)}`)
        return page
      }
      try {
        const traces = await opened('traces')
        const shows = (page: Page, text: string) => page.getByText(text).first().waitFor()
        await shows(traces, 'They end differently.')
        await shows(traces, 'data.value: <b>one</b> → two')
        await traces.screenshot({ path: join(screenshots, 'two-traces.png') })
        for (const colorScheme of ['light', 'dark'] as const) {
          await traces.emulateMedia({ colorScheme })
          const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
          const found = await traces.evaluate(`${axe}; axe.run().then(({ violations }) => violations
            .filter(({ impact }) => impact === 'serious' || impact === 'critical')
            .map(({ id, nodes }) => id + ': ' + nodes[0].html))`)
          expect(found, colorScheme).toEqual([])
        }
        await traces.getByRole('button', { name: 'Open: ConfigMap default/right' }).click()
        await shows(traces, 'Lifecycle of ConfigMap default/right')
        await traces.getByRole('button', { name: 'What differs' }).click()
        await shows(traces, 'Only at the end of the first')
        await traces.goBack()
        await shows(traces, 'Lifecycle of ConfigMap default/right')
        await traces.getByRole('button', { name: 'Difference at rest' }).click()
        await shows(traces, 'first: s/run of seed 1')

        const searches = await opened('searches')
        await shows(searches, 'They found different things.')
        await searches.screenshot({ path: join(screenshots, 'two-searches.png') })
        await searches.getByRole('button', { name: 'open' }).first().click()
        await searches.getByRole('heading', { level: 1, name: staleDeletion.message }).waitFor()
        expect(problems).toEqual([])
      } finally {
        await browser.close()
      }
    })
  },
)

function never(): never {
  throw new Error('there is an outcome')
}
