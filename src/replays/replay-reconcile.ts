/**
 * One recorded reconcile, executed again: every call is answered as it was recorded, and what the code asks and writes is
 * compared with what it asked and wrote then.
 */
import { deepFreeze } from '#api/clone.ts'
import { equalJson } from '#api/equal.ts'
import { matchesFields, parseFieldSelector } from '#api/field-selectors.ts'
import type { Json, KubernetesObject } from '#api/object.ts'
import { compileLabelSelector } from '#api/selectors.ts'
import { failure } from '#api/status-errors.ts'
import type { ObjectEvent } from '#controller/controller.ts'
import {
  type Host,
  type HostCall,
  type HostReply,
  type ReadCall,
  type RunOutcome,
  STOP,
  type WriteCall,
} from '#controller/host.ts'
import { answerable, hiddenAlike } from './hidden-secrets.ts'
import type { RecordedCall, RecordedReconcile } from './recorded-reconciles.ts'

/** What became of one reconcile. */
export interface ReplayedReconcile {
  readonly reconcile: string
  readonly controller: string
  /** The step of the trace at which it began. */
  readonly step: number
  /** `nondeterministic`: executed twice on the same answers, it did two things. */
  readonly status: 'same' | 'different' | 'nondeterministic'
  /** The first difference: its step in the trace, and one sentence. */
  readonly differsAt?: number
  readonly difference?: string
  /** The recorder guessed where it begins and ends. */
  readonly inferred?: true
}

interface Execution {
  /** All that it did, in order, to be compared with another execution. */
  readonly did: readonly Json[]
  readonly difference: { readonly step: number; readonly text: string } | undefined
}

export async function replayReconcile(host: Host, recorded: RecordedReconcile): Promise<ReplayedReconcile> {
  const { id, controller, step, inferred } = recorded
  const named = { reconcile: id, controller, step, ...(inferred ? { inferred: true as const } : {}) }
  const first = await executeOnce(host, recorded)
  const second = await executeOnce(host, recorded)
  if (!equalJson(first.did, second.did)) {
    const index = first.did.findIndex((each, place) => !equalJson(each, second.did[place]))
    const [one, other] = [first.did, second.did].map((did) => shortText(did[index < 0 ? did.length - 1 : index]))
    return { ...named, status: 'nondeterministic', differsAt: step, difference: `once it did ${one}, once ${other}` }
  }
  if (first.difference === undefined) return { ...named, status: 'same' }
  return { ...named, status: 'different', differsAt: first.difference.step, difference: first.difference.text }
}

async function executeOnce(host: Host, recorded: RecordedReconcile): Promise<Execution> {
  const { controller, request, memory, end, calls } = recorded
  const did: Json[] = []
  const left = [...calls]
  let difference: Execution['difference']
  let lastStep = recorded.step
  const differ = (text: string, at = left[0]?.step ?? lastStep): typeof STOP => {
    difference ??= { step: at, text }
    return STOP
  }
  const respond = (call: HostCall): HostReply | typeof STOP => {
    did.push(call as unknown as Json)
    const index = left.findIndex((each) => isAnswerTo(each, call, recorded))
    const answer = index < 0 ? undefined : left[index]
    if (answer === undefined) {
      const assumed = assumedReply(call, recorded)
      if (assumed !== undefined) return assumed
      // It was cut off here: what it would have done next is not known.
      if (end === undefined && left.length === 0) return STOP
      return differ(missing(call, left))
    }
    const skipped = left.slice(0, index).find((each) => isWrite(each))
    if (isWriteCall(call) && skipped !== undefined)
      return differ(`it ${callText(call)} before it ${recordedText(skipped)}`)
    left.splice(index, 1)
    lastStep = answer.step
    return replyOf(answer)
  }
  const outcome = await host.run({ controller, request, ...(memory === undefined ? {} : { memory }), respond })
  if (outcome.type === 'unusable') return { did, difference: { step: recorded.step, text: outcome.message } }
  const unmade = left.find(isWrite)
  if (difference === undefined && outcome.type !== 'stopped') {
    if (unmade !== undefined) differ(`it ${recordedText(unmade)} then, and does not now`, unmade.step)
    else compareEnd(outcome, recorded, differ)
  }
  return { did: [...did, endJson(outcome)], difference }
}

type Outcome = Exclude<RunOutcome, { readonly type: 'unusable' }>

function compareEnd(outcome: Outcome, { end }: RecordedReconcile, differ: (text: string, at: number) => unknown): void {
  // Whether an inferred reconcile ended well is a guess.
  if (end === undefined || end.inferred === true) return
  const now = resultText(outcome)
  const { type, afterMs, message } = end.result
  const then =
    type === 'requeueAfter' ? `requeueAfter ${afterMs} ms` : type === 'error' ? `error ${message ?? ''}` : type
  if (now !== then && !(type === 'error' && outcome.type === 'error' && message === undefined))
    differ(`it ended with "${then}" then, and with "${now}" now`, end.step)
}

