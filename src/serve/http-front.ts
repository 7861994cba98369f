/**
 * The HTTP front of a live state: a listener for node's HTTP servers. It speaks as a kube-apiserver does; what it
 * decides, `apiserver/` decides. Works over any connection, a socket or a pair in memory.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { stringify } from 'yaml'
import type { Status } from '#api/status.ts'
import { badRequest, internalError, methodNotAllowed, pathNotFound } from '#api/status-errors.ts'
import { represent } from '#apiserver/represent.ts'
import { type Representation, representationOf, wantsYaml } from '#apiserver/representation.ts'
import type { ApiResponse } from '#apiserver/request.ts'
import { parseRestRequest, type RestRequest } from '#apiserver/rest-path.ts'
import { answerReview, isReviewPath } from '#apiserver/reviews.ts'
import type { IncludedObject } from '#apiserver/table.ts'
import { startWatch, type WatchStart } from '#apiserver/watch-start.ts'
import { bearerFault, hostFault } from './access.ts'
import { createAnswerQueue } from './answer-queue.ts'
import { ESTABLISHED_WAIT_MS, isJustEstablished } from './just-established.ts'
import type { LiveState } from './live-state.ts'
import { nonResource, type TextAnswer } from './non-resource.ts'
import { readBody } from './request-body.ts'
import { streamWatch } from './watch-stream.ts'
import { executeAdmitted } from './webhook-calls.ts'

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

/** An answer that is no stream. */
export interface FrontAnswer {
  readonly code: number
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | string[]>>
  readonly text: string
}

export interface HttpFront {
  readonly listener: (request: IncomingMessage, response: ServerResponse) => void
  /** Answers a request that came without a connection; undefined for a watch that would begin. */
  answer(request: RestRequest): Promise<FrontAnswer | undefined>
  /** Ends all watches. */
  endWatches(): void
}

const answers = createAnswerQueue()

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
    answer: async (rest) => {
      const answered = await decide(options, rest)
      return 'watch' in answered ? undefined : answered
    },
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

/** A watch that begins. */
interface WatchAnswer {
  readonly watch: WatchStart
  readonly representation: Representation
}

async function answerRest(
  options: FrontOptions,
  watches: Set<() => void>,
  rest: RestRequest,
  response: ServerResponse,
): Promise<void> {
  const answered = await decide(options, rest)
  if (!('watch' in answered)) return sendAnswer(response, answered)
  const { watch, representation } = answered
  const end = streamWatch(options.live, watch, response, watchOptions(options, rest, representation))
  watches.add(end)
  response.once('close', () => watches.delete(end))
}

async function decide(options: FrontOptions, rest: RestRequest): Promise<FrontAnswer | WatchAnswer> {
  const { live } = options
  const other = nonResource(options, rest)
  if (other !== undefined) return textAnswer(other)
  if (isReviewPath(rest.path)) return reviewAnswer(rest)
  const served = live.served()
  const parsed = parseRestRequest(served, rest)
  if (parsed.type === 'other') return statusAnswer(pathNotFound())
  if (parsed.type === 'failure') return statusAnswer(parsed.status)
  const representation = representationOf(rest.accept) ?? 'object'
  if (parsed.type === 'request') {
    if (options.waitsForNewKinds === true && isJustEstablished(live, parsed.request, options.now()))
      await new Promise((resolve) => setTimeout(resolve, ESTABLISHED_WAIT_MS))
    const includeObject = includedObject(rest.query)
    if (typeof includeObject !== 'string') return statusAnswer(includeObject)
    const answered = await executeAdmitted(live, parsed.request)
    const { resource } = parsed.request
    const made = responseAnswer(represent(answered, { resource, representation, includeObject, nowMs: options.now() }))
    return wantsYaml(rest.accept) ? yamlAnswer(made) : made
  }
  const start = startWatch(live.state(), parsed.request, live.oldest())
  if ('failure' in start) return statusAnswer(start.failure)
  if ('expired' in start) return expiredAnswer(start.expired)
  return { watch: start, representation }
}

function watchOptions({ now }: FrontOptions, { query }: RestRequest, representation: Representation) {
  const seconds = Number(query.get('timeoutSeconds') ?? 0)
  const timeoutMs = Number.isFinite(seconds) && seconds > 0 ? Math.min(seconds * 1000, 2 ** 31 - 1) : WATCH_TIMEOUT_MS
  const allowsBookmarks = /^(true|1)$/.test(query.get('allowWatchBookmarks') ?? '')
  const selectors = [query.get('labelSelector'), query.get('fieldSelector')]
  return { representation, selectors, allowsBookmarks, timeoutMs, now, waitingMax: WATCH_WAITING_MAX }
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

function reviewAnswer({ method, path, body }: RestRequest): FrontAnswer {
  if (method !== 'POST') return statusAnswer(methodNotAllowed())
  try {
    const answered = answerReview(path, JSON.parse(body) as unknown)
    return answered === undefined ? statusAnswer(pathNotFound()) : jsonAnswer(201, answered)
  } catch {
    return statusAnswer(badRequest('the object provided is unrecognized: json parse error'))
  }
}

/** A watch from a forgotten revision is a stream with one ERROR event. */
function expiredAnswer(expired: Status): FrontAnswer {
  return jsonAnswer(200, { type: 'ERROR', object: expired }, '\n')
}

function responseAnswer({ code, body, warnings = [] }: ApiResponse): FrontAnswer {
  const answered = jsonAnswer(code, body)
  if (warnings.length === 0) return answered
  const warning = warnings.map((text) => `299 - "${headerText(text)}"`)
  return { ...answered, headers: { ...answered.headers, warning } }
}

/** A quoted string of a header: one line of printable characters. */
function headerText(text: string): string {
  return text.replace(/[\\"]/g, '\\$&').replace(/[^\x20-\x7e]/g, '?')
}

function statusAnswer(status: Status): FrontAnswer {
  const answered = jsonAnswer(status.code, status)
  const seconds = status.details?.retryAfterSeconds
  return seconds === undefined
    ? answered
    : { ...answered, headers: { ...answered.headers, 'retry-after': String(seconds) } }
}

function sendStatus(response: ServerResponse, status: Status): void {
  sendAnswer(response, statusAnswer(status))
}

function jsonAnswer(code: number, body: unknown, end = ''): FrontAnswer {
  return textAnswer({ code, type: 'application/json', text: JSON.stringify(body) + end })
}

function yamlAnswer({ code, headers, text }: FrontAnswer): FrontAnswer {
  const type = { 'content-type': 'application/yaml' }
  return { code, headers: { ...headers, ...type }, text: stringify(JSON.parse(text), { version: '1.1' }) }
}

function textAnswer({ code, type, text }: TextAnswer): FrontAnswer {
  return { code, headers: { 'content-type': type, 'cache-control': 'no-cache, private' }, text }
}

function sendAnswer(response: ServerResponse, { code, headers, text }: FrontAnswer): void {
  answers.send(() => {
    response.writeHead(code, { ...headers, 'content-length': Buffer.byteLength(text) })
    response.end(text)
  })
}
