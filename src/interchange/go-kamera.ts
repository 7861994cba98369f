/**
 * Reads what the Go Kamera writes: JSON lines, or the same lines in a zap log. An operation and the object that it
 * answered are two lines with one id, in any order; a list is a pair of lines for each of its items.
 */

import { compareVersions } from '#analyses/trace-names.ts'
import type { NoteTaker } from '#analyses/trace-notes.ts'
import type { KubernetesObject } from '#api/object.ts'
import { createRedaction } from '#trace/redact.ts'
import type { ApiCall } from '#trace/trace-event.ts'
import { comparableVersion, type Fields, fieldsOf, isFields, objectOf, textOf } from './foreign-json.ts'
import type { Operation } from './imported.ts'

export interface ForeignReader {
  line(text: string, line: number, terminated: boolean): void
  /** All operations, in the order of their lines. */
  finish(): readonly Operation[]
}

const VERBS: ReadonlyMap<string, ApiCall['verb']> = new Map([
  ['INIT', 'update'],
  ['GET', 'get'],
  ['LIST', 'list'],
  ['CREATE', 'create'],
  ['UPDATE', 'update'],
  ['PATCH', 'patch'],
  ['APPLY', 'patch'],
  ['DELETE', 'delete'],
  ['REMOVE', 'delete'],
])

/** Webhook, garbage collector and the API server itself: what they do is no reconcile. */
const OUTSIDE: ReadonlyMap<string, string> = new Map([['TraceyWebhook', 'user']])

interface Logged {
  readonly line: number
  readonly fields: Fields
}

/** Whether a line is one of the Go Kamera. */
export function isGoKamera(text: string): boolean {
  const fields = payloadOf(text)
  return fields !== undefined && fields !== 'other' && (isRecord(fields) || textOf(fields, 'op_type') !== undefined)
}

export function createGoKameraReader(notes: NoteTaker): ForeignReader {
  const events = new Map<string, Logged>()
  const values = new Map<string, Logged>()
  const redact = createRedaction()
  return {
    line(text, line, terminated) {
      if (text.trim() === '') return
      const fields = payloadOf(text)
      if (fields === 'other') notes.note('other', 'no line of the Go Kamera; it is left out', line)
      else if (fields === undefined) {
        if (terminated) notes.note('not-json', 'this cannot be read, and is left out', line)
        else notes.note('cut-off', 'the file ends in this line, which is left out', line)
      } else if (isRecord(fields)) keep(values, textOf(fields, 'operation_id') as string, { line, fields }, notes)
      else if (textOf(fields, 'id') !== undefined) keep(events, textOf(fields, 'id') as string, { line, fields }, notes)
      else notes.note('malformed', 'neither an operation nor an object; it is left out', line)
    },
    finish() {
      const operations: Operation[] = []
      /** The list that a reconcile is in the middle of. */
      const lists = new Map<string, List>()
      for (const [id, event] of events) {
        const record = values.get(id)
        values.delete(id)
        const operation = operationOf(event, record, notes, redact)
        if (operation === undefined) continue
        const chain = JSON.stringify([operation.process, operation.reconcile])
        if (operation.call.verb !== 'list') lists.delete(chain)
        else {
          const uid = textOf(event.fields, 'object_id') ?? id
          const known = lists.get(chain)
          if (known?.operation.call.object.kind === operation.call.object.kind && !known.uids.has(uid)) {
            join(known, operation, uid)
            continue
          }
          lists.set(chain, { operation, uids: new Set([uid]) })
        }
        operations.push(operation)
      }
      for (const { line } of values.values())
        notes.note('malformed', 'an object whose operation is not in the file; it is left out', line)
      return operations
    },
  }
}

function keep(known: Map<string, Logged>, id: string, logged: Logged, notes: NoteTaker): void {
  if (known.has(id)) notes.note('repeated', 'a line that was read before; it is left out', logged.line)
  else known.set(id, logged)
}

function isRecord(fields: Fields): boolean {
  return textOf(fields, 'operation_id') !== undefined && Object.hasOwn(fields, 'value') && Boolean(fields.value)
}

