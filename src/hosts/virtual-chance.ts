/** `Math.random`, web crypto and `node:crypto` of a run. */
import nodeCrypto from 'node:crypto'
import { syncBuiltinESMExports } from 'node:module'
import { type Restore, replaceProperty, running, type VirtualSources } from './virtual-sources.ts'

type Done<T> = (error: Error | null, value: T) => void

export function replaceChance(): Restore {
  const webCrypto = Object.getPrototypeOf(globalThis.crypto) as object
  const restores = [
    replaceFunction(Math, 'random', (sources) => sources.randomNumber()),
    replaceFunction(webCrypto, 'randomUUID', (sources) => sources.randomUuid()),
    replaceFunction(webCrypto, 'getRandomValues', (sources, array: ArrayBufferView) => fill(sources, array)),
    replaceFunction(nodeCrypto, 'randomUUID', (sources) => sources.randomUuid()),
    // nodeCrypto.getRandomValues needs nothing: it is a getter of the web crypto's.
    replaceFunction(nodeCrypto, 'randomFillSync', (sources, array: ArrayBufferView) => fill(sources, array)),
    replaceFunction(nodeCrypto, 'randomFill', (sources, array: ArrayBufferView, ...rest: unknown[]) => {
      fill(sources, array)
      answer(rest.at(-1) as Done<ArrayBufferView>, array)
    }),
    replaceFunction(nodeCrypto, 'randomBytes', (sources, size: number, done?: Done<Buffer>) =>
      answer(done, Buffer.from(sources.randomBytes(size))),
    ),
    replaceFunction(nodeCrypto, 'randomInt', virtualRandomInt),
  ]
  syncBuiltinESMExports()
  return () => {
    for (const restore of restores.reverse()) restore()
    syncBuiltinESMExports()
  }
}

/** `randomInt([min,] max[, callback])`, max excluded. */
function virtualRandomInt(sources: VirtualSources, ...parameters: unknown[]): unknown {
  const done = typeof parameters.at(-1) === 'function' ? (parameters.pop() as Done<number>) : undefined
  const [min, max] = (parameters.length === 1 ? [0, parameters[0]] : parameters) as [number, number]
  return answer(done, min + Math.floor(sources.randomNumber() * (max - min)))
}

function answer<T>(done: Done<T> | undefined, value: T): T | undefined {
  if (done === undefined) return value
  process.nextTick(done, null, value)
  return undefined
}

function fill<T extends ArrayBufferView>(sources: VirtualSources, array: T): T {
  new Uint8Array(array.buffer, array.byteOffset, array.byteLength).set(sources.randomBytes(array.byteLength))
  return array
}

/** Replaces `target[name]`: within a run by `virtual`, outside by what it was. */
function replaceFunction(
  target: object,
  name: string,
  // biome-ignore lint/suspicious/noExplicitAny: the parameters are those of the function replaced
  virtual: (sources: VirtualSources, ...parameters: any[]) => unknown,
): Restore {
  const real = (target as Record<string, (...parameters: unknown[]) => unknown>)[name]
  if (typeof real !== 'function') return () => {}
  return replaceProperty(target, name, function (this: unknown, ...parameters: unknown[]) {
    return running.sources === undefined ? real.apply(this, parameters) : virtual(running.sources, ...parameters)
  })
}
