/** Why a run cannot be explored as it is: what happened, why it usually happens, what to do. */
import type { HostCall, RunOutcome, RunRequest } from '#controller/host.ts'
import { currentSite } from './call-site.ts'
import type { Wait } from './wait-site.ts'

type Unusable = Extract<RunOutcome, { type: 'unusable' }>

/** More calls than any reconcile makes. To be called from within the call that is one too many. */
export function tooManyCalls(request: RunRequest, limit: number, call: HostCall): Unusable {
  return unusable(
    request,
    `more than ${limit} calls in one reconcile; the last was ${describeCall(call)}`,
    currentSite(),
    'It is probably a loop that waits for the cluster to change, which it does not while a reconcile runs. ' +
      'Return { requeueAfterMs } instead of waiting.',
  )
}

/** Timers that keep firing and never let the run end. */
export function tooManyTimers(request: RunRequest, limit: number, lastCall: HostCall | undefined): Unusable {
  return unusable(
    request,
    `more than ${limit} timers fired in one reconcile${lastCall === undefined ? '' : `; its last call was ${describeCall(lastCall)}`}`,
    undefined,
    'It is probably a setInterval that is never cleared, or a loop that sleeps. Return { requeueAfterMs } instead.',
  )
}

/** Nothing is left to do, and the reconcile has not ended. */
export function waitsOutside(request: RunRequest, wait: Wait): Unusable {
  return unusable(
    request,
    `the reconcile waits for ${wait.what}`,
    wait.site,
    'Only calls of its client, timers and the clock can be answered by a simulated cluster. ' +
      'Read files and import modules when the scenario is loaded; put other systems behind an object of the cluster, or replace them in the scenario.',
  )
}

/** Code that does not come back. */
export function endlessLoop(request: RunRequest, limitMs: number, site: string | undefined): Unusable {
  return unusable(
    request,
    `the code ran for more than ${limitMs} ms without a call`,
    site,
    'It is probably an endless loop. If it is only slow, do the work once, when the scenario is loaded.',
  )
}

function unusable(request: RunRequest, complaint: string, site: string | undefined, remedy: string): Unusable {
  const where = site === undefined ? '' : ` at ${site}`
  const message = `controller ${request.controller}, request ${nameOf(request.request)}: ${complaint}${where}. ${remedy}`
  return { type: 'unusable', message, ...(site === undefined ? {} : { site }) }
}

/** `update Pod default/web`, for messages. */
function describeCall(call: HostCall): string {
  if (call.op === 'now') return 'a read of the clock'
  if (call.op === 'random') return `a random ${call.what}`
  if (call.op === 'event') return 'the event that it handles'
  if (call.op === 'external') return `${call.system}.${call.method}`
  const subresource = call.subresource === undefined ? '' : `/${call.subresource}`
  return `${call.op} ${call.type.kind}${subresource}${call.name === undefined ? '' : ` ${nameOf({ ...call, name: call.name })}`}`
}

function nameOf(key: { readonly namespace?: string; readonly name: string }): string {
  return key.namespace === undefined ? key.name : `${key.namespace}/${key.name}`
}
