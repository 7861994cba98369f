/** A reconcile run once more in another child, with the answers that it got. */
import type { HostCall, HostReply, RunRequest } from '#controller/host.ts'
import { type Child, isEnding } from './child.ts'
import type { KameraMessage, ProgramMessage } from './messages.ts'

/** A reconcile as it went: what it called, what it was answered, and its last message. */
export interface PlayedRun {
  readonly request: RunRequest
  readonly calls: readonly { readonly call: HostCall; readonly reply: HostReply }[]
  readonly end: ProgramMessage
}

/** What the code did this time. */
export type Replayed =
  | { readonly type: 'same' }
  /** In words. `isOpen`: the child still waits for an answer that nobody has. */
  | { readonly type: 'other'; readonly does: string; readonly isOpen: boolean }
  /** The child's clock is past the instant of the run. */
  | { readonly type: 'past' }
  | { readonly type: 'untold' }

export async function replayRun(
  child: Child,
  { request, calls, end }: PlayedRun,
  { nowMs, limitMs }: { readonly nowMs: number; readonly limitMs: number },
): Promise<Replayed> {
  child.send({ type: 'run', controller: request.controller, request: request.request, nowMs })
  for (let place = 0; ; place++) {
    const message = await child.receive(limitMs)
    if (isEnding(message)) return { type: 'untold' }
    if (message.type === 'past') return { type: 'past' }
    if (message.type !== 'call') {
      const isSame = place === calls.length && comparable(message) === comparable(end)
      return isSame ? { type: 'same' } : { type: 'other', does: describeEnd(message), isOpen: false }
    }
    const known = calls[place]
    if (known === undefined || JSON.stringify(known.call) !== JSON.stringify(message.call)) {
      return { type: 'other', does: describeCall(message.call), isOpen: true }
    }
    child.send({ type: 'reply', ...known.reply } as KameraMessage)
  }
}

function comparable(message: ProgramMessage): string {
  if (message.type === 'done') return JSON.stringify(message.result ?? {})
  return message.type === 'failed' ? message.message : message.type
}

function describeEnd(message: ProgramMessage): string {
  if (message.type === 'failed') return `fails with "${message.message}"`
  return message.type === 'done' ? `ends with ${JSON.stringify(message.result ?? {})}` : 'does not come to its end'
}

function describeCall(call: HostCall): string {
  if (!('type' in call)) return `asks for ${call.op}`
  const body = 'body' in call && call.body !== undefined ? ` with ${JSON.stringify(call.body).slice(0, 200)}` : ''
  return `calls ${call.op} ${call.type.kind} ${call.namespace === undefined ? '' : `${call.namespace}/`}${'name' in call ? (call.name ?? '') : ''}${body}`
}