/** `other`: a line of the log that somebody else wrote. */
function payloadOf(text: string): Fields | 'other' | undefined {
  const isLog = text.includes('"LogType"') && text.includes('sleeve:')
  if (text.trimStart().startsWith('{')) {
    const fields = fieldsOf(text.trim())
    if (fields === undefined || !isLog) return fields
    const message = textOf(fields, 'msg') ?? textOf(fields, 'message')
    return message === undefined ? fields : fieldsOf(message)
  }
  if (!isLog) return 'other'
  const [begin, end] = [text.indexOf('{'), text.lastIndexOf('{')]
  return begin < end ? fieldsOf(text.slice(begin, end).trim()) : undefined
}

function operationOf(
  { line, fields }: Logged,
  record: Logged | undefined,
  notes: NoteTaker,
  redact: <T>(value: T) => T,
): Operation | undefined {
  const type = textOf(fields, 'op_type') ?? ''
  const verb = VERBS.get(type)
  const kind = textOf(fields, 'kind')
  if (verb === undefined || kind === undefined) {
    const what = verb === undefined ? `op_type ${JSON.stringify(type)} is not known` : 'it has no kind'
    notes.note('malformed', `${what}; the line is left out`, line)
    return undefined
  }
  const given = record?.fields.value
  const value = typeof given === 'string' ? fieldsOf(given) : given
  const group = textOf(fields, 'group')
  const apiVersion = textOf(fields, 'apiVersion') ?? (isFields(value) ? textOf(value, 'apiVersion') : undefined)
  const object = { apiVersion: apiVersion ?? (group === undefined ? 'v1' : `${group}/v1`), kind }
  const content = objectOf(value, object)
  if (content === undefined) {
    notes.note('malformed', 'the object of this operation is absent or wrong; the line is left out', line)
    return undefined
  }
  const { namespace, name = '' } = content.metadata
  const controller = textOf(fields, 'controller_id') ?? 'unknown'
  const isOutside = OUTSIDE.has(controller) || controller.startsWith('sleeve:')
  const reconcile = isOutside ? undefined : textOf(fields, 'reconcile_id')
  const version = comparableVersion(textOf(fields, 'version') ?? content.metadata.resourceVersion)
  if (version === undefined) notes.note('version', 'it has no version to be ordered by; it stays where it is', line)
  const shown = redact(content)
  const isRemoval = type === 'REMOVE'
  const timeMs = timeOf(textOf(fields, 'timestamp'))
  return {
    line,
    process: OUTSIDE.get(controller) ?? controller,
    ...(reconcile === undefined ? {} : { reconcile }),
    call: {
      verb,
      object,
      ...(namespace ? { namespace } : {}),
      ...(verb === 'list' ? {} : { name }),
      request: {},
      response: verb === 'list' ? { items: [shown] } : { object: isRemoval ? null : shown },
    },
    ...(version === undefined ? {} : { version }),
    ...(verb === 'get' || verb === 'list' ? {} : { written: { removed: isRemoval } }),
    ...(timeMs === undefined ? {} : { timeMs }),
  }
}

interface List {
  readonly operation: Operation
  readonly uids: Set<string>
}

/** Another item of the list. */
function join({ operation, uids }: List, item: Operation, uid: string): void {
  uids.add(uid)
  const into = operation as { version?: string; call: { namespace?: string; response: Operation['call']['response'] } }
  if ('items' in into.call.response && 'items' in item.call.response)
    (into.call.response.items as KubernetesObject[]).push(...item.call.response.items)
  // Items of several namespaces: it was a list of all.
  if (into.call.namespace !== item.call.namespace) delete into.call.namespace
  if (compareVersions(item.version ?? '', operation.version ?? '') > 0) into.version = item.version as string
}

/** Micro- or milliseconds since 1970. */
function timeOf(timestamp: string | undefined): number | undefined {
  if (timestamp === undefined || !/^[0-9]{1,17}$/.test(timestamp)) return undefined
  const time = Number(timestamp)
  return time > 1e14 ? time / 1000 : time
}
