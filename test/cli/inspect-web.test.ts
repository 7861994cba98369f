/** The web inspector that `--web` serves: only to who has its URL, and alive while a search runs. */
import { spawn, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type InspectorServer, serveInspector } from '#cli/inspector-server.ts'
import { openDump } from '#dump/read-dump.ts'
import { dumpMembers } from '#dump/write-dump.ts'
import { fight, forkedOutcome, reportWith, staleDeletion } from './reports.ts'

const root = join(import.meta.dirname, '../..')

function sourceWith(...findings: Parameters<typeof reportWith>[0]) {
  const bytes = Buffer.concat([...dumpMembers('explore', [reportWith(findings)])])
  const read = async (offset: number, length: number) => bytes.subarray(offset, offset + length)
  return { name: 'a dump', size: bytes.length, read }
}

interface Answer {
  readonly status: number | undefined
  readonly headers: Readonly<Record<string, unknown>>
}

function ask(url: string, options: { readonly method?: string; readonly headers?: Record<string, string> } = {}) {
  return new Promise<Answer>((resolve, reject) => {
    request(url, options, (response) => {
      response.resume()
      resolve({ status: response.statusCode, headers: response.headers })
    })
      .on('error', reject)
      .end()
  })
}

describe('the server', () => {
  let server: InspectorServer

  beforeAll(async () => {
    server = await serveInspector(0)
    server.show(sourceWith(fight))
  })
  afterAll(() => server.close())

  it('answers nobody who has not its URL, and no page of another name', async () => {
    const { origin, host } = new URL(server.url)
    expect(host).toMatch(/^127\.0\.0\.1:/)
    const statuses = [
      await ask(server.url),
      await ask(`${origin}/`),
      await ask(`${origin}/${'x'.repeat(32)}/dump?version=1`),
      await ask(server.url, { headers: { host: 'evil.example' } }),
      await ask(server.url, { method: 'POST' }),
      await ask(`${server.url}../etc/passwd`),
      await ask(`${server.url}other`),
    ].map(({ status }) => status)
    expect(statuses).toEqual([200, 403, 403, 403, 405, 403, 404])
  })

  it('has a policy in its page that lets nothing in and nobody frame it', async () => {
    const { headers } = await ask(server.url)
    expect(headers['content-security-policy']).toMatch(/^default-src 'none'; connect-src 'self'; script-src 'sha256-/)
    expect(headers['content-security-policy']).toContain("frame-ancestors 'none'")
    expect(headers['access-control-allow-origin']).toBeUndefined()
  })

  it('serves the parts of the dump that it shows, and none beyond', async () => {
    const { size } = sourceWith(fight)
    const part = (range: string, version = 1) => ask(`${server.url}dump?version=${version}`, { headers: { range } })
    expect(await part('bytes=0-9')).toMatchObject({ status: 206, headers: { 'content-length': '10' } })
    for (const range of ['', 'bytes=0-', 'bytes=9-0', `bytes=0-${size}`, 'bytes=-5', 'bytes=0-99999999999999'])
      expect((await part(range)).status, range).toBe(416)
    expect((await part('bytes=0-9', 2)).status).toBe(410)
    const dump = await openDump({
      name: 'served',
      size,
      read: async (offset, length) => {
        const headers = { range: `bytes=${offset}-${offset + length - 1}` }
        return new Uint8Array(await (await fetch(`${server.url}dump?version=1`, { headers })).arrayBuffer())
      },
    })
    expect(dump.reports[0]?.findings[0]?.id).toBe(fight.id)
  })

  it('says so when its port is taken', async () => {
    await expect(serveInspector(Number(new URL(server.url).port))).rejects.toThrow(/cannot listen on port/)
  })
})

const executablePath = ['chromium', 'chromium-browser', 'google-chrome']
  .map((name) => spawnSync('which', [name], { encoding: 'utf8' }).stdout?.trim() ?? '')
  .find((path) => path !== '')

describe.skipIf(executablePath === undefined)(
  `the served page in a browser${executablePath === undefined ? ' (skipped: chromium is not installed)' : ''}`,
  { timeout: 120_000 },
  () => {
    const problems: string[] = []
    let server: InspectorServer
    let browser: Browser
    let page: Page

    beforeAll(async () => {
      server = await serveInspector(0)
      browser = await chromium.launch({ executablePath: executablePath ?? '', args: ['--no-sandbox'] })
      page = await browser.newPage({ viewport: { width: 1280, height: 900 } })
      page.on('console', (message) => {
        if (message.type() === 'error' || message.type() === 'warning') problems.push(message.text())
      })
      page.on('pageerror', (error) => problems.push(error.message))
      page.on('request', (asked) => {
        if (!asked.url().startsWith(server.url)) problems.push(`asks for ${asked.url()}`)
      })
    }, 120_000)
    afterAll(async () => {
      await browser?.close()
      await server?.close()
    })

    it('follows a search: its progress, what oracles see, each dump, and its end', async () => {
      const folder = join(root, 'node_modules/.cache/screenshots')
      mkdirSync(folder, { recursive: true })
      const shows = (text: string) => page.getByText(text).first().waitFor()
      await page.goto(server.url)
      await shows('Findings and outcomes come here')
      const counts = { statesDistinct: 1234, statesOnQueue: 56, depth: 7, elapsedMs: 1000, statesPerSecond: 1234 }
      server.tell('progress', { scenario: 'zookeeper', level: 'lagging write faults 1', ...counts })
      await shows('1,234 states')
      server.tell('found', { scenario: 'zookeeper', name: '<b>no-churn</b>', objects: ['Pod default/a'] })
      await shows('<b>no-churn</b> on Pod default/a')
      await page.screenshot({ path: join(folder, 'live-searching.png') })
      server.show(sourceWith(staleDeletion))
      await page.getByRole('heading', { level: 1, name: staleDeletion.message }).waitFor()
      await page.keyboard.press('k')
      await page.waitForURL(/step=2/)
      server.show(sourceWith(staleDeletion, forkedOutcome))
      await page.getByRole('button', { name: forkedOutcome.oracle }).waitFor()
      expect(page.url()).toContain('step=2')
      server.tell('end', {})
      await shows('The search is over')
      await page.screenshot({ path: join(folder, 'live-ended.png') })
      await page.reload()
      await shows('<b>no-churn</b> on Pod default/a')
      expect(problems).toEqual([])
    })
  },
)

it('explore --web serves from the beginning until Ctrl-C, and ends as explore does', { timeout: 120_000 }, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'kamera-web-'))
  const node = ['--conditions=kamera-source', '--import', import.meta.resolve('tsx'), join(root, 'src/cli/main.ts')]
  const scenario = join(root, 'test/cli/scenarios/race.ts')
  const child = spawn(process.execPath, [...node, 'explore', scenario, '--web'], { cwd: folder })
  let errors = ''
  let out = ''
  child.stdout.on('data', (text) => {
    out += text
  })
  const status = new Promise((resolve) => child.on('close', resolve))
  await new Promise<void>((resolve, reject) => {
    child.on('close', () => reject(new Error(errors)))
    child.stderr.on('data', (text) => {
      errors += text
      if (errors.includes('until Ctrl-C')) resolve()
    })
  })
  const [, url = ''] = /Inspector: (\S+)/.exec(errors) ?? []
  expect((await ask(url)).status).toBe(200)
  child.kill('SIGINT')
  expect(await status).toBe(1)
  expect(out).toContain('violated')
})
