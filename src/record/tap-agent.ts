/**
 * Reads along what goes through an agent of node's HTTP client (client-node 1.x). An agent is handed every request when it
 * is made, in the asynchronous context of who makes it; what is written to a request and pushed into its answer is seen
 * on the way. Nothing is consumed, delayed or changed.
 */
import type { Agent, ClientRequest, IncomingMessage } from 'node:http'
import type { Tap, TappedRequest } from './tap.ts'

/** What node's agents have, and its types leave out. */
interface AgentInside {
  addRequest(request: ClientRequest, ...more: unknown[]): void
}

/** @param around runs the program's reading of a watch, so that what it then does can be told from other work */
export function tapAgent(agent: Agent, tap: Tap, around: <T>(run: () => T) => T): Agent {
  const inside = agent as unknown as AgentInside
  const addRequest = inside.addRequest
  inside.addRequest = function (this: unknown, request, ...more) {
    tapRequest(request, tap, around)
    return addRequest.call(this, request, ...more)
  }
  return agent
}

function tapRequest(request: ClientRequest, tap: Tap, around: <T>(run: () => T) => T): void {
  const contentType = String(request.getHeader('content-type') ?? '')
  const tapped = tap.request(request.method, request.path, contentType)
  const write = request.write
  const end = request.end
  request.write = function (this: ClientRequest, chunk: unknown, ...rest: unknown[]) {
    addChunk(tapped, chunk, rest[0])
    return (write as (...all: unknown[]) => boolean).call(this, chunk, ...rest)
  } as ClientRequest['write']
  request.end = function (this: ClientRequest, chunk?: unknown, ...rest: unknown[]) {
    // node's own end calls no write of ours.
    if (typeof chunk !== 'function') addChunk(tapped, chunk, rest[0])
    return (end as (...all: unknown[]) => ClientRequest).call(this, chunk, ...rest)
  } as ClientRequest['end']
  request.prependOnceListener('response', (response: IncomingMessage) => tapResponse(response, tapped, around))
}

function addChunk(tapped: TappedRequest, chunk: unknown, encoding: unknown): void {
  if (typeof chunk === 'string')
    tapped.sent(Buffer.from(chunk, typeof encoding === 'string' ? (encoding as BufferEncoding) : 'utf8'))
  else if (chunk instanceof Uint8Array) tapped.sent(chunk)
}

function tapResponse(response: IncomingMessage, tapped: TappedRequest, around: <T>(run: () => T) => T): void {
  tapped.answered(response.statusCode ?? 0, {
    contentType: response.headers['content-type'] ?? '',
    encoding: response.headers['content-encoding'] ?? '',
  })
  const push = response.push
  let ended = false
  const end = (): void => {
    if (!ended) tapped.end()
    ended = true
  }
  response.push = function (this: IncomingMessage, chunk: unknown, encoding?: BufferEncoding) {
    if (chunk === null) end()
    else if (chunk instanceof Uint8Array) tapped.received(chunk)
    return around(() => push.call(this, chunk, encoding))
  }
  response.once('close', end)
}
