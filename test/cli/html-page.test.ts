/** The page that `--html` writes, in a real browser: every view by keyboard and by mouse, offline, usable by everyone. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { htmlPage } from '#cli/html-file.ts'
import { dumpMembers } from '#dump/write-dump.ts'
import type { StateGraph } from '#trace/state-graph.ts'
import { LIVE_HEADER, thingType, written } from '../analyses/traces.ts'
import { fight, forkedOutcome, reportWith, staleDeletion } from './reports.ts'

const root = join(import.meta.dirname, '../..')
const executablePath = ['chromium', 'chromium-browser', 'google-chrome']
  .map((name) => spawnSync('which', [name], { encoding: 'utf8' }).stdout?.trim() ?? '')
  .find((path) => path !== '')
const script = '<script>document.title = "taken"</script><img src=x onerror="document.title = \'taken\'">'
const hostile = { ...staleDeletion, message: script }
const report = reportWith([hostile, forkedOutcome, fight])
/** 0 → 1 → 2, by an action whose name is hostile too. */
const graph: StateGraph = {
  level: { profile: 'lagging', granularity: 'write', faults: 1 },
  states: 3,
  actions: [script, 'zookeeper-operator default/zk reconciles'],
  depths: Int32Array.of(0, 1, 2),
  reachedBy: Int32Array.of(-1, 0, 1),
  offsets: Int32Array.of(0, 1, 2, 2),
  targets: Int32Array.of(1, 2),
  takenBy: Int32Array.of(0, 1),
  rests: [2],
  paths: { [report.outcomes[0]?.id ?? '']: [0, 1, 2] },
  stepwise: [],
}
const dump = Buffer.concat([...dumpMembers('explore', [report], new Map([[0, graph]]))])

it('lets nothing of a dump out of its place', () => {
  const page = htmlPage(dump, { script: 'a("</script>")', style: 'b{}</style>' })
  expect(page.match(/<script/g)).toHaveLength(2)
  expect(page.match(/<\/script/g)).toHaveLength(2)
  expect(page).not.toContain('taken')
  expect(page).toContain("default-src 'none'")
})

