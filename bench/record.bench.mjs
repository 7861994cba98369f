/** What recorders cost: the proxy per call, and a client-node program with and without `instrument`. `npm run bench:record`. */
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CoreV1Api, KubeConfig } from '@kubernetes/client-node'
import { instrument } from '../dist/instrument.js'

const program = new URL('../dist/cli/main.js', import.meta.url).pathname
const directory = mkdtempSync(join(tmpdir(), 'kamera-bench-'))
const children = []

async function start(...words) {
  const child = spawn(process.execPath, [program, ...words, '--json'], {
    cwd: directory,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  children.push(child)
  const line = await new Promise((resolve) => child.stdout.once('data', resolve))
  return JSON.parse(line.toString())
}

function apiOf(file) {
  const config = new KubeConfig()
  config.loadFromFile(file)
  return { config, api: config.makeApiClient(CoreV1Api) }
}

const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1]

/** Milliseconds a call. */
async function timed(call) {
  const start = performance.now()
  await call()
  return performance.now() - start
}

const read = (api) => () => api.readNamespacedConfigMap({ namespace: 'default', name: 'map' })

async function rate(api, calls) {
  const start = performance.now()
  const worker = async () => {
    while (calls-- > 0) await read(api)()
  }
  const all = calls
  await Promise.all(Array.from({ length: 8 }, worker))
  return (all * 1000) / (performance.now() - start)
}

/** Calls a second when a thousand are asked for, for three seconds. */
async function pacedRate(api) {
  const start = performance.now()
  const waiting = []
  for (let sent = 0; sent < 3000; ) {
    for (const due = performance.now() - start; sent < Math.min(3000, due); sent++) waiting.push(read(api)())
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
  await Promise.all(waiting)
  return 3_000_000 / (performance.now() - start)
}

try {
  const server = await start('serve', '--port', '0', '--kubeconfig', 'direct')
  const recorder = await start('record', '--upstream', 'direct', '--no-tls', '--out', 'proxy.jsonl')
  const direct = apiOf(server.kubeconfig)
  const proxied = apiOf(recorder.kubeconfig)
  const recorded = apiOf(server.kubeconfig)
  const instrumented = instrument(recorded.config, { out: join(directory, 'wrapper.jsonl') })
  await direct.api.createNamespacedConfigMap({
    namespace: 'default',
    body: { metadata: { name: 'map' }, data: { a: 'b' } },
  })
  for (let i = 0; i < 200; i++) for (const { api } of [direct, proxied, recorded]) await read(api)()
  const times = { direct: [], proxied: [] }
  for (let i = 0; i < 2000; i++) {
    times.direct.push(await timed(read(direct.api)))
    times.proxied.push(await timed(read(proxied.api)))
  }
  const rates = { without: [], with: [] }
  for (let i = 0; i < 9; i++) {
    rates.without.push(await rate(direct.api, 1000))
    rates.with.push(await rate(recorded.api, 1000))
  }
  const paced = { without: [], with: [] }
  for (let i = 0; i < 3; i++) {
    paced.without.push(await pacedRate(direct.api))
    paced.with.push(await pacedRate(recorded.api))
  }
  await instrumented.close()
  const [plain, through] = [median(times.direct), median(times.proxied)]
  process.stdout.write(
    `proxy: ${plain.toFixed(2)} ms a call without, ${through.toFixed(2)} ms with: ${(through - plain).toFixed(2)} ms more at the median\n` +
      `instrument: ${Math.round(median(rates.without))} calls/s without, ${Math.round(median(rates.with))} with: ${((1 - median(rates.with) / median(rates.without)) * 100).toFixed(1)} % fewer\n` +
      `asked for 1,000 calls/s: ${Math.round(median(paced.without))} without, ${Math.round(median(paced.with))} with\n`,
  )
} finally {
  for (const child of children) child.kill('SIGTERM')
  rmSync(directory, { recursive: true, force: true })
}
process.exit(0)
