/**
 * What recorders cost: the proxy per call, and a client-node program with and without `instrument`, a Go program with and without
 * `kameratrace` and the proxy. `npm run bench:record`.
 */
import { spawn, spawnSync } from 'node:child_process'
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

const GO_WAYS = ['as it is', 'with kameratrace', 'through the proxy', 'through the proxy with kameratrace']

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

/**
 * Reconciles a second of a controller-runtime program (test/go/programs/paced), one call each: as it is, through the
 * proxy, and through it with kameratrace. Undefined where there is no Go.
 */
async function goRates(direct, proxied) {
  const binary = join(directory, 'paced')
  const words = ['build', '-buildvcs=false', '-p', '2', '-o', binary, './paced']
  const built = spawnSync('go', words, { cwd: new URL('../test/go/programs', import.meta.url), stdio: 'inherit' })
  if (built.status !== 0) return undefined
  const once = async (count, perSecond, kubeconfig, wrap) => {
    const environment = { ...process.env, KUBECONFIG: kubeconfig, ...(wrap ? { WRAP: 'yes' } : {}) }
    const child = spawn(binary, [`${count}`, `${perSecond}`], {
      env: environment,
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    children.push(child)
    let text = ''
    for await (const piece of child.stdout) text += piece
    return Number(text)
  }
  const rates = { paced: [[], [], [], []], most: [[], [], [], []] }
  const ways = [
    [direct, false],
    [direct, true],
    [proxied, false],
    [proxied, true],
  ]
  for (let i = 0; i < 3; i++)
    for (const [way, [kubeconfig, wrap]] of ways.entries()) {
      rates.paced[way].push(await once(3000, 1000, kubeconfig, wrap))
      rates.most[way].push(await once(3000, 0, kubeconfig, wrap))
    }
  return { paced: rates.paced.map(median), most: rates.most.map(median) }
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
  const tls = await start('record', '--upstream', 'direct', '--out', 'go.jsonl', '--kubeconfig', 'go.kubeconfig')
  const ofGo = await goRates(server.kubeconfig, tls.kubeconfig)
  const [plain, through] = [median(times.direct), median(times.proxied)]
  process.stdout.write(
    `proxy: ${plain.toFixed(2)} ms a call without, ${through.toFixed(2)} ms with: ${(through - plain).toFixed(2)} ms more at the median\n` +
      `instrument: ${Math.round(median(rates.without))} calls/s without, ${Math.round(median(rates.with))} with: ${((1 - median(rates.with) / median(rates.without)) * 100).toFixed(1)} % fewer\n` +
      `asked for 1,000 calls/s: ${Math.round(median(paced.without))} without, ${Math.round(median(paced.with))} with\n`,
  )
  const shown = (rates) => rates.map((rate, way) => `${Math.round(rate)} ${GO_WAYS[way]}`).join(', ')
  process.stdout.write(
    ofGo === undefined
      ? 'Go: not measured, there is no Go\n'
      : `Go, asked for 1,000 calls/s: ${shown(ofGo.paced)}\nGo, as many as it can: ${shown(ofGo.most)}\n`,
  )
} finally {
  for (const child of children) child.kill('SIGTERM')
  rmSync(directory, { recursive: true, force: true })
}
process.exit(0)
