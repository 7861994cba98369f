/**
 * Reads along what goes through a dispatcher of undici (client-node 2.x): its handlers are called as they were, and told
 * here as well. Callbacks of both of undici's generations are understood.
 */
import type { Tap, TappedRequest } from './tap.ts'

type Callbacks = Record<string, unknown>

/** The part of a dispatcher that is used here. */
export interface Dispatcher {
  dispatch(options: DispatchOptions, handlers: object): boolean
}

interface DispatchOptions {
  readonly method?: string
  readonly path?: string
  readonly headers?: unknown
  readonly body?: unknown
}

/** @param dispatcher undefined: the one that undici keeps for all */
export function tapDispatcher(
  dispatcher: Dispatcher | undefined,
  tap: Tap,
  around: <T>(run: () => T) => T,
): Dispatcher {
  const dispatch = (target: Dispatcher, options: DispatchOptions, handlers: object): boolean => {
    const tapped = tap.request(options.method ?? 'GET', options.path ?? '/', headerIn(options.headers, 'content-type'))
    return target.dispatch(withBodyRead(options, tapped), toldToo(handlers as Callbacks, tapped, around))
  }
  if (dispatcher === undefined) return { dispatch: (options, handlers) => dispatch(shared(), options, handlers) }
  const own: Dispatcher = { dispatch: dispatcher.dispatch.bind(dispatcher) }
  dispatcher.dispatch = (options, handlers) => dispatch(own, options, handlers)
  return dispatcher
}

/** The newest version's first. */
function shared(): Dispatcher {
  const all = globalThis as unknown as Record<symbol, Dispatcher | undefined>
  for (const version of [2, 1]) {
    const found = all[Symbol.for(`undici.globalDispatcher.${version}`)]
    if (found !== undefined) return found
  }
  throw new Error('undici has no dispatcher of its own yet')
}

function withBodyRead(options: DispatchOptions, tapped: TappedRequest): DispatchOptions {
  const { body } = options
  if (typeof body === 'string') tapped.sent(Buffer.from(body))
  else if (body instanceof Uint8Array) tapped.sent(body)
  else if (typeof body === 'object' && body !== null && Symbol.asyncIterator in body) {
    const pieces = body as AsyncIterable<Uint8Array>
    return { ...options, body: readToo(pieces, tapped) }
  }
  return options
}

async function* readToo(pieces: AsyncIterable<Uint8Array>, tapped: TappedRequest): AsyncGenerator<Uint8Array> {
  for await (const piece of pieces) {
    if (piece instanceof Uint8Array) tapped.sent(piece)
    yield piece
  }
}

/** Names of a handler's methods, and where among the arguments what is read stands: undici 7 and later, then before. */
function toldToo(handlers: Callbacks, tapped: TappedRequest, around: <T>(run: () => T) => T): object {
  const tell: Record<string, (given: readonly unknown[]) => void> = {
    onResponseStart: ([, code, headers]) => answered(tapped, code, headers),
    onResponseData: ([, bytes]) => tapped.received(bytes as Uint8Array),
    onResponseEnd: () => tapped.end(),
    onResponseError: () => tapped.end(),
    onHeaders: ([code, headers]) => answered(tapped, code, headers),
    onData: ([bytes]) => tapped.received(bytes as Uint8Array),
    onComplete: () => tapped.end(),
    onError: () => tapped.end(),
  }
  return new Proxy(handlers, {
    get(target, name) {
      const method = Reflect.get(target, name)
      const told = typeof name === 'string' ? tell[name] : undefined
      if (typeof method !== 'function' || told === undefined) return method
      return (...given: unknown[]) => {
        told(given)
        return around(() => method.apply(target, given))
      }
    },
  })
}

function answered(tapped: TappedRequest, code: unknown, headers: unknown): void {
  // 1xx come before the answer.
  if (Number(code) < 200) return
  const contentType = headerIn(headers, 'content-type')
  tapped.answered(Number(code), { contentType, encoding: headerIn(headers, 'content-encoding') })
}

/** Headers come as an object, as pairs, or as one list of names and values, each text or bytes. */
function headerIn(headers: unknown, name: string): string {
  if (headers === null || typeof headers !== 'object') return ''
  if (!Array.isArray(headers)) {
    if (Symbol.iterator in headers) return headerIn([...(headers as Iterable<unknown>)], name)
    for (const [key, value] of Object.entries(headers)) if (key.toLowerCase() === name) return String(value)
    return ''
  }
  const flat: readonly unknown[] = Array.isArray(headers[0]) ? headers.flat() : headers
  for (let i = 0; i + 1 < flat.length; i += 2) if (String(flat[i]).toLowerCase() === name) return String(flat[i + 1])
  return ''
}