function resultText(outcome: Outcome): string {
  if (outcome.type === 'stopped') return 'stopped'
  if (outcome.type === 'error') return `error ${outcome.message}`
  const { requeueAfterMs = 0, requeue = false } = outcome.result
  return requeueAfterMs > 0 ? `requeueAfter ${requeueAfterMs} ms` : requeue ? 'requeue' : 'done'
}

function endJson(outcome: Outcome): Json {
  return outcome.type === 'stopped' ? 'stopped' : [resultText(outcome), outcome.memory ?? null]
}

function isWrite(call: RecordedCall): boolean {
  return call.type === 'call' ? call.verb !== 'get' && call.verb !== 'list' : call.what.startsWith('external ')
}

function isWriteCall(call: HostCall): call is WriteCall {
  return !['get', 'list', 'now', 'random', 'external', 'event'].includes(call.op)
}

function isReadCall(call: HostCall): call is ReadCall {
  return call.op === 'get' || call.op === 'list'
}

/** Whether a recorded call is this one: a read of the same, or a write of the same content. */
function isAnswerTo(recorded: RecordedCall, call: HostCall, { view }: RecordedReconcile): boolean {
  if (recorded.type === 'other-call') {
    if (call.op === 'now') return recorded.what === 'clock'
    if (call.op === 'random') return recorded.what === `random ${call.what}`
    if (call.op === 'event') return recorded.what === 'event'
    return (
      call.op === 'external' &&
      recorded.what.startsWith('external ') &&
      recorded.what.split(/[ /]/).includes(call.system)
    )
  }
  if (!isReadCall(call) && !isWriteCall(call)) return false
  const { object, verb, namespace = '', name, subresource } = recorded
  if (verb !== call.op || object.kind !== call.type.kind || object.apiVersion !== call.type.apiVersion) return false
  if (namespace !== (call.namespace ?? namespaceIn(call)) || subresource !== call.subresource) return false
  if (isReadCall(call)) {
    // Programs read where they are told to: a recorder sees only what was not answered by a cache.
    if (call.cached !== recorded.cached && !view.knows(object.apiVersion, object.kind)) return false
    const { labelSelector = '', fieldSelector = '' } = recorded.request
    const isSameSelection = labelSelector === (call.labelSelector ?? '') && fieldSelector === (call.fieldSelector ?? '')
    return verb === 'get' ? name === call.name : isSameSelection
  }
  const { body, options, patchType } = recorded.request
  return (
    (name ?? nameIn(body)) === (call.name ?? nameIn(call.body)) &&
    patchType === call.patchType &&
    (body === '(redacted)' || equalJson(comparable(body, call), comparable(shownAlike(body, call), call))) &&
    equalJson(effective(options), effective(call.options))
  )
}

function namespaceIn(call: ReadCall | WriteCall): string {
  const body = (call as WriteCall).body as Partial<KubernetesObject> | undefined
  return body?.metadata?.namespace ?? ''
}

function nameIn(body: Json | undefined): string | undefined {
  return (body as Partial<KubernetesObject> | null | undefined)?.metadata?.name
}

/** A body without what clients add on the way: kind, namespace of the path, nulls and an empty status. */
function comparable(body: Json | undefined, call: WriteCall): Json {
  if (body === undefined) return null
  if (call.op === 'patch' || typeof body !== 'object' || body === null || Array.isArray(body)) return body
  const { metadata, status, ...rest } = body as Record<string, Json>
  const { creationTimestamp, namespace: _, ...named } = (metadata ?? {}) as Record<string, Json>
  const isEmpty = status === undefined || equalJson(status, {})
  return {
    ...rest,
    ...call.type,
    metadata: {
      ...named,
      ...(creationTimestamp === undefined || creationTimestamp === null ? {} : { creationTimestamp }),
    },
    ...(isEmpty ? {} : { status }),
  }
}

/** What is written now, as far as the trace tells it of a Secret. */
function shownAlike(then: Json | undefined, { type, body }: WriteCall): Json | undefined {
  return type.kind === 'Secret' && type.apiVersion === 'v1' ? hiddenAlike(then, body) : body
}

const EFFECTIVE = [
  'preconditions',
  'propagationPolicy',
  'gracePeriodSeconds',
  'orphanDependents',
  'force',
  'dryRun',
  'labelSelector',
  'fieldSelector',
]

/** Options that change what a write does; clients send others along. */
function effective(options: Json | undefined): Json {
  const given = (options ?? {}) as Record<string, Json>
  return Object.fromEntries(EFFECTIVE.flatMap((name) => (given[name] === undefined ? [] : [[name, given[name]]])))
}

