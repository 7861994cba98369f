/** The lifecycle of one object of a long trace, from the index beside it, which is made when it is first needed. */
import { statSync } from 'node:fs'
import { resolve } from 'node:path'
import { createLifecycle, type Lifecycle } from '#analyses/lifecycle.ts'
import type { TraceRead } from '#analyses/trace-reader.ts'
import { openIndex, type TraceIndex, writeIndex } from './trace-index.ts'

/** Shorter traces are read in a second or two, and need no file beside them. */
const INDEXED_BYTES_MIN = 64 * 2 ** 20

export interface IndexedLifecycleOptions {
  readonly trace: string
  readonly workingDirectory: string
  /** Whether to use an index. Default: for traces of 64 MiB or more. */
  readonly index: boolean | undefined
  /** Chooses the object among the names that are in the trace. May throw. */
  choose(names: readonly string[]): string
  /** Progress. */
  say(text: string): void
}

/** Undefined: there is no index, and none can be made. `result` is undefined where the trace does not know the object. */
export function indexedLifecycle(
  options: IndexedLifecycleOptions,
): { readonly object: string; readonly read: TraceRead; readonly result: Lifecycle | undefined } | undefined {
  const { trace, workingDirectory, choose } = options
  if (!(options.index ?? isLong(resolve(workingDirectory, trace)))) return undefined
  // A second time where the trace was changed under the index.
  for (const index of [openIndex(trace, workingDirectory), undefined]) {
    const opened = index ?? made(options)
    if (opened === undefined) return undefined
    const object = choose(opened.objects)
    const analysis = createLifecycle(object)
    if (opened.readObject(object, analysis)) return { object, read: opened.read, result: analysis.result() }
  }
  return undefined
}

function made({ trace, workingDirectory, say }: IndexedLifecycleOptions): TraceIndex | undefined {
  say(`Reading all of ${trace} for its index; the next time takes no second.`)
  if (writeIndex(trace, workingDirectory)) return openIndex(trace, workingDirectory)
  say(`No index can be written to ${trace}.index; the trace is read without one.`)
  return undefined
}

function isLong(path: string): boolean {
  try {
    return statSync(path).size >= INDEXED_BYTES_MIN
  } catch {
    return false
  }
}
