/**
 * `npm run bench:serve`: what `kamera serve` does a second. The server is a process of its own; the load comes from this
 * one, over raw sockets, so that the client costs little. Another server is measured in the same run, if one is named.
 *
 *   npm run bench:serve                          a table
 *   npm run bench:serve -- --json                one JSON object
 *   npm run bench:serve -- --seconds 10          longer (default 3 a figure)
 *   npm run bench:serve -- --peer http://…:8001  beside a real API server (`kubectl proxy`); --peer-pid for its processor time
 */
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const args = process.argv.slice(2)
const option = (name, otherwise) => (args.includes(name) ? args[args.indexOf(name) + 1] : otherwise)
const seconds = Number(option('--seconds', 3))
const CONNECTIONS = 16
const WATCHERS = 1000
const PODS = 10_000

/** A connection on which one request is under way at a time; bodies by Content-Length. */
class Connection {
  constructor(port) {
    this.socket = connect(port, '127.0.0.1')
    this.socket.setNoDelay(true)
    this.chunks = []
    this.size = 0
    this.wanted = -1
    this.socket.on('data', (chunk) => this.take(chunk))
  }
  take(chunk) {
    this.chunks.push(chunk)
    this.size += chunk.length
    if (this.wanted < 0) {
      const all = this.chunks.length === 1 ? chunk : Buffer.concat(this.chunks)
      this.chunks = [all]
      const end = all.indexOf('\r\n\r\n')
      if (end < 0) return
      const head = all.toString('latin1', 0, end)
      this.code = Number(head.slice(9, 12))
      this.headEnd = end + 4
      this.wanted = end + 4 + Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0)
    }
    if (this.size < this.wanted) return
    const { resolve, code, headEnd } = this
    const all = Buffer.concat(this.chunks)
    this.chunks = []
    this.size = 0
    this.wanted = -1
    resolve({ code, body: all.subarray(headEnd) })
  }
  send(text) {
    return new Promise((resolve) => {
      this.resolve = resolve
      this.socket.write(text)
    })
  }
  end() {
    this.socket.destroy()
  }
}

const get = (path) => `GET ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\naccept: application/json\r\n\r\n`
const send = (method, path, body, type = 'application/json') => {
  const text = JSON.stringify(body)
  return `${method} ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\nuser-agent: bench\r\ncontent-type: ${type}\r\ncontent-length: ${Buffer.byteLength(text)}\r\n\r\n${text}`
}

/** Seconds of processor time of a process so far, on Linux; NaN elsewhere. */
function processorSeconds(pid) {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/\(.*\)/, 'x')
      .split(' ')
    return (Number(fields[13]) + Number(fields[14])) / 100
  } catch {
    return Number.NaN
  }
}

/** Requests a second over `CONNECTIONS` connections. */
async function rate({ port, pid }, request, code) {
  const connections = Array.from({ length: CONNECTIONS }, () => new Connection(port))
  let done = 0
  let counts = false
  let ends = false
  const loop = async (connection, index) => {
    for (let n = 0; !ends; n++) {
      const answered = await connection.send(request(index, n))
      if (answered.code !== code) throw new Error(`${answered.code}: ${answered.body.toString().slice(0, 300)}`)
      if (counts) done++
    }
  }
  const loops = connections.map(loop)
  await sleep(500)
  counts = true
  const startedAt = performance.now()
  const processor = processorSeconds(pid)
  await sleep(seconds * 1000)
  counts = false
  const used = processorSeconds(pid) - processor
  const elapsed = performance.now() - startedAt
  ends = true
  await Promise.all(loops)
  for (const connection of connections) connection.end()
  return { perSecond: Math.round((done / elapsed) * 1000), perProcessorSecond: Math.round(done / used) }
}

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms))
const configMaps = '/api/v1/namespaces/default/configmaps'
const configMap = (name, data) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data })
const run = process.pid

