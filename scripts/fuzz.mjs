/**
 * `npm run fuzz [-- --minutes N --seed N]`: random and mutated requests against `kamera serve`, over raw connections:
 * never a 500, a crash or a hang, and what is stored can be read, listed and found again after a restart.
 * A seed repeats the same requests. Exit status 1, and the request, when something is wrong.
 */
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { argv } from 'node:process'
import { fileURLToPath } from 'node:url'
import { chanceOf, definition, KINDS, PLACES, randomRequest, WEBHOOK_RULES, webhookAnswer } from './fuzz-requests.mjs'

const program = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url))
/** A request that is not answered by then hangs. Generous: machines are busy. */
const PATIENCE_MS = 30_000

/** The status code of the answer; 0 when the connection ended without one. */
function exchange(port, { method, path, type, accept, body = '', slow = false, agent = 'fuzz' }) {
  return new Promise((resolve, reject) => {
    const bytes = Buffer.from(body)
    const head = `${method} ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\nuser-agent: ${agent}\r\naccept: ${accept}\r\n${type ? `content-type: ${type}\r\n` : ''}content-length: ${bytes.length}\r\n\r\n`
    const socket = connect(port, '127.0.0.1')
    const chunks = []
    const timeout = setTimeout(() => {
      socket.destroy()
      reject(new Error('no answer'))
    }, PATIENCE_MS)
    socket.on('data', (chunk) => chunks.push(chunk))
    socket.on('error', () => {})
    socket.once('close', () => {
      clearTimeout(timeout)
      const all = Buffer.concat(chunks)
      const end = all.indexOf('\r\n\r\n')
      resolve({ code: Number(all.toString('latin1', 9, 12)) || 0, body: end < 0 ? '' : all.toString('utf8', end + 4) })
    })
    if (!slow) socket.write(Buffer.concat([Buffer.from(head, 'utf8'), bytes]))
    else {
      // A client that sends a byte now and then, and goes before it is done.
      socket.write(head.slice(0, 20))
      setTimeout(() => socket.write(head.slice(20, 60)), 20)
      setTimeout(() => socket.destroy(), 60)
    }
  })
}

async function start(folder) {
  const child = spawn(process.execPath, [program, 'serve', '--port', '0', '--json', '--persist', 'journal'], {
    cwd: folder,
  })
  const server = { child, errors: '', port: 0 }
  child.stderr.on('data', (chunk) => (server.errors += chunk))
  await new Promise((resolve, reject) => {
    let out = ''
    child.once('exit', (status) => reject(new Error(`kamera serve ended with ${status}: ${server.errors}`)))
    child.stdout.on('data', (chunk) => {
      out += chunk
      if (!out.includes('\n')) return
      server.port = Number(new URL(JSON.parse(out).url).port)
      resolve()
    })
  })
  return server
}

const COLLECTIONS = PLACES.filter((place) => KINDS[place.split('/').at(-1)])

/** Every object as it is stored, by path; each must be what a get of it says. */
async function stored(port) {
  const objects = {}
  for (const place of COLLECTIONS) {
    const list = await exchange(port, { method: 'GET', path: `/${place}`, accept: 'application/json' })
    if (list.code === 404) continue
    if (list.code !== 200) throw new Error(`list of ${place}: ${list.code} ${list.body.slice(0, 300)}`)
    for (const item of JSON.parse(list.body).items) {
      const path = `/${place}/${encodeURIComponent(item.metadata.name)}`
      const got = await exchange(port, { method: 'GET', path, accept: 'application/json' })
      const same = got.code === 200 && JSON.stringify(JSON.parse(got.body).metadata) === JSON.stringify(item.metadata)
      if (!same) throw new Error(`GET ${path} is not what the list says: ${got.code} ${got.body.slice(0, 300)}`)
      objects[path] = JSON.stringify(item)
    }
  }
  return objects
}

