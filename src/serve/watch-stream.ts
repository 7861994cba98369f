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

export interface WatchOptions {
  readonly representation: Representation
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
  const send = (line: string): void => {
    response.write(line)
    if (response.writableLength > options.waitingMax) response.destroy()
  }
  const tell = (record: WatchRecord): void => {
    if (record.revision <= seen) return
    const type = watchEventType(scope, record)
    if (type !== undefined) send(encode(record, type))
  }
  response.flushHeaders()
  if (start.initial.length > 0)
    response.write(start.initial.map((event) => encodeInitial(event, scope, options)).join(''))
  const mark = (ends: boolean): void => send(`${JSON.stringify(bookmark(scope, live.state().revision, ends))}\n`)
  if (start.endsWithBookmark && options.allowsBookmarks) mark(true)
  for (const record of live.since(start.revision)) tell(record)
  seen = Math.max(seen, live.state().revision)
  const unsubscribe = live.subscribe(tell)
  const timeout = setTimeout(() => response.end(), options.timeoutMs)
  const bookmarks = options.allowsBookmarks ? setInterval(() => mark(false), BOOKMARK_EVERY_MS) : undefined
  response.once('close', () => {
    unsubscribe()
    clearTimeout(timeout)
    clearInterval(bookmarks)
  })
  return () => response.end()
}

type Encode = (record: WatchRecord, type: WatchEvent['type']) => string

/** Texts of a record, shared by all who watch it in the same form. */
const encoded = new WeakMap<WatchRecord, Map<string, string>>()

function encoderOf({ resource }: WatchScope, { representation, now }: WatchOptions): Encode {
  const form = `${resource.version} ${representation} `
  return (record, type) => {
    let texts = encoded.get(record)
    if (texts === undefined) encoded.set(record, (texts = new Map()))
    const key = form + type
    let text = texts.get(key)
    if (text === undefined) {
      const object = shape(watchedObject(resource, record, type), resource, representation, now())
      texts.set(key, (text = `${JSON.stringify({ type, object })}\n`))
    }
    return text
  }
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