/** 1,000 watchers of one kind; 100 writes a second. Events that came, of those that should. */
async function watchers({ port, pid }) {
  let events = 0
  let open = 0
  const sockets = []
  for (let n = 0; n < WATCHERS; n++) {
    const socket = connect(port, '127.0.0.1')
    sockets.push(socket)
    let rest = ''
    socket.on('data', (chunk) => {
      const text = rest + chunk.toString('latin1')
      if (rest === '' && text.startsWith('HTTP/1.1 200')) open++
      for (let at = text.indexOf('"type":"MODIFIED"'); at >= 0; at = text.indexOf('"type":"MODIFIED"', at + 17))
        events++
      rest = text.slice(-16)
    })
    socket.write(
      get(
        `${configMaps}?watch=true&resourceVersion=${await newest(port)}&fieldSelector=metadata.name%3Dwatched-${run}`,
      ),
    )
    if (n % 50 === 49) await sleep(10)
  }
  while (open < WATCHERS) await sleep(10)
  const connection = new Connection(port)
  const writes = 100 * seconds
  const processor = processorSeconds(pid)
  const startedAt = performance.now()
  for (let n = 0; n < writes; n++) {
    const due = startedAt + n * 10
    if (performance.now() < due) await sleep(due - performance.now())
    await connection.send(
      send('PATCH', `${configMaps}/watched-${run}`, { data: { n: String(n) } }, 'application/merge-patch+json'),
    )
  }
  const writesMs = performance.now() - startedAt
  const until = performance.now() + 30_000
  while (events < writes * WATCHERS && performance.now() < until) await sleep(10)
  const microsecondsPerEvent = Math.round(((processorSeconds(pid) - processor) / events) * 1e7) / 10
  const lateMs = Math.round(performance.now() - startedAt - writesMs)
  for (const socket of sockets) socket.destroy()
  connection.end()
  return {
    events,
    expected: writes * WATCHERS,
    writesPerSecond: Math.round((writes / writesMs) * 1000),
    lateMs,
    microsecondsPerEvent,
  }
}

let revision
async function newest(port) {
  if (revision !== undefined) return revision
  const connection = new Connection(port)
  await connection.send(send('POST', configMaps, configMap(`watched-${run}`, { n: '' })))
  const { body } = await connection.send(get(`${configMaps}?limit=1`))
  connection.end()
  revision = JSON.parse(body.toString()).metadata.resourceVersion
  return revision
}

async function podList(port) {
  const connections = Array.from({ length: CONNECTIONS }, () => new Connection(port))
  const pods = '/api/v1/namespaces/default/pods'
  await Promise.all(
    connections.map(async (connection, index) => {
      for (let n = index; n < PODS; n += CONNECTIONS) {
        const metadata = { name: `pod-${run}-${n}`, labels: { app: 'web' } }
        const spec = { containers: [{ name: 'web', image: 'nginx:1', ports: [{ containerPort: 80 }] }] }
        await connection.send(send('POST', pods, { apiVersion: 'v1', kind: 'Pod', metadata, spec }))
      }
    }),
  )
  const times = []
  let bytes = 0
  for (let n = 0; n < 5; n++) {
    const startedAt = performance.now()
    const { body } = await connections[0].send(get(`${pods}?limit=0`))
    times.push(performance.now() - startedAt)
    bytes = body.length
  }
  for (const connection of connections) connection.end()
  return { ms: Math.round(times.sort((a, b) => a - b)[2]), megabytes: Math.round(bytes / 1e5) / 10 }
}

async function measure(server) {
  const { port } = server
  revision = undefined
  const names = Array.from({ length: CONNECTIONS }, (_, index) => `bench-${run}-${index}`)
  const creates = await rate(
    server,
    (index, n) => send('POST', configMaps, configMap(`c-${run}-${index}-${n}`, { a: '1' })),
    201,
  )
  const connection = new Connection(port)
  for (const name of names) await connection.send(send('POST', configMaps, configMap(name, { n: '' })))
  connection.end()
  const updates = await rate(
    server,
    (index, n) => send('PUT', `${configMaps}/${names[index]}`, configMap(names[index], { n: String(n) })),
    200,
  )
  const reads = await rate(server, (index) => get(`${configMaps}/${names[index]}`), 200)
  return { creates, updates, reads, watch: await watchers(server), pods: await podList(port) }
}

