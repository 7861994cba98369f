/** The pages of what searches of the corpus find: every view that each offers, by mouse and by keyboard, in both colours. */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Browser, chromium } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openDumpFile } from '#dump/dump-file.ts'

const root = join(import.meta.dirname, '../..')
const executablePath = ['chromium', 'chromium-browser', 'google-chrome']
  .map((name) => spawnSync('which', [name], { encoding: 'utf8' }).stdout?.trim() ?? '')
  .find((path) => path !== '')

/** A page shows the graphs of searches up to this size; a dump has them all. */
const PAGE_STATES_MAX = 20_000
const corpus = join(root, 'examples/corpus')
/** The rows that have a finding; the others are traps. */
const rows = readdirSync(corpus).filter((name) => existsSync(join(corpus, name, 'faulty.ts')))

interface Expected {
  readonly faulty: { readonly options?: readonly string[] }
}

describe.skipIf(executablePath === undefined)(
  `pages of the corpus${executablePath === undefined ? ' (skipped: chromium is not installed)' : ''}`,
  { timeout: 240_000 },
  () => {
    const folder = mkdtempSync(join(tmpdir(), 'kamera-pages-'))
    const screenshots = join(root, 'node_modules/.cache/screenshots')
    const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
    let browser: Browser

    beforeAll(async () => {
      mkdirSync(screenshots, { recursive: true })
      const args = ['--no-sandbox', '--disable-background-networking']
      browser = await chromium.launch({ executablePath: executablePath ?? '', args })
    }, 120_000)

    afterAll(async () => {
      await browser?.close()
    })

    it.each(rows)('%s', async (name) => {
      const file = join(folder, `${name}.html`)
      const scenario = `examples/corpus/${name}/faulty.ts`
      const expected = JSON.parse(readFileSync(join(corpus, name, 'expected.json'), 'utf8')) as Expected
      const options = [...(expected.faulty.options ?? []), '--html', file, '--dump', `${file}.dump`]
      const explored = spawnSync('node', ['dist/cli/main.js', 'explore', scenario, ...options], {
        cwd: root,
        encoding: 'utf8',
      })
      expect(explored.status, explored.stdout + explored.stderr).toBe(1)
      const problems: string[] = []
      const page = await browser.newPage({ viewport: { width: 1280, height: 900 } })
      page.on('console', (message) => void problems.push(message.text()))
      page.on('pageerror', (error) => void problems.push(error.message))
      page.on('request', (request) => {
        if (!request.url().startsWith(`file://${file}`)) problems.push(`asks for ${request.url()}`)
      })
      await page.goto(`file://${file}`)
      await page.getByRole('heading', { level: 1 }).waitFor()
      await page.waitForURL(/step=\d/)
      const views = page.getByRole('group', { name: 'View' }).getByRole('button')
      const names = await views.allTextContents()
      expect(names).toEqual(expect.arrayContaining(['Steps', 'Space-time']))
      const dump = await openDumpFile(`${file}.dump`)
      expect(dump.graphs).toHaveLength(1)
      expect(names.includes('States')).toBe(dump.graphs.every(({ states }) => states <= PAGE_STATES_MAX))
      await dump.close()
      for (const [number, view] of names.entries()) {
        await views.nth(number).click()
        const isOn = page.getByRole('button', { name: view, exact: true, pressed: true })
        await isOn.waitFor()
        for (const colorScheme of ['light', 'dark'] as const) {
          await page.emulateMedia({ colorScheme })
          const found = await page.evaluate(`${axe}; axe.run().then(({ violations }) => violations
            .filter(({ impact }) => impact === 'serious' || impact === 'critical')
            .map(({ id, nodes }) => id + ': ' + nodes[0].html))`)
          expect(found, `${view}, ${colorScheme}`).toEqual([])
        }
        await page.screenshot({ path: join(screenshots, `${name}-${number + 1}.png`) })
      }
      for (const view of names) {
        await page.keyboard.press('v')
        await page.getByRole('button', { name: view, exact: true, pressed: true }).waitFor()
      }
      expect(problems).toEqual([])
      await page.close()
    })
  },
)
