/**
 * One watch over HTTP: a stream of events, a line each. A watcher that does not read is cut off, as by the real server,
 * so that what waits for it stays bounded.
 */
import type { ServerResponse } from 'node:http'
import type { KubernetesObject } from '#api/object.ts'
import { partialMetadata } from '#apiserver/partial-metadata.ts'
import type { Representation } from '#apiserver/representation.ts'
import { tableOf } from '#apiserver/table.ts'
import { type WatchEvent, type WatchScope, watchEventType, watchedObject } from '#apiserver/watch.ts'
import type { WatchRecord } from '#apiserver/watch-record.ts'
import { bookmark, type WatchStart } from '#apiserver/watch-start.ts'
import type { LiveState } from './live-state.ts'
import { watchHub } from './watch-hub.ts'

export interface WatchOptions {
  readonly representation: Representation
  /** Label and field selector, as they are in the query: watches of one namespace with the same ones see the same. */
  readonly selectors: readonly (string | null)[]
  /** The client takes BOOKMARK events. */
  readonly allowsBookmarks: boolean
  /** The stream ends after this. */
  readonly timeoutMs: number
  /** Milliseconds since 1970, for ages in tables. */
  readonly now: () => number
  /** Bytes that may wait for the client. */
  readonly waitingMax: number
}

/** How often a watcher that takes bookmarks gets one. */
const BOOKMARK_EVERY_MS = 60_000

/** Streams until the client goes, the time is over, or it reads too slowly. The answer ends the stream. */
export function streamWatch(
  live: LiveState,
  start: WatchStart,
  response: ServerResponse,
  options: WatchOptions,
): () => void {
  const { scope } = start
  const encode = encoderOf(scope, options)
  response.writeHead(200, { 'content-type': 'application/json', 'cache-control': 'no-cache, private' })
  let seen = start.revision
  const send = (piece: Piece): void => {
    const waits = write(response, piece)
    if (waits > options.waitingMax) response.destroy()
  }
  const tell = (records: readonly WatchRecord[]): void => {
    const piece = (records[0]?.revision ?? 0) > seen ? encode(records) : encode(records.filter(isNew))
    if (piece !== undefined) send(piece)
  }
  const isNew = ({ revision }: WatchRecord): boolean => revision > seen
  response.flushHeaders()
  if (start.initial.length > 0)
    response.write(start.initial.map((event) => encodeInitial(event, scope, options)).join(''))
  const subscription = watchHub(live).add(scope.resource.key, (records) => tell(records))
  const mark = (ends: boolean): void => {
    subscription.flush()
    send(pieceOf(`${JSON.stringify(bookmark(scope, live.state().revision, ends))}\n`))
  }
  if (start.endsWithBookmark && options.allowsBookmarks) mark(true)
  tell(live.since(start.revision))
  seen = Math.max(seen, live.state().revision)
  const end = (): void => {
    subscription.flush()
    response.end()
  }
  const timeout = setTimeout(end, options.timeoutMs)
  const bookmarks = options.allowsBookmarks ? setInterval(() => mark(false), BOOKMARK_EVERY_MS) : undefined
  response.once('close', () => {
    subscription.end()
    clearTimeout(timeout)
    clearInterval(bookmarks)
  })
  return end
}

/** Lines to be sent, and the same as a chunk of a chunked body. */
interface Piece {
  readonly lines: Buffer
  readonly chunk: Buffer
}

const LINE_END = Buffer.from('\r\n')

function pieceOf(text: string): Piece {
  return framed(Buffer.from(text))
}

function framed(lines: Buffer): Piece {
  return { lines, chunk: Buffer.concat([Buffer.from(`${lines.length.toString(16)}\r\n`), lines, LINE_END]) }
}

function joined(pieces: readonly Piece[]): Piece {
  return framed(Buffer.concat(pieces.map(({ lines }) => lines)))
}

/**
 * Writes a piece; how many bytes wait for the client now. The chunk goes to the connection itself, where all who watch
 * share its bytes: node would frame it anew for each, in three parts.
 */
function write(response: ServerResponse, { lines, chunk }: Piece): number {
  const { socket } = response
  const isChunked =
    response.chunkedEncoding && response.headersSent && response.writableLength === socket?.writableLength
  if (socket === null || !isChunked) response.write(lines)
  else if (!response.destroyed && !response.writableEnded) socket.write(chunk)
  return response.writableLength
}

/** What a watcher is sent of records; undefined for nothing. */
type Encode = (records: readonly WatchRecord[]) => Piece | undefined

/** Pieces of a record by form and type, and of an array of records by scope and form: all who watch the same share them. */
const encoded = new WeakMap<object, Map<string, Piece | undefined>>()

function remembered(of: object, key: string, make: () => Piece | undefined): Piece | undefined {
  let pieces = encoded.get(of)
  if (pieces === undefined) encoded.set(of, (pieces = new Map()))
  if (!pieces.has(key)) pieces.set(key, make())
  return pieces.get(key)
}

function encoderOf(scope: WatchScope, { representation, selectors, now }: WatchOptions): Encode {
  const { resource, namespace } = scope
  const form = `${resource.version} ${representation} `
  const whole = JSON.stringify([form, namespace, selectors])
  const encodeOne = (record: WatchRecord): Piece | undefined => {
    const type = watchEventType(scope, record)
    if (type === undefined) return undefined
    return remembered(record, form + type, () => {
      const object = shape(watchedObject(resource, record, type), resource, representation, now())
      return pieceOf(`${JSON.stringify({ type, object })}\n`)
    })
  }
  return (records) =>
    remembered(records, whole, () => {
      const pieces = records.map(encodeOne).filter((piece) => piece !== undefined)
      return pieces.length <= 1 ? pieces[0] : joined(pieces)
    })
}

function encodeInitial(event: WatchEvent, { resource }: WatchScope, { representation, now }: WatchOptions): string {
  const object = shape(event.object, resource, representation, now())
  return `${JSON.stringify({ type: event.type, object })}\n`
}

function shape(
  object: KubernetesObject,
  resource: WatchScope['resource'],
  representation: Representation,
  nowMs: number,
): object {
  if (representation === 'object') return object
  if (representation === 'PartialObjectMetadata') return partialMetadata(object)
  const resourceVersion = object.metadata.resourceVersion ?? ''
  return tableOf([object], { resourceVersion }, { resource, nowMs })
}
