/**
 * Reads along what a client of this process sends and is answered; the two stacks of client-node call it. Events are made
 * at once, before the program reads on: what it does next comes after them in the trace, as it did.
 */
import type { Exchange } from './exchange.ts'
import type { Caller, RecordedWatch, Recording } from './recording.ts'

/** One request as it goes by. */
export interface TappedRequest {
  /** A piece of its body. */
  sent(bytes: Uint8Array): void
  /** Its answer begins. */
  answered(code: number, headers: { readonly contentType: string; readonly encoding: string }): void
  received(bytes: Uint8Array): void
  end(): void
}

export interface Tap {
  request(method: string, url: string, requestType: string): TappedRequest
}

/** Of a body that is larger nothing is kept. */
const BODY_BYTES_MAX = 64 * 1024 * 1024

/** @param callerOf who asks: called while the request is made, in its asynchronous context */
export function createTap(recording: Recording, callerOf: () => Caller): Tap {
  return {
    request(method, url, requestType) {
      const caller = callerOf()
      const { pathname: path, searchParams: query } = new URL(url, 'http://server')
      const isWatch = /^(true|1)$/.test(query.get('watch') ?? '')
      const known = recording.sent(method, path)
      const sent = pieces()
      const received = pieces()
      let watch: RecordedWatch | undefined
      let answer: Pick<Exchange, 'code' | 'responseType'> | undefined
      return {
        sent: sent.add,
        answered(code, { contentType, encoding }) {
          answer = { code, responseType: encoding === '' || encoding === 'identity' ? contentType : encoding }
          if (isWatch && code === 200) watch = recording.watch(caller, path, query)
        },
        received(bytes) {
          if (watch === undefined) received.add(bytes)
          else watch.piece(bytes)
        },
        end() {
          if (watch !== undefined) return watch.end()
          if (answer === undefined) return
          const bodies = { requestBody: sent.all(), responseBody: received.all() }
          recording.answered(caller, { method, path, query, requestType, ...answer, ...bodies }, known)
        },
      }
    },
  }
}

function pieces() {
  const chunks: Uint8Array[] = []
  let size = 0
  return {
    add(bytes: Uint8Array): void {
      size += bytes.length
      if (size <= BODY_BYTES_MAX) chunks.push(bytes)
    },
    all: (): Uint8Array =>
      size > BODY_BYTES_MAX
        ? Buffer.from(`(${size} bytes)`)
        : chunks.length === 1
          ? (chunks[0] as Uint8Array)
          : Buffer.concat(chunks),
  }
}
