/**
 * A state that lives: requests are decided one after the other on the wall clock's time, and those who watch are told.
 * Next: `http-front.ts` for requests over HTTP, `journal.ts` for what survives.
 */
import type { ResourceTable } from '#api/resource.ts'
import type { AdmissionControl } from '#apiserver/admission/admission.ts'
import { handle } from '#apiserver/apiserver.ts'
import { tableOfState } from '#apiserver/custom-resource-definitions.ts'
import { createStateHistory } from '#apiserver/history.ts'
import type { ApiRequest, ApiResponse } from '#apiserver/request.ts'
import type { ApiState } from '#apiserver/state.ts'
import type { WatchRecord } from '#apiserver/watch-record.ts'
import type { WebhookPlaces } from './webhook-places.ts'

export interface LiveStateOptions {
  /** Kinds beside those that CRDs in the state define. */
  readonly table: ResourceTable
  readonly initial: ApiState
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** Where webhooks are. Default: where the `url` of their configuration says. */
  readonly webhooks?: WebhookPlaces
  /** How many former states and events are remembered. Default 10,000. */
  readonly historyMax?: number
  /** Called with every commit before its writer is answered; what it throws, the writer gets. */
  readonly onCommit?: (records: readonly WatchRecord[], state: ApiState) => void
}

export interface LiveState {
  /** Decides one request; a write is committed, and watchers are told, when it returns. */
  execute(request: ApiRequest, admission?: AdmissionControl): ApiResponse
  readonly webhooks: WebhookPlaces
  /** The kinds served now. */
  served(): ResourceTable
  state(): ApiState
  /** Tells `listener` of every change after now; the answer ends that. */
  subscribe(listener: (record: WatchRecord) => void): () => void
  /** The changes after a revision, which must not be older than `oldest`. */
  since(revision: number): readonly WatchRecord[]
  /** The oldest revision from which changes are remembered. */
  oldest(): number
  /** Forgets all history before now. */
  compact(): void
}

const HISTORY_MAX = 10_000

export function createLiveState(options: LiveStateOptions): LiveState {
  const { table, now, historyMax = HISTORY_MAX } = options
  let state: ApiState = options.initial
  const history = createStateHistory(state, historyMax)
  let log: WatchRecord[] = []
  let oldest = state.revision
  const listeners = new Set<(record: WatchRecord) => void>()

  const forget = (): void => {
    if (log.length <= 2 * historyMax) return
    oldest = (log[log.length - historyMax - 1] as WatchRecord).revision
    log = log.slice(-historyMax)
  }

  return {
    execute: (request, admission) => {
      const handled = handle(table, { ...state, nowMs: now(), admission }, request, history)
      if (handled.watchEvents.length === 0) return handled.response
      options.onCommit?.(handled.watchEvents, handled.state)
      state = handled.state
      history.add(state)
      for (const record of handled.watchEvents) log.push(record)
      forget()
      for (const record of handled.watchEvents) for (const listener of listeners) listener(record)
      return handled.response
    },
    webhooks: options.webhooks ?? {},
    served: () => tableOfState(table, state),
    state: () => state,
    subscribe: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    since: (revision) => log.slice(firstAfter(log, revision)),
    oldest: () => Math.max(oldest, history.oldest),
    compact: () => {
      history.compact()
      log = []
      oldest = state.revision
    },
  }
}

/** The index of the first record of a later revision. */
function firstAfter(log: readonly WatchRecord[], revision: number): number {
  let low = 0
  let high = log.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((log[middle] as WatchRecord).revision <= revision) low = middle + 1
    else high = middle
  }
  return low
}
