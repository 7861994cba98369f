/**
 * The pure API server behind HTTP-shaped requests, with no socket: what the transcripts of ../shared/conformance need.
 */

import { createScheme } from '#api/scheme.ts'
import type { Status } from '#api/status.ts'
import { pathNotFound } from '#api/status-errors.ts'
import { handle } from '#apiserver/apiserver.ts'
import { tableOfState } from '#apiserver/custom-resource-definitions.ts'
import { createStateHistory } from '#apiserver/history.ts'
import { parseSelection } from '#apiserver/read.ts'
import type { ApiResponse } from '#apiserver/request.ts'
import { parseRestRequest, type RestRequest } from '#apiserver/rest-path.ts'
import { type ApiState, initialState } from '#apiserver/state.ts'
import { initialEvents, type WatchEvent, watchEventFor, watchExpired, watchOptionsFault } from '#apiserver/watch.ts'
import type { WatchRecord } from '#apiserver/watch-record.ts'

/** A request of a transcript, placeholders filled in. */
export interface TranscriptRequest {
  readonly method?: string
  readonly path: string
  readonly query?: Readonly<Record<string, string | readonly string[]>>
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: unknown
  readonly bodyText?: string
}

/** A response in the shape that the transcripts' runner compares. */
export interface TranscriptResponse {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly rawHeaders: readonly string[]
  readonly text: string
  readonly json: unknown
}

export interface InProcessServer {
  send(request: TranscriptRequest): TranscriptResponse
  /** Opens a watch, makes the requests of `during`, and answers all events of that time. */
  watch(
    request: TranscriptRequest,
    during: () => void,
  ): TranscriptResponse & {
    readonly events: readonly (WatchEvent | { readonly type: 'ERROR'; readonly object: Status })[]
    readonly closed: boolean
  }
  /** Forgets all history before now. */
  compact(): void
}

const table = createScheme()

/** A server with the built-in kinds and the namespace `default`. */
export function startInProcessServer(): InProcessServer {
  let state: ApiState = initialState(table, [])
  const history = createStateHistory(state)
  const log: WatchRecord[] = []

  const send = (request: TranscriptRequest): TranscriptResponse => {
    const parsed = parseRestRequest(tableOfState(table, state), restRequestOf(request))
    if (parsed.type === 'failure') return respond({ code: parsed.status.code, body: parsed.status })
    if (parsed.type === 'other') return respond({ code: 404, body: pathNotFound() })
    const handled = handle(table, state, parsed.request, history)
    state = handled.state
    history.add(state)
    log.push(...handled.watchEvents)
    return respond(handled.response)
  }

  const watch: InProcessServer['watch'] = (request, during) => {
    const rest = restRequestOf({ ...request, query: { watch: 'true', ...request.query } })
    const parsed = parseRestRequest(tableOfState(table, state), rest)
    if (parsed.type !== 'watch') {
      const response =
        parsed.type === 'failure' ? respond({ code: parsed.status.code, body: parsed.status }) : send(request)
      during()
      return { ...response, events: [], closed: true }
    }
    const { resource, namespace, options } = parsed.request
    const fault = watchOptionsFault(options ?? {})
    if (fault !== undefined) return { ...respond({ code: fault.code, body: fault }), events: [], closed: true }
    const selection = parseSelection(resource, options)
    if ('failure' in selection) return { ...respond({ code: 400, body: selection.failure }), events: [], closed: true }
    const scope = { resource, selection, ...(namespace === undefined ? {} : { namespace }) }
    const since = options?.resourceVersion
    const fromNow = since === undefined || since === '0'
    const initial = fromNow && options?.sendInitialEvents !== false ? initialEvents(state, scope) : []
    if (!fromNow && Number(since) < history.oldest) {
      const expired = { type: 'ERROR' as const, object: watchExpired(Number(since), history.oldest) }
      return { ...respond({ code: 200, body: expired.object }), events: [expired], closed: true }
    }
    const start = fromNow ? state.revision : Number(since)
    during()
    const later = log
      .filter((record) => record.revision > start)
      .flatMap((record) => watchEventFor(scope, record) ?? [])
    return {
      status: 200,
      headers: { 'content-type': 'application/json' },
      rawHeaders: [],
      text: '',
      json: undefined,
      events: [...initial, ...later],
      closed: false,
    }
  }

  const compact = (): void => history.compact()
  return { send, watch, compact }
}

function restRequestOf(request: TranscriptRequest): RestRequest {
  const headers = new Map(Object.entries(request.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]))
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(request.query ?? {}))
    for (const text of [value].flat()) query.append(name, text as string)
  const body = request.bodyText ?? (request.body === undefined ? '' : JSON.stringify(request.body))
  return {
    method: request.method ?? 'GET',
    path: request.path,
    query,
    contentType: headers.get('content-type') ?? (body === '' ? '' : 'application/json'),
    accept: headers.get('accept') ?? 'application/json',
    body,
    userAgent: headers.get('user-agent') ?? 'conformance/1.0',
  }
}

function respond(response: ApiResponse): TranscriptResponse {
  const text = JSON.stringify(response.body)
  const rawHeaders = (response.warnings ?? []).flatMap((warning) => ['Warning', `299 - ${JSON.stringify(warning)}`])
  return {
    status: response.code,
    headers: { 'content-type': 'application/json' },
    rawHeaders,
    text,
    json: JSON.parse(text) as unknown,
  }
}
