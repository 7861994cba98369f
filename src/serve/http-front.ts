/**
 * The HTTP front of a live state: a listener for node's HTTP servers. It speaks as a kube-apiserver does; what it
 * decides, `apiserver/` decides. Works over any connection, a socket or a pair in memory.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Status } from '#api/status.ts'
import { badRequest, internalError, methodNotAllowed, pathNotFound } from '#api/status-errors.ts'
import { represent } from '#apiserver/represent.ts'
import { type Representation, representationOf } from '#apiserver/representation.ts'
import type { ApiResponse } from '#apiserver/request.ts'
import { parseRestRequest, type RestRequest } from '#apiserver/rest-path.ts'
import { answerReview, isReviewPath } from '#apiserver/reviews.ts'
import type { IncludedObject } from '#apiserver/table.ts'
import { startWatch } from '#apiserver/watch-start.ts'
import { bearerFault, hostFault } from './access.ts'
import { ESTABLISHED_WAIT_MS, isJustEstablished } from './just-established.ts'
import type { LiveState } from './live-state.ts'
import { nonResource } from './non-resource.ts'
import { readBody } from './request-body.ts'
import { streamWatch } from './watch-stream.ts'

export interface FrontOptions {
  readonly live: LiveState
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** Asked for as `Authorization: Bearer …`. Default: nobody is asked. */
  readonly token?: string
  /** Requests must name this machine by a loopback name: pages of other sites cannot reach it. Default false. */
  readonly loopbackOnly?: boolean
  /** Whether creates of a kind just defined wait, as upstream's do. Default false. */
  readonly waitsForNewKinds?: boolean
  /** Largest body. Default 3 MiB, as upstream. */
  readonly bodyBytesMax?: number
  /** Told of faults of ours. */
  readonly onFault?: (error: unknown, request: string) => void
}

export interface HttpFront {
  readonly listener: (request: IncomingMessage, response: ServerResponse) => void
  /** Ends all watches. */
  endWatches(): void
}

const BODY_BYTES_MAX = 3 * 1024 * 1024
/** What may wait for a watcher that does not read. */
const WATCH_WAITING_MAX = 4 * 1024 * 1024
/** As upstream: between half an hour and an hour. */
const WATCH_TIMEOUT_MS = 45 * 60_000

export function createHttpFront(options: FrontOptions): HttpFront {
  const watches = new Set<() => void>()
  const listener = (request: IncomingMessage, response: ServerResponse): void => {
    answer(options, watches, request, response).catch((error: unknown) => {
      if (request.destroyed && !response.headersSent && request.socket.destroyed) return
      options.onFault?.(error, `${request.method} ${request.url}`)
      if (response.headersSent) response.destroy()
      else sendStatus(response, internalError(error instanceof Error ? error.message : String(error)))
    })
  }
  return {
    listener,
    endWatches: () => {
      for (const end of watches) end()
    },
  }
}

async function answer(
  options: FrontOptions,
  watches: Set<() => void>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const refused =
    bearerFault(options.token, request) ?? (options.loopbackOnly === true ? hostFault(request) : undefined)
  if (refused !== undefined) return refuseUnread(request, response, refused)
  const url = parseUrl(request.url ?? '/')
  if (url === undefined) return refuseUnread(request, response, badRequest('the request URI is malformed'))
  const body = await readBody(request, options.bodyBytesMax ?? BODY_BYTES_MAX)
  if ('status' in body) return refuseUnread(request, response, body)
  const rest: RestRequest = {
    method: request.method ?? 'GET',
    path: url.path,
    query: url.query,
    contentType: body.contentType,
    accept: request.headers.accept ?? '',
    body: body.text,
    userAgent: request.headers['user-agent'] ?? '',
  }
  await answerRest(options, watches, rest, response)
}

