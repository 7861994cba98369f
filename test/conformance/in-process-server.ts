/**
 * The pure API server behind HTTP-shaped requests, with no socket: what the transcripts of ../shared/conformance need.
 */

import type { ResourceInfo } from '#api/resource.ts'
import { createScheme } from '#api/scheme.ts'
import type { Status } from '#api/status.ts'
import { pathNotFound } from '#api/status-errors.ts'
import { handle } from '#apiserver/apiserver.ts'
import { tableOfState } from '#apiserver/custom-resource-definitions.ts'
import { discoveryDocument } from '#apiserver/discovery.ts'
import { createStateHistory } from '#apiserver/history.ts'
import { partialMetadata } from '#apiserver/partial-metadata.ts'
import { type RepresentOptions, represent } from '#apiserver/represent.ts'
import { representationOf } from '#apiserver/representation.ts'
import type { ApiResponse } from '#apiserver/request.ts'
import { parseRestRequest, type RestRequest } from '#apiserver/rest-path.ts'
import { type ApiState, initialState } from '#apiserver/state.ts'
import type { IncludedObject } from '#apiserver/table.ts'
import { type WatchEvent, watchEventFor } from '#apiserver/watch.ts'
import type { WatchRecord } from '#apiserver/watch-record.ts'
import { startWatch } from '#apiserver/watch-start.ts'

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
    if (parsed.type === 'other') {
      const document = discoveryDocument(tableOfState(table, state), request.path)
      return respond({
        code: document === undefined ? 404 : 200,
        body: (document ?? pathNotFound()) as ApiResponse['body'],
      })
    }
    const handled = handle(table, state, parsed.request, history)
    state = handled.state
    history.add(state)
    log.push(...handled.watchEvents)
    return respond(represent(handled.response, representOptions(parsed.request.resource, request)))
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
    const started = startWatch(state, parsed.request, history.oldest)
    if ('failure' in started)
      return { ...respond({ code: started.failure.code, body: started.failure }), events: [], closed: true }
    if ('expired' in started) {
      const event = { type: 'ERROR' as const, object: started.expired }
      return { ...respond({ code: 200, body: started.expired }), events: [event], closed: true }
    }
    const { scope, initial, revision } = started
    during()
    const later = log
      .filter((record) => record.revision > revision)
      .flatMap((record) => watchEventFor(scope, record) ?? [])
    return {
      status: 200,
      headers: { 'content-type': 'application/json' },
      rawHeaders: [],
      text: '',
      json: undefined,
      events: [...initial, ...later].map((event) => shown(event, request)),
      closed: false,
    }
  }

  const compact = (): void => history.compact()
  return { send, watch, compact }
}

/** `includeObject` is the server's word for the query of tables. */
function representOptions(resource: ResourceInfo, request: TranscriptRequest): RepresentOptions {
  const rest = restRequestOf(request)
  const representation = representationOf(rest.accept) ?? 'object'
  const includeObject = (rest.query.get('includeObject') ?? 'Metadata') as IncludedObject
  return { resource, representation, includeObject, nowMs: Date.UTC(2024, 0, 1) }
}

function shown(event: WatchEvent, request: TranscriptRequest): WatchEvent {
  const isPartial = representationOf(restRequestOf(request).accept) === 'PartialObjectMetadata'
  return isPartial ? { ...event, object: partialMetadata(event.object) } : event
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
