/**
 * A proxy before an API server that passes everything on as it comes and reads along. What it changes of a request:
 * answers are asked for in JSON and not compressed, since it must read them, and a token of the recorder's own becomes
 * the upstream's credentials. Nothing waits for the recording: events are made after a piece was passed on.
 */
import { Agent as HttpAgent, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Clients } from './clients.ts'
import { createMarks, MARK_HEADERS, MARKS_PATH } from './marks.ts'
import type { Caller, RecordedWatch, Recording, Sent } from './recording.ts'
import type { Upstream } from './upstream.ts'

export interface ProxyOptions {
  readonly upstream: Upstream
  readonly clients: Clients
  readonly recording: Recording
  /** Told of upstream's faults, a line each. */
  readonly onFault: (message: string) => void
}

export interface Proxy {
  readonly listener: (request: IncomingMessage, response: ServerResponse) => void
  /** exec, attach, port-forward: passed on, and not read. */
  readonly upgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void
  close(): void
}

/** Larger bodies are passed on and recorded without their content. */
const BODY_BYTES_MAX = 64 * 1024 * 1024
/** Headers that speak of one connection. */
const HOP_BY_HOP = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

export function createProxy(options: ProxyOptions): Proxy {
  const { upstream } = options
  const isTls = upstream.url.protocol === 'https:'
  const tls = isTls ? tlsOptions(upstream) : {}
  const agent = isTls ? new HttpsAgent({ keepAlive: true, ...tls }) : new HttpAgent({ keepAlive: true })
  const send = isTls ? httpsRequest : httpRequest
  const numbers = new WeakMap<Duplex, number>()
  const upgraded = new Set<Duplex>()
  const marks = createMarks(options.recording)
  let connections = 0
  const connectionOf = (socket: Duplex): number => {
    const number = numbers.get(socket) ?? ++connections
    numbers.set(socket, number)
    return number
  }
  const target = (request: IncomingMessage) => ({
    protocol: upstream.url.protocol,
    hostname: upstream.url.hostname.replace(/^\[|\]$/g, ''),
    port: upstream.url.port,
    method: request.method ?? 'GET',
    path: upstream.url.pathname.replace(/\/$/, '') + (request.url ?? '/'),
    agent,
  })
  return {
    listener(request, response) {
      const client = options.clients.clientOf(request.headers)
      const url = splitUrl(request.url ?? '/')
      if (url.path === MARKS_PATH) return takeMarks(request, response, (text) => marks.take(client, text))
      const reconcile = marks.reconcileOf(client, request.headers)
      const connection = connectionOf(request.socket)
      const caller = { ...client, connection, ...(reconcile === undefined ? {} : { reconcile }) }
      const known = options.recording.sent(request.method ?? 'GET', url.path)
      const headers = headersFor(request, upstream, client.isOurs, true)
      const passed = send({ ...target(request), headers })
      const sent = collect(request)
      request.pipe(passed)
      passed.once('response', (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.statusMessage, passedOn(answer.rawHeaders))
        readAlong({ options, caller, request, answer, url, sent, known })
        answer.pipe(response)
        response.flushHeaders()
      })
      passed.once('error', (error) => {
        if (!response.destroyed) options.onFault(`${request.method} ${url.path}: ${error.message}`)
        if (response.headersSent) response.destroy()
        else sendUnavailable(response, error)
      })
      response.once('close', () => passed.destroy())
    },
    upgrade(request, socket, head) {
      upgraded.add(socket)
      socket.once('close', () => upgraded.delete(socket))
      socket.on('error', () => socket.destroy())
      const { isOurs } = options.clients.clientOf(request.headers)
      const passed = send({
        ...target(request),
        agent: false,
        ...tls,
        headers: headersFor(request, upstream, isOurs, false),
      })
      passed.once('upgrade', (answer: IncomingMessage, far: Socket, farHead: Buffer) => {
        const lines = [`HTTP/1.1 ${answer.statusCode} ${answer.statusMessage}`]
        for (let i = 0; i < answer.rawHeaders.length; i += 2)
          lines.push(`${answer.rawHeaders[i]}: ${answer.rawHeaders[i + 1]}`)
        socket.write(`${lines.join('\r\n')}\r\n\r\n`)
        far.on('error', () => far.destroy())
        far.write(head)
        socket.write(farHead)
        socket.pipe(far).pipe(socket)
      })
      passed.once('response', (answer) => {
        socket.write(`HTTP/1.1 ${answer.statusCode} ${answer.statusMessage}\r\nconnection: close\r\n\r\n`)
        answer.pipe(socket)
      })
      passed.once('error', (error) => {
        options.onFault(`${request.method} ${request.url}: ${error.message}`)
        socket.destroy()
      })
      passed.end()
    },
    close() {
      agent.destroy()
      for (const socket of upgraded) socket.destroy()
    },
  }
}