function replyOf(recorded: RecordedCall): HostReply {
  if (recorded.type === 'call') {
    const { response } = recorded
    if ('items' in response) return deepFreeze({ items: response.items.map(answerable) })
    if ('status' in response) return deepFreeze({ status: response.status })
    return deepFreeze({ object: response.object === null ? undefined : answerable(response.object) })
  }
  const { what, answer } = recorded
  if (what === 'event') return deepFreeze({ event: answer as unknown as ObjectEvent })
  if (!what.startsWith('external ')) return { value: answer as number | string }
  const failed = answer as { readonly failure?: { readonly name: string; readonly message: string } } | null
  if (typeof failed === 'object' && failed?.failure !== undefined) return { failure: failed.failure }
  return deepFreeze({ result: answer })
}

/**
 * What a recording does not have, but tells: reads of a cache are answered by what the process had been told when the
 * reconcile began, clocks by its begin. Chance is always the same.
 */
function assumedReply(call: HostCall, { view, timeMs }: RecordedReconcile): HostReply | undefined {
  if (timeMs === undefined) return undefined
  if (call.op === 'now') return { value: timeMs }
  if (call.op === 'random')
    return { value: call.what === 'number' ? 0.5 : call.what === 'uuid' ? NO_UUID : '00'.repeat(call.bytes ?? 0) }
  if (!isReadCall(call) || !call.cached || !view.knows(call.type.apiVersion, call.type.kind)) return undefined
  const { apiVersion, kind } = call.type
  if (call.op === 'list') {
    const { labelSelector = '', fieldSelector = '' } = call
    const fields = parseFieldSelector(fieldSelector)
    const selects = compileLabelSelector(labelSelector)
    const items = view.list(apiVersion, kind, call.namespace).filter(selects).map(answerable)
    return deepFreeze({
      items: typeof fields === 'string' ? items : items.filter((item) => matchesFields(fields, item)),
    })
  }
  const { name = '', namespace } = call
  const object = view.get(apiVersion, kind, { name, ...(namespace === undefined ? {} : { namespace }) })
  if (object !== undefined) return deepFreeze({ object: answerable(object) })
  return { status: failure(404, 'NotFound', `${kind.toLowerCase()} "${name}" not found`) }
}

const NO_UUID = '00000000-0000-4000-8000-000000000000'

function missing(call: HostCall, left: readonly RecordedCall[]): string {
  const write = isWriteCall(call) ? left.find((each) => each.type === 'call' && each.verb === call.op) : undefined
  if (write?.type === 'call' && isWriteCall(call)) {
    const { body } = write.request
    const field = firstDifference(comparable(body, call), comparable(shownAlike(body, call), call), '')
    return `it ${callText(call)}, and ${field === undefined ? `it ${recordedText(write)} then` : field}`
  }
  return `it ${callText(call)}, which it did not then`
}

/** `spec.replicas was 1 then, and is 2 now`. */
function firstDifference(then: Json | undefined, now: Json | undefined, path: string): string | undefined {
  if (equalJson(then, now)) return undefined
  if (isFields(then) && isFields(now)) {
    for (const name of new Set([...Object.keys(then), ...Object.keys(now)])) {
      const found = firstDifference(then[name], now[name], path === '' ? name : `${path}.${name}`)
      if (found !== undefined) return found
    }
  }
  return `${path === '' ? 'its body' : path} was ${shortText(then)} then, and is ${shortText(now)} now`
}

function isFields(value: Json | undefined): value is { readonly [name: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function shortText(value: Json | undefined): string {
  const text = JSON.stringify(value) ?? 'nothing'
  return text.length > 200 ? `${text.slice(0, 200)}…` : text
}

const WORDS: Readonly<Record<string, string>> = {
  get: 'reads',
  list: 'lists',
  create: 'creates',
  update: 'updates',
  patch: 'patches',
  delete: 'deletes',
  deletecollection: 'deletes all of',
}

function callText(call: HostCall): string {
  if (isReadCall(call) || isWriteCall(call)) {
    const name = call.name ?? nameIn((call as WriteCall).body) ?? ''
    const part = call.subresource === undefined ? '' : `/${call.subresource}`
    return `${WORDS[call.op]} ${call.type.kind}${part} ${call.namespace === undefined ? '' : `${call.namespace}/`}${name}`.trim()
  }
  if (call.op === 'now') return 'reads the clock'
  if (call.op === 'random') return `asks for a random ${call.what}`
  return call.op === 'external' ? `calls ${call.system}.${call.method}` : 'asks for its event'
}

function recordedText(call: RecordedCall): string {
  if (call.type === 'other-call') return `asked ${call.what}`
  const place = call.namespace === undefined ? '' : `${call.namespace}/`
  return `did ${call.verb} ${call.object.kind}${call.subresource === undefined ? '' : `/${call.subresource}`} ${place}${call.name ?? ''}`.trim()
}
