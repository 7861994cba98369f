/**
 * `instrument`: records what a program does through its KubeConfig of `@kubernetes/client-node` 1.x or 2.x: API classes,
 * watches and informers. This is the package's `kamera/record`, which loads nothing of the search.
 */
import { AsyncLocalStorage } from 'node:async_hooks'
import type { Agent } from 'node:http'
import { basename } from 'node:path'
import { type Caller, createRecording, recordingHeader } from './record/recording.ts'
import { isRemote, openSink } from './record/sinks/open-sink.ts'
import { createTap } from './record/tap.ts'
import { tapAgent } from './record/tap-agent.ts'
import { type Dispatcher, tapDispatcher } from './record/tap-dispatcher.ts'

export interface InstrumentOptions {
  /** File of the trace, or `s3://BUCKET/KEY`. Default `.kamera/trace.jsonl`, in the working directory. */
  readonly out?: string
  /** What the trace calls this program. Default: the name of its main file. */
  readonly process?: string
  /** A file of this size is followed by another. Default 256 MiB. */
  readonly rotateBytes?: number
  /** How many files are kept, the newest. Default all. */
  readonly filesMax?: number
  /** Bytes that may wait for the disk; more is dropped and counted. Default 64 MiB. */
  readonly waitingBytesMax?: number
  /** Whether the data of Secrets are hidden. Default true. */
  readonly redact?: boolean
}

/** What a reconcile is of. */
export interface InstrumentedRequest {
  readonly namespace?: string
  readonly name: string
}

export interface Instrument {
  /**
   * Runs one reconcile: whatever is called within it, at any depth, is recorded as its own. Without it reconciles are
   * inferred. What `run` returns (`requeue`, `requeueAfterMs`) or throws is recorded and passed on.
   */
  reconcile<T>(controller: string, request: InstrumentedRequest, run: () => T | Promise<T>): Promise<T>
  /** Events that were dropped so far. */
  dropped(): number
  /** Writes out what waits. What the KubeConfig is used for later is not recorded. */
  close(): Promise<void>
}

/** What is used of a KubeConfig, of either version. */
interface Instrumented {
  createAgent?: (...given: never[]) => Agent
  createDispatcher?: (...given: never[]) => Dispatcher | undefined
}

/** What a piece of asynchronous work belongs to. */
interface Work {
  readonly reconcile?: string
  /** What a piece of a watch set off has a number of its own. */
  readonly root: number
}

/** @throws Error when the trace cannot be written, or the KubeConfig is of another library */
export function instrument(kubeConfig: object, options: InstrumentOptions = {}): Instrument {
  const { out = '.kamera/trace.jsonl', redact = true } = options
  const name = options.process ?? basename(process.argv[1] ?? 'program').replace(/\.[^.]+$/, '')
  const onFault = (message: string): void => process.emitWarning(message, 'KameraWarning')
  const sink = openSink({ ...options, out, onFault }, recordingHeader('client-node'))
  const recording = createRecording({ sink, now: Date.now, redact })
  const works = new AsyncLocalStorage<Work>()
  let roots = 0
  let open = true
  const callerOf = (): Caller => {
    const { reconcile, root = 0 } = works.getStore() ?? {}
    return { process: name, controller: name, connection: root, ...(reconcile === undefined ? {} : { reconcile }) }
  }
  const tap = createTap(recording, callerOf)
  // A reconcile reads answers too: only what no reconcile asked for begins something new.
  const around = <T>(run: () => T): T =>
    works.getStore()?.reconcile === undefined ? works.run({ root: ++roots }, run) : run()
  tapKubeConfig(kubeConfig, {
    agent: (agent) => (open ? tapAgent(agent, tap, around) : agent),
    dispatcher: (dispatcher) => (open ? tapDispatcher(dispatcher, tap, around) : dispatcher),
  })
  const flush = (): void => recording.flush()
  process.once('exit', flush)
  const close = async (): Promise<void> => {
    if (!open) return
    open = false
    process.off('exit', flush)
    process.off('beforeExit', close)
    await recording.close()
  }
  // Over a network nothing can be written any more at the exit itself.
  if (isRemote(out)) process.once('beforeExit', close)
  return {
    async reconcile(controller, request, run) {
      const reconcile = recording.begin({ process: name, controller }, request)
      try {
        const value = await works.run({ reconcile, root: 0 }, run)
        recording.end(reconcile, resultOf(value))
        return value
      } catch (error) {
        recording.end(reconcile, { type: 'error', message: error instanceof Error ? error.message : String(error) })
        throw error
      }
    },
    dropped: () => sink.dropped(),
    close,
  }
}

interface Taps {
  readonly agent: (agent: Agent) => Agent
  readonly dispatcher: (dispatcher: Dispatcher | undefined) => Dispatcher | undefined
}

function tapKubeConfig(kubeConfig: object, taps: Taps): void {
  const config = kubeConfig as Instrumented
  const { createAgent, createDispatcher } = config
  if (createAgent === undefined && createDispatcher === undefined)
    throw new Error('instrument takes a KubeConfig of @kubernetes/client-node 1.x or 2.x, and this has no createAgent')
  /** Agents are kept and handed out again (2.x). */
  const tapped = new WeakSet<object>()
  const once = <T extends object>(given: T, tap: (given: T) => T): T => {
    if (tapped.has(given)) return given
    tapped.add(given)
    return tap(given)
  }
  if (createAgent !== undefined) config.createAgent = (...given) => once(createAgent.apply(config, given), taps.agent)
  if (createDispatcher !== undefined)
    config.createDispatcher = (...given) => {
      const made = createDispatcher.apply(config, given)
      return made === undefined
        ? taps.dispatcher(undefined)
        : once(made, taps.dispatcher as (given: Dispatcher) => Dispatcher)
    }
}

/** As controllers return it; what is no result counts as done. */
function resultOf(value: unknown): { readonly type: 'done' | 'requeue' | 'requeueAfter'; readonly afterMs?: number } {
  if (typeof value !== 'object' || value === null) return { type: 'done' }
  const { requeue, requeueAfterMs } = value as { readonly requeue?: unknown; readonly requeueAfterMs?: unknown }
  if (typeof requeueAfterMs === 'number' && requeueAfterMs > 0) return { type: 'requeueAfter', afterMs: requeueAfterMs }
  return requeue === true ? { type: 'requeue' } : { type: 'done' }
}