/** A webhook server that may answer anything, also nothing; and its registration, which forgives that. */
async function startWebhook(port, chance) {
  const hooks = createServer((request, response) => {
    request.resume()
    const answer = webhookAnswer(chance)
    if (answer === undefined) response.destroy()
    else response.end(answer)
  })
  await new Promise((resolve) => hooks.listen(0, '127.0.0.1', resolve))
  const webhook = {
    name: 'fuzz.example.com',
    clientConfig: { url: `http://127.0.0.1:${hooks.address().port}/` },
    rules: WEBHOOK_RULES,
    failurePolicy: 'Ignore',
    sideEffects: 'None',
    admissionReviewVersions: ['v1'],
    timeoutSeconds: 5,
  }
  const kind = 'MutatingWebhookConfiguration'
  const { code } = await exchange(port, {
    method: 'POST',
    path: '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations',
    type: 'application/json',
    accept: 'application/json',
    body: JSON.stringify({
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind,
      metadata: { name: 'fuzz' },
      webhooks: [webhook],
    }),
  })
  if (code !== 201) throw new Error(`the webhook was not registered: ${code}`)
  return hooks
}

/** Sends requests until `requests` or `minutes` are over. Resolves to counts by status code; throws what is wrong. */
export async function fuzz({
  seed = 1,
  requests = Number.POSITIVE_INFINITY,
  minutes = Number.POSITIVE_INFINITY,
  onProgress,
} = {}) {
  const chance = chanceOf(seed)
  const folder = mkdtempSync(join(tmpdir(), 'kamera-fuzz-'))
  const codes = {}
  let server = await start(folder)
  let hooks
  const until = performance.now() + minutes * 60_000
  try {
    await exchange(server.port, {
      method: 'POST',
      path: '/apis/apiextensions.k8s.io/v1/customresourcedefinitions',
      type: 'application/json',
      accept: 'application/json',
      body: JSON.stringify(definition(chanceOf(1))),
    })
    hooks = await startWebhook(server.port, chanceOf(seed))
    for (let n = 0; n < requests && performance.now() < until; n++) {
      if (chance.oneIn(200))
        await exchange(server.port, { method: 'POST', path: '/api/v1/namespaces', accept: '*/*', slow: true })
      const request = randomRequest(chance)
      const shown = () =>
        `seed ${seed}, request ${n}: ${request.method} ${request.path} (${request.type}) ${request.body.toString().slice(0, 2000)}`
      const from = performance.now()
      const { code, body } = await exchange(server.port, request).catch((error) => {
        throw new Error(`${shown()}\n${error.message}`)
      })
      const ms = performance.now() - from
      codes[code] = (codes[code] ?? 0) + 1
      if (ms > 3000) onProgress?.(`slow (${Math.round(ms)} ms): ${shown()}`)
      if (
        code === 500 ||
        (code === 0 && request.body.length < 1_000_000) ||
        server.errors !== '' ||
        server.child.exitCode !== null
      )
        throw new Error(`${shown()}\nanswered ${code}: ${body.slice(0, 500)}\n${server.errors.slice(0, 3000)}`)
      if (n % 5000 === 4999) {
        onProgress?.(`${n + 1} requests: ${JSON.stringify(codes)}`)
        await stored(server.port)
      }
    }
    const before = await stored(server.port)
    server.child.kill('SIGKILL')
    server = await start(folder)
    const after = await stored(server.port)
    for (const path of new Set([...Object.keys(before), ...Object.keys(after)]))
      if (before[path] !== after[path])
        throw new Error(`seed ${seed}: after a restart ${path} is\n${after[path]}\nand was\n${before[path]}`)
    return codes
  } finally {
    hooks?.close()
    server.child.kill('SIGKILL')
    rmSync(folder, { recursive: true, force: true })
  }
}

if (argv[1] === fileURLToPath(import.meta.url)) {
  const option = (name, otherwise) => (argv.includes(name) ? Number(argv[argv.indexOf(name) + 1]) : otherwise)
  const seed = option('--seed', Math.floor(Math.random() * 1e9))
  console.error(`seed ${seed}`)
  try {
    console.log(
      JSON.stringify(await fuzz({ seed, minutes: option('--minutes', 5), onProgress: (text) => console.error(text) })),
    )
  } catch (error) {
    console.error(error.message)
    process.exitCode = 1
  }
}