describe.skipIf(executablePath === undefined)(
  `the page in a browser${executablePath === undefined ? ' (skipped: chromium is not installed)' : ''}`,
  { timeout: 120_000 },
  () => {
    const folder = mkdtempSync(join(tmpdir(), 'kamera-html-'))
    const file = join(folder, 'report.html')
    const screenshots = join(root, 'node_modules/.cache/screenshots')
    const problems: string[] = []
    let browser: Browser
    let page: Page

    beforeAll(async () => {
      const part = (name: string): string => readFileSync(join(root, 'dist/web-inspector', name), 'utf8')
      writeFileSync(file, htmlPage(dump, { script: part('page.js'), style: part('page.css') }))
      mkdirSync(screenshots, { recursive: true })
      const args = ['--no-sandbox', '--disable-background-networking']
      browser = await chromium.launch({ executablePath: executablePath ?? '', args })
      page = await browser.newPage({ viewport: { width: 1280, height: 900 } })
      page.on('console', (message) => {
        if (message.type() === 'error' || message.type() === 'warning') problems.push(message.text())
      })
      page.on('pageerror', (error) => problems.push(error.message))
      page.on('request', (request) => {
        if (!request.url().startsWith(`file://${file}`)) problems.push(`asks for ${request.url()}`)
      })
      await page.goto(`file://${file}`)
      await page.getByRole('heading', { level: 1 }).waitFor()
    }, 120_000)

    afterAll(async () => {
      await browser?.close()
    })

    const shows = (text: string) => page.getByText(text).first().waitFor()
    const pictured = (name: string) => page.screenshot({ path: join(screenshots, `${name}.png`) })

    it('reaches every view by mouse', async () => {
      await page.getByRole('button', { name: forkedOutcome.oracle }).click()
      await shows('here the runs part')
      await pictured('steps')
      await page.getByRole('button', { name: 'Run B' }).click()
      await page.getByRole('button', { name: 'Analyses' }).click()
      await shows('Why: what led to this step')
      await pictured('analyses')
      await page.getByRole('button', { name: 'Summary' }).click()
      await shows('Summary: what each controller did')
      await pictured('summary')
      await page.getByRole('button', { name: 'Space-time' }).click()
      await page.getByRole('group', { name: 'Space-time diagram of the path' }).waitFor()
      await pictured('space-time')
      await page.getByRole('button', { name: 'Difference at rest' }).click()
      await shows('they differ in')
      await pictured('difference')
      await page.getByRole('button', { name: 'States', exact: true }).click()
      await shows('State of 3')
      await page.getByRole('button', { name: '→ 2' }).click()
      await page.waitForURL(/state=2/)
      await shows('Before: 1 transition')
      await pictured('states')
      await page.goBack()
      await page.goBack()
      await page.goBack()
      await page.getByRole('group', { name: 'Space-time diagram of the path' }).waitFor()
    })

    it('reaches every view by keyboard, each with a URL', async () => {
      await page.goto(`file://${file}#`)
      await page.keyboard.press(']')
      await page.waitForURL(/view=steps&step=2/)
      await page.keyboard.press('j')
      await page.waitForURL(/step=3/)
      await page.keyboard.press('v')
      await page.waitForURL(/view=analyses/)
      await page.keyboard.press('v')
      await page.waitForURL(/view=summary/)
      await page.keyboard.press('v')
      await page.waitForURL(/view=space-time/)
      await page.keyboard.press('v')
      await page.waitForURL(/view=difference/)
      await page.keyboard.press('r')
      await page.waitForURL(/run=2/)
      await page.keyboard.press('v')
      await page.waitForURL(/view=states/)
      await page.keyboard.press('v')
      await page.keyboard.press('f')
      await page.waitForURL(/view=steps/)
      await page.keyboard.press('/')
      await page.keyboard.type('no step has this')
      await page.locator('.step').first().waitFor({ state: 'detached' })
    })

    it.each(['light', 'dark'] as const)(
      'has no serious fault for those who cannot see or point, %s',
      async (colorScheme) => {
        await page.emulateMedia({ colorScheme })
        const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
        const places = ['steps', 'analyses', 'summary', 'space-time', 'difference', 'states'].map(
          (view) => `${forkedOutcome.id}&view=${view}`,
        )
        for (const view of [...places, `${report.outcomes[0]?.id}&view=difference`]) {
          await page.goto(`file://${file}#at=zookeeper%2F${view}`)
          await page.getByRole('heading', { level: 1 }).waitFor()
          const found = await page.evaluate(`${axe}; axe.run().then(({ violations }) => violations
          .filter(({ impact }) => impact === 'serious' || impact === 'critical')
          .map(({ id, nodes }) => id + ': ' + nodes[0].html))`)
          expect(found, view).toEqual([])
        }
        await pictured(`difference-${colorScheme}`)
      },
    )

    it('leads from a cause to its step, and from an object to its life', async () => {
      await page.goto(`file://${file}#at=zookeeper%2F${hostile.id}&run=1&view=analyses&step=2`)
      await shows('because ZookeeperCluster default/zk was ADDED, in step 1')
      await page.getByRole('button', { name: 'Go to step 1' }).first().click()
      await page.waitForURL(/view=analyses&step=1/)
      await shows('it comes from outside')
      await page.getByLabel('Object').selectOption('ZookeeperCluster default/zk')
      await page.waitForURL(/object=ZookeeperCluster%20default%2Fzk/)
      await shows('Lifecycle of ZookeeperCluster default/zk')
      await shows('zookeeper-operator updates ZookeeperCluster default/zk (status)')
    })

    it('compares outcomes that no finding compares', async () => {
      const [first, second] = report.outcomes
      await page.goto(`file://${file}#at=zookeeper%2F${first?.id}&view=difference`)
      await shows(`${first?.id} beside`)
      await page.getByRole('button', { name: second?.id ?? '', exact: true }).click()
      await page.waitForURL(new RegExp(`other=${second?.id}`))
      await pictured('outcomes')
    })

    it('cuts what is huge in an object, and opens it all the same', async () => {
      const trace = join(folder, 'huge.jsonl')
      const html = join(folder, 'huge.html')
      const many = Object.fromEntries(Array.from({ length: 10_000 }, (_, index) => [`key-${index}`, 'v'.repeat(20)]))
      const data = { huge: 'x'.repeat(1_000_000), [`${script}\u202e\u001b[31m`]: script, ...many }
      const metadata = { namespace: 'default', name: 'a', resourceVersion: '5' }
      const at = { process: 'operator', controller: 'operator', request: { namespace: 'default', name: 'a' } }
      const call = { step: 1, type: 'call', by: 'operator#1', verb: 'create', object: thingType, cached: false }
      const events = [
        { step: 0, type: 'reconcile-begin', reconcile: 'operator#1', ...at, causes: [{ type: 'start' }] },
        {
          ...call,
          namespace: 'default',
          name: 'a',
          request: { body: { ...thingType, metadata, data } },
          response: { object: { ...thingType, metadata, data } },
          committed: [{ object: 'ConfigMap default/a', resourceVersion: '5', removed: false }],
        },
        { step: 2, type: 'reconcile-end', reconcile: 'operator#1', result: { type: 'done' } },
        { step: 3, type: 'end', steps: 3 },
      ]
      writeFileSync(trace, written(events, LIVE_HEADER))
      const made = spawnSync(process.execPath, [join(root, 'dist/cli/main.js'), 'inspect', trace, '--html', html])
      expect(made.status, String(made.stderr)).toBe(0)
      const other = await browser.newPage()
      const told: string[] = []
      other.on('console', (message) => void told.push(message.text()))
      other.on('pageerror', (error) => void told.push(error.message))
      await other.goto(`file://${html}`)
      for (const view of ['Analyses', 'Space-time', 'Steps']) {
        await other.getByRole('button', { name: view, exact: true }).click()
        await other.getByRole('button', { name: view, exact: true, pressed: true }).waitFor()
        expect(await other.evaluate('document.body.innerText.length'), view).toBeLessThan(50_000)
      }
      expect(await other.title()).not.toBe('taken')
      expect(told).toEqual([])
      await other.close()
    })

    it('shows markup as text, runs nothing of it, and asks nothing of a network', async () => {
      await page.goto(`file://${file}#`)
      await shows(script)
      expect(await page.title()).not.toBe('taken')
      expect(problems).toEqual([])
    })
  },
)
