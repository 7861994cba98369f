/** What only a server over HTTP has: a file that survives a kill, tokens, limits, slow clients, a graceful end. */
import { mkdtempSync, readFileSync, rmSync, truncateSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { runProgram, type ServerProcess, startServer } from './serve-process.ts'

const folder = mkdtempSync(join(tmpdir(), 'kamera-serve-test-'))
const started: ServerProcess[] = []
afterAll(async () => {
  for (const server of started) await server.stop()
  rmSync(folder, { recursive: true, force: true })
})

async function start(...words: readonly string[]): Promise<ServerProcess> {
  const server = await startServer(words, folder)
  started.push(server)
  return server
}

const configMap = (name: string, data: object = {}) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name },
  data,
})
const configMaps = '/api/v1/namespaces/default/configmaps'

function post(url: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  return fetch(url, { method: 'POST', body: text, headers: { 'content-type': 'application/json', ...headers } })
}

describe('kamera serve --persist', () => {
  it('loses no acknowledged write when it is killed', { timeout: 60_000 }, async () => {
    const file = join(folder, 'killed.journal')
    const first = await startServer(['--persist', file], folder)
    const acknowledged: string[] = []
    const writing = (async () => {
      for (let i = 0; ; i++) {
        const answer = await post(first.url + configMaps, configMap(`map-${i}`)).catch(() => undefined)
        if (answer?.status !== 201) return
        acknowledged.push(`map-${i}`)
      }
    })()
    while (acknowledged.length <= 20) await new Promise((resolve) => setTimeout(resolve, 10))
    first.child.kill('SIGKILL')
    await writing
    const second = await start('--persist', file)
    const list = (await (await fetch(second.url + configMaps)).json()) as { items: { metadata: { name: string } }[] }
    const names = new Set(list.items.map(({ metadata }) => metadata.name))
    expect(acknowledged.filter((name) => !names.has(name))).toEqual([])
  })

  it('gives a name that is created again another uid, and goes on counting revisions', async () => {
    const file = join(folder, 'again.journal')
    const first = await startServer(['--persist', file], folder)
    type Stored = { readonly metadata: { readonly uid: string; readonly resourceVersion: string } }
    const before = (await (await post(first.url + configMaps, configMap('a'))).json()) as Stored
    await fetch(`${first.url}${configMaps}/a`, { method: 'DELETE' })
    expect(await first.stop()).toBe(0)
    const second = await start('--persist', file)
    const after = (await (await post(second.url + configMaps, configMap('a'))).json()) as Stored
    expect(after.metadata.uid).not.toBe(before.metadata.uid)
    expect(Number(after.metadata.resourceVersion)).toBeGreaterThan(Number(before.metadata.resourceVersion))
  })

  it('drops a last line that was cut off, and refuses a damaged one', { timeout: 30_000 }, async () => {
    const file = join(folder, 'cut.journal')
    const first = await startServer(['--persist', file], folder)
    await post(first.url + configMaps, configMap('kept'))
    await post(first.url + configMaps, configMap('cut'))
    first.child.kill('SIGKILL')
    await new Promise((resolve) => first.child.once('exit', resolve))
    truncateSync(file, readFileSync(file).length - 5)
    const second = await startServer(['--persist', file], folder)
    expect((await fetch(`${second.url}${configMaps}/kept`)).status).toBe(200)
    expect((await fetch(`${second.url}${configMaps}/cut`)).status).toBe(404)
    await second.stop()
    truncateSync(file, 40)
    await expect(startServer(['--persist', file], folder)).rejects.toThrow(/ended with 2/)
  })
})