async function answerRest(
  options: FrontOptions,
  watches: Set<() => void>,
  rest: RestRequest,
  response: ServerResponse,
): Promise<void> {
  const { live } = options
  const other = nonResource(options, rest)
  if (other !== undefined) return sendText(response, other)
  if (isReviewPath(rest.path)) return sendReview(response, rest)
  const served = live.served()
  const parsed = parseRestRequest(served, rest)
  if (parsed.type === 'other') return sendStatus(response, pathNotFound())
  if (parsed.type === 'failure') return sendStatus(response, parsed.status)
  const representation = representationOf(rest.accept) ?? 'object'
  if (parsed.type === 'request') {
    if (options.waitsForNewKinds === true && isJustEstablished(live, parsed.request, options.now()))
      await new Promise((resolve) => setTimeout(resolve, ESTABLISHED_WAIT_MS))
    const answered = live.execute(parsed.request)
    const { resource } = parsed.request
    const includeObject = includedObject(rest.query)
    if (typeof includeObject !== 'string') return sendStatus(response, includeObject)
    return send(response, represent(answered, { resource, representation, includeObject, nowMs: options.now() }))
  }
  const start = startWatch(live.state(), parsed.request, live.oldest())
  if ('failure' in start) return sendStatus(response, start.failure)
  if ('expired' in start) return sendExpired(response, start.expired)
  const end = streamWatch(live, start, response, watchOptions(options, rest, representation))
  watches.add(end)
  response.once('close', () => watches.delete(end))
}

function watchOptions({ now }: FrontOptions, { query }: RestRequest, representation: Representation) {
  const seconds = Number(query.get('timeoutSeconds') ?? 0)
  const timeoutMs = Number.isFinite(seconds) && seconds > 0 ? Math.min(seconds * 1000, 2 ** 31 - 1) : WATCH_TIMEOUT_MS
  const allowsBookmarks = /^(true|1)$/.test(query.get('allowWatchBookmarks') ?? '')
  return { representation, allowsBookmarks, timeoutMs, now, waitingMax: WATCH_WAITING_MAX }
}

/** Path and query of a request line; undefined for what is none. */
function parseUrl(text: string): { readonly path: string; readonly query: URLSearchParams } | undefined {
  if (!text.startsWith('/')) return undefined
  const mark = text.indexOf('?')
  if (mark < 0) return { path: text, query: new URLSearchParams() }
  return { path: text.slice(0, mark), query: new URLSearchParams(text.slice(mark + 1)) }
}

function includedObject(query: URLSearchParams): IncludedObject | Status {
  const text = query.get('includeObject') ?? ''
  if (text === '') return 'Metadata'
  if (text === 'None' || text === 'Metadata' || text === 'Object') return text
  return badRequest(`invalid includeObject value: ${JSON.stringify(text)}`)
}

/** Answers without having read the body: the connection cannot be used again. */
function refuseUnread(request: IncomingMessage, response: ServerResponse, status: Status): void {
  if (!request.complete) response.setHeader('connection', 'close')
  sendStatus(response, status)
  request.resume()
}

function sendReview(response: ServerResponse, { method, path, body }: RestRequest): void {
  if (method !== 'POST') return sendStatus(response, methodNotAllowed())
  try {
    const answered = answerReview(path, JSON.parse(body) as unknown)
    sendJson(response, 201, answered ?? pathNotFound())
  } catch {
    sendStatus(response, badRequest('the object provided is unrecognized: json parse error'))
  }
}

/** A watch from a forgotten revision is a stream with one ERROR event. */
function sendExpired(response: ServerResponse, expired: Status): void {
  response.writeHead(200, { 'content-type': 'application/json' })
  response.end(`${JSON.stringify({ type: 'ERROR', object: expired })}\n`)
}

function send(response: ServerResponse, { code, body, warnings = [] }: ApiResponse): void {
  if (warnings.length > 0)
    response.setHeader(
      'warning',
      warnings.map((text) => `299 - "${headerText(text)}"`),
    )
  sendJson(response, code, body)
}

/** A quoted string of a header: one line of printable characters. */
function headerText(text: string): string {
  return text.replace(/[\\"]/g, '\\$&').replace(/[^\x20-\x7e]/g, '?')
}

function sendStatus(response: ServerResponse, status: Status): void {
  const seconds = status.details?.retryAfterSeconds
  if (seconds !== undefined) response.setHeader('retry-after', String(seconds))
  sendJson(response, status.code, status)
}

function sendJson(response: ServerResponse, code: number, body: unknown): void {
  sendText(response, { code, type: 'application/json', text: JSON.stringify(body) })
}

function sendText(
  response: ServerResponse,
  { code, type, text }: { readonly code: number; readonly type: string; readonly text: string },
): void {
  response.writeHead(code, {
    'content-type': type,
    'content-length': Buffer.byteLength(text),
    'cache-control': 'no-cache, private',
  })
  response.end(text)
}
