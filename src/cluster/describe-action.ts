/** Actions in words: the title of a step, and the faults in it. */
import type { FaultRecord } from '#trace/path.ts'
import { type Action, isSlow } from './action.ts'
import type { ApiErrorType } from './api-error.ts'
import { nameOf, writtenName } from './describe-calls.ts'
import type { RunCall } from './run.ts'
import type { Cluster } from './tables.ts'

export function titleOf(cluster: Cluster, action: Action): string {
  const label =
    action.request === undefined ? '' : action.request.label.slice(action.request.controller.definition.name.length + 1)
  const controller = action.request?.controller.definition.name ?? ''
  switch (action.type) {
    case 'run':
      return `${controller} ${action.request?.handles === undefined ? 'reconciles' : 'handles an event of'} ${label}`
    case 'begin':
      return `${controller} begins to ${action.request?.handles === undefined ? 'reconcile' : 'handle an event of'} ${label}`
    case 'write':
      return `${controller} goes on with ${label}${action.run?.retired ? ', in the instance that was replaced' : ''}`
    case 'user': {
      const change = action.run?.changes[0]
      return change === undefined
        ? 'the user acts, and nothing changes'
        : `the user ${change.before === 0 ? 'creates' : change.after === 0 ? 'deletes' : 'changes'} ${nameOf(change.slot)}`
    }
    case 'timer':
      return `time passes${isSlow(action) ? ', while other work waits' : ''}: ${controller} is due to reconcile ${label}`
    case 'catch-up':
      return `process ${action.process?.name} receives its oldest late ${cluster.kinds[action.kind]?.resource.kind} event`
    case 'environment':
      return `environment: ${action.occurrence?.name}`
    case 'list-again':
      return `process ${action.process?.name} lists every ${cluster.kinds[action.kind]?.resource.kind} again`
    case 'restart':
      return `process ${action.process?.name} crashes and starts anew`
    case 'handover':
      return `a second instance of process ${action.process?.name} takes over`
  }
}

export function faultsOf(cluster: Cluster, action: Action): readonly FaultRecord[] {
  const faults: FaultRecord[] = []
  if (action.type === 'restart')
    faults.push({
      fault: 'crash',
      description: `process "${action.process?.name}" crashes between reconciles${oldListsText(cluster, action)}`,
    })
  if (action.type === 'handover') {
    faults.push({
      fault: 'handover',
      description: `a second instance of process "${action.process?.name}" takes over; the first finishes what it has in flight`,
    })
  }
  if (isSlow(action)) {
    faults.push({
      fault: 'slow',
      description: `all that is ready or late is so slow that the timer of ${action.request?.label} fires before it`,
    })
  }
  if (action.crashAfter >= 0) {
    faults.push({
      fault: 'crash',
      description: `process "${action.request?.controller.process.name}" crashes right after write ${(action.run?.commitEnds.indexOf(action.crashAfter) ?? 0) + 1} of this reconcile${oldListsText(cluster, action)}`,
    })
  }
  for (const error of action.run?.errors ?? []) {
    const failed = action.run?.calls.find(({ place }) => place === error.call)
    if (failed !== undefined) faults.push({ fault: 'apiError', description: errorText(failed, error.type) })
  }
  for (const lag of action.lags) {
    const change = action.run?.changes[lag.from]
    const from = change === undefined ? '' : `, from the change of ${nameOf(change.slot)} on`
    const kind = cluster.kinds[lag.kind]?.resource.kind
    if (lag.type === 'bookmark') continue
    if (lag.type === 'standby') {
      const description = `the standby of process "${lag.process.name}" stops receiving ${kind} events${from}`
      faults.push({ fault: 'handover', description, free: true })
      continue
    }
    faults.push(
      lag.type === 'stale'
        ? { fault: 'stale', description: `process "${lag.process.name}" stops receiving ${kind} events${from}` }
        : { fault: 'relist', description: `the ${kind} watch of process "${lag.process.name}" breaks${from}` },
    )
  }
  return faults
}

const ANSWERS: Readonly<Record<ApiErrorType, string>> = {
  conflict: 'answers 409 Conflict to',
  'timeout-applied': 'applies, but its answer 504 Timeout does not say so,',
  timeout: 'answers 504 Timeout, without applying it, to',
  'internal-error': 'answers 500 InternalError to',
  'too-many-requests': 'answers 429 TooManyRequests to',
}

/** `the API server answers 409 Conflict to update of Foo default/a`. */
function errorText({ operation, place }: RunCall, type: ApiErrorType): string {
  const call = operation.op === 'write' ? operation.call.op : operation.op
  const what =
    operation.op === 'get'
      ? nameOf(operation.slot)
      : operation.op === 'list'
        ? (operation.kind?.resource.kind ?? 'every kind')
        : operation.op === 'write'
          ? writtenName(operation)
          : ''
  return `the API server ${ANSWERS[type]} ${call} of ${what} (call ${place + 1} of this reconcile)`
}

/** Which lists of the starting process are old ones. */
function oldListsText(cluster: Cluster, { oldLists }: Action): string {
  const kinds = oldLists.map((kind) => cluster.kinds[kind]?.resource.kind ?? '')
  return kinds.length === 0 ? '' : `, and is given an old list of ${kinds.join(' and ')} when it starts`
}