describe('kamera serve', () => {
  it('asks for its token, and tells nobody else anything', async () => {
    const server = await start('--token', 'secret')
    expect((await fetch(`${server.url}/api`)).status).toBe(401)
    expect((await fetch(`${server.url}/api`, { headers: { authorization: 'Bearer wrong' } })).status).toBe(401)
    expect((await fetch(`${server.url}/api`, { headers: { authorization: 'Bearer secret' } })).status).toBe(200)
    expect(readFileSync(server.kubeconfig, 'utf8')).toContain('token: secret')
  })

  it('does not listen beyond this machine without a token', async () => {
    await expect(startServer(['--host', '0.0.0.0'], folder)).rejects.toThrow(/add --token/)
  })

  it('answers no page that had its own name resolve to this machine', async () => {
    const server = await start()
    const { port } = new URL(server.url)
    const text = await raw(Number(port), 'GET /api HTTP/1.1\r\nhost: evil.example\r\nconnection: close\r\n\r\n')
    expect(text).toContain('403 Forbidden')
  })

  it('refuses bodies that are too large, too deep or no UTF-8, and goes on', async () => {
    const server = await start()
    const large = await post(server.url + configMaps, configMap('large', { text: 'x'.repeat(10_000_000) }))
    expect(large.status).toBe(413)
    const deep = `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"deep"},"data":${'['.repeat(200_000)}${']'.repeat(200_000)}}`
    expect((await post(server.url + configMaps, deep)).status).toBe(400)
    const invalid = await fetch(server.url + configMaps, {
      method: 'POST',
      body: new Uint8Array([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x7d]),
      headers: { 'content-type': 'application/json' },
    })
    expect(invalid.status).toBe(400)
    const polluting = `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"proto"},"__proto__":{"polluted":"yes"}}`
    expect((await post(server.url + configMaps, polluting)).status).toBe(201)
    expect((await (await fetch(`${server.url}${configMaps}/proto`)).text()).includes('polluted')).toBe(false)
    expect((await fetch(`${server.url}/readyz`)).status).toBe(200)
    expect(server.errors()).toBe('')
  })

  it('cuts off a watcher that does not read, and serves the others', { timeout: 60_000 }, async () => {
    const server = await start()
    const { port } = new URL(server.url)
    const slow = connect(Number(port), '127.0.0.1')
    slow.write(`GET ${configMaps}?watch=true HTTP/1.1\r\nhost: localhost\r\n\r\n`)
    slow.pause()
    let cut = false
    slow.once('close', () => (cut = true))
    slow.once('error', () => (cut = true))
    const watcher = await fetch(`${server.url}${configMaps}?watch=true`)
    const seen = countLines(watcher)
    const all = seen.atLeast(60)
    for (let i = 0; i < 60; i++)
      await post(server.url + configMaps, configMap(`big-${i}`, { text: 'x'.repeat(400_000) }))
    expect(await all).toBe(60)
    slow.resume()
    await until(() => cut)
    expect(cut).toBe(true)
    await seen.end()
  })

  it('ends watches and exits with 0 when it is told to', async () => {
    const server = await startServer([], folder)
    const watcher = await fetch(`${server.url}${configMaps}?watch=true`)
    const text = watcher.text()
    expect(await server.stop()).toBe(0)
    expect(await text).toBe('')
  })

  it('serves https with its own certificate, which its kubeconfig trusts', async () => {
    const server = await start('--tls')
    expect(server.url).toMatch(/^https:/)
    const kubeconfig = readFileSync(server.kubeconfig, 'utf8')
    const encoded = /certificate-authority-data: (\S+)/.exec(kubeconfig)?.[1] ?? ''
    const code = `require('https').get(process.argv[1] + '/readyz', { ca: Buffer.from(process.argv[2], 'base64') }, (r) => r.pipe(process.stdout))`
    const { out } = await runProgram(process.execPath, ['-e', code, server.url, encoded])
    expect(out).toBe('ok')
  })

  it('says which port is in use', async () => {
    const server = await start()
    const { port } = new URL(server.url)
    await expect(startServer(['--port', port], folder)).rejects.toThrow(/is in use/)
  })
})

function raw(port: number, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1')
    let answer = ''
    socket.on('data', (chunk) => (answer += chunk.toString()))
    socket.on('end', () => resolve(answer))
    socket.on('error', reject)
    socket.write(text)
  })
}

function countLines(response: Response): { atLeast(count: number): Promise<number>; end(): Promise<void> } {
  const reader = (response.body as ReadableStream<Uint8Array>).getReader()
  let lines = 0
  return {
    atLeast: async (count) => {
      while (lines < count) {
        const { done, value } = await reader.read()
        if (done) break
        lines += (value as Uint8Array).filter((byte) => byte === 10).length
      }
      return lines
    },
    end: () => reader.cancel(),
  }
}

async function until(holds: () => boolean): Promise<void> {
  for (let i = 0; i < 200 && !holds(); i++) await new Promise((resolve) => setTimeout(resolve, 50))
}