function tlsOptions({ authorities, checksCertificate, serverName, certificate }: Upstream) {
  return {
    rejectUnauthorized: checksCertificate,
    ...(authorities === undefined ? {} : { ca: authorities }),
    ...(serverName === undefined ? {} : { servername: serverName }),
    ...(certificate === undefined ? {} : { cert: certificate.certificate, key: certificate.key }),
  }
}

function headersFor(request: IncomingMessage, upstream: Upstream, isOurs: boolean, isRead: boolean) {
  const headers: Record<string, string | string[]> = {}
  for (const [name, value] of Object.entries(request.headers))
    if (value !== undefined && !MARK_HEADERS.has(name) && !(isRead && HOP_BY_HOP.has(name))) headers[name] = value
  headers['host'] = upstream.url.host
  if (isOurs) delete headers['authorization']
  const authorization = isOurs ? upstream.authorization() : undefined
  if (authorization !== undefined) headers['authorization'] = authorization
  if (!isRead) return headers
  delete headers['accept-encoding']
  const { accept = '' } = request.headers
  if (/protobuf|cbor/.test(accept)) headers['accept'] = jsonOf(accept)
  return headers
}

/** The same forms, as JSON: `application/vnd.kubernetes.protobuf;as=Table;…` stays a table. */
function jsonOf(accept: string): string {
  const types = accept
    .split(',')
    .map((type) => type.trim().replace(/application\/(?:vnd\.kubernetes\.protobuf|cbor)/, 'application/json'))
  return [...new Set(types)].join(',')
}

function passedOn(rawHeaders: readonly string[]): string[] {
  const headers: string[] = []
  for (let i = 0; i < rawHeaders.length; i += 2)
    if (!HOP_BY_HOP.has((rawHeaders[i] as string).toLowerCase()))
      headers.push(rawHeaders[i] as string, rawHeaders[i + 1] as string)
  return headers
}

function splitUrl(url: string): { readonly path: string; readonly query: URLSearchParams } {
  const mark = url.indexOf('?')
  return mark < 0
    ? { path: url, query: new URLSearchParams() }
    : { path: url.slice(0, mark), query: new URLSearchParams(url.slice(mark + 1)) }
}

/** The bytes of a message, as they go by. */
function collect(message: IncomingMessage): () => Buffer {
  const chunks: Buffer[] = []
  let size = 0
  message.on('data', (chunk: Buffer) => {
    size += chunk.length
    if (size <= BODY_BYTES_MAX) chunks.push(chunk)
  })
  return () => (size > BODY_BYTES_MAX ? Buffer.from(`(${size} bytes)`) : Buffer.concat(chunks))
}

/** Marks are for the recorder alone. */
function takeMarks(request: IncomingMessage, response: ServerResponse, take: (text: string) => boolean): void {
  const sent = collect(request)
  request.once('end', () => {
    response.writeHead(take(sent().toString('utf8')) ? 204 : 400)
    response.end()
  })
}

interface Read {
  readonly options: ProxyOptions
  readonly caller: Caller
  readonly request: IncomingMessage
  readonly answer: IncomingMessage
  readonly url: ReturnType<typeof splitUrl>
  readonly sent: () => Buffer
  readonly known: Sent
}

function readAlong({ options, caller, request, answer, url, sent, known }: Read): void {
  const { recording } = options
  const isWatch = /^(true|1)$/.test(url.query.get('watch') ?? '')
  if (isWatch && answer.statusCode === 200) return readWatch(recording.watch(caller, url.path, url.query), answer)
  // A log that is followed has no end that could be waited for.
  const received = url.query.get('follow') === 'true' ? () => Buffer.alloc(0) : collect(answer)
  answer.once('end', () => {
    const exchange = {
      method: request.method ?? 'GET',
      path: url.path,
      query: url.query,
      requestType: request.headers['content-type'] ?? '',
      requestBody: sent(),
      code: answer.statusCode ?? 0,
      responseType: answer.headers['content-type'] ?? '',
      responseBody: received(),
    }
    // After the answer has gone out.
    setImmediate(() => recording.answered(caller, exchange, known))
  })
}

function readWatch(watch: RecordedWatch | undefined, answer: IncomingMessage): void {
  if (watch === undefined) return
  answer.on('data', (chunk: Buffer) => setImmediate(() => watch.piece(chunk)))
  answer.once('close', () => setImmediate(() => watch.end()))
}

function sendUnavailable(response: ServerResponse, error: Error): void {
  const message = `kamera record: the upstream API server cannot be reached: ${error.message}`
  const status = {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message,
    reason: 'ServiceUnavailable',
    code: 503,
  }
  response.writeHead(503, { 'content-type': 'application/json' })
  response.end(JSON.stringify(status))
}