async function inProcess() {
  const { simulatedCluster } = await import('#simulated-cluster.ts')
  const startedAt = performance.now()
  const cluster = simulatedCluster()
  const startMs = performance.now() - startedAt
  await cluster.client.create({ ...configMap('a', { b: 'c' }), metadata: { name: 'a', namespace: 'default' } })
  const type = { apiVersion: 'v1', kind: 'ConfigMap' }
  const key = { namespace: 'default', name: 'a' }
  let gets = 0
  const from = performance.now()
  while (performance.now() - from < seconds * 1000)
    for (let n = 0; n < 1000; n++, gets++) await cluster.client.get(type, key)
  const getsPerSecond = Math.round((gets / (performance.now() - from)) * 1000)
  await cluster.close()
  return { startMs: Math.round(startMs * 10) / 10, getsPerSecond }
}

async function serve() {
  const folder = mkdtempSync(join(tmpdir(), 'kamera-bench-'))
  const child = spawn(process.execPath, [join(root, 'dist/cli/main.js'), 'serve', '--port', '0', '--json'], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const started = await new Promise((resolve, reject) => {
    let out = ''
    child.once('exit', (status) => reject(new Error(`kamera serve ended with ${status}`)))
    child.stdout.on('data', (chunk) => {
      out += chunk
      if (out.includes('\n')) resolve(JSON.parse(out))
    })
  })
  child.removeAllListeners('exit')
  const stop = () => {
    child.kill()
    rmSync(folder, { recursive: true, force: true })
  }
  return { port: Number(new URL(started.url).port), pid: child.pid, stop }
}

const server = await serve()
let results
try {
  results = { kamera: await measure(server), inProcess: await inProcess() }
} finally {
  server.stop()
}
const peer = option('--peer')
if (peer !== undefined)
  results.peer = await measure({ port: Number(new URL(peer).port), pid: Number(option('--peer-pid', 0)) })

if (args.includes('--json')) console.log(JSON.stringify(results))
else {
  const rows = [
    ['creates a second', 'creates', 5000],
    ['updates a second', 'updates', 5000],
    ['reads a second', 'reads', 10_000],
  ].flatMap(([name, field, target]) => [
    [name, results.kamera[field].perSecond, `≥ ${target}`, results.peer?.[field].perSecond ?? ''],
    [
      `  a processor second`,
      results.kamera[field].perProcessorSecond,
      `≥ ${target}`,
      results.peer?.[field].perProcessorSecond ?? '',
    ],
  ])
  const watched = ({ events, expected, writesPerSecond }) => `${events} of ${expected} at ${writesPerSecond} writes/s`
  rows.push([
    `${WATCHERS} watchers`,
    watched(results.kamera.watch),
    'none lost',
    results.peer ? watched(results.peer.watch) : '',
  ])
  rows.push([
    '  microseconds an event',
    results.kamera.watch.microsecondsPerEvent,
    '',
    results.peer?.watch.microsecondsPerEvent ?? '',
  ])
  rows.push([`list of ${PODS} pods, ms`, results.kamera.pods.ms, '< 300', results.peer?.pods.ms ?? ''])
  rows.push(['in process, gets a second', results.inProcess.getsPerSecond, '≥ 100000', ''])
  rows.push(['in process, start, ms', results.inProcess.startMs, '< 100', ''])
  for (const row of [['', 'kamera', 'target', peer === undefined ? '' : 'peer'], ...rows])
    console.log(
      row
        .map((cell, index) => String(cell).padEnd([28, 42, 12, 0][index]))
        .join('')
        .trimEnd(),
    )
}
