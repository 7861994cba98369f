/** What a write did, in words and as the fields that changed. */
import type { KubernetesObject } from '#api/object.ts'
import type { WriteRecord } from '#trace/path.ts'
import { differences, type ObjectDifference } from './diff.ts'
import { shorten } from './plain-text.ts'
import { blockValue, inlineValue } from './value-text.ts'

/** A line of a diff: `+` added, `-` removed, `~` changed, ` ` a note. */
export interface DiffLine {
  readonly sign: '+' | '-' | '~' | ' '
  readonly text: string
}

/** A created object or an added field may take this many lines. */
const LINES_MAX = 14
/** And each of them this many characters. */
const TEXT_MAX = 400

/** Set by the API server, the same in every write and of no interest to a reader. */
const BOOKKEEPING = ['uid', 'resourceVersion', 'creationTimestamp', 'generation', 'managedFields', 'name', 'namespace']
const IGNORED_PATHS = ['metadata.resourceVersion', 'metadata.managedFields', 'metadata.generation']

const VERBS: Readonly<Record<WriteRecord['op'], { readonly done: string; readonly tried: string }>> = {
  create: { done: 'creates', tried: 'create' },
  update: { done: 'updates', tried: 'update' },
  patch: { done: 'patches', tried: 'patch' },
  delete: { done: 'deletes', tried: 'delete' },
  deletecollection: { done: 'deletes', tried: 'delete' },
  call: { done: 'calls', tried: 'call' },
}

/** `updates StatefulSet default/zk (status)`, with what became of it where it did not simply happen. */
export function writeTitle(write: WriteRecord): string {
  if (write.op === 'call') return callTitle(write)
  const verb = VERBS[write.op]
  const target = write.subresource === undefined ? write.object : `${write.object} (${write.subresource})`
  if (write.outcome === 'failed') return `tries to ${verb.tried} ${target}: ${failure(write)}`
  if (write.outcome === 'unchanged') return `${verb.done} ${target}: nothing changes, no event`
  const lost =
    write.answerLost === true ? `; the write stays, but its answer is lost: the caller sees ${failure(write)}` : ''
  return `${verb.done} ${target}${deletionNote(write)}${lost}`
}

/** `calls cloud.create({"size":1}) → "id-zbbbb"`. */
function callTitle({ call, object, outcome, answer, answerLost }: WriteRecord): string {
  const what = call ?? object
  if (outcome === 'failed') return `calls ${what}, which fails: ${answer ?? 'no message'}`
  if (answerLost === true) return `calls ${what}; what it did stays, but its answer is lost: the caller sees ${answer}`
  const effect = outcome === 'unchanged' ? ': nothing changes' : ''
  return `calls ${what}${answer === undefined ? '' : ` → ${answer}`}${effect}`
}

function failure(write: WriteRecord): string {
  const status = write.status
  if (status === undefined) return 'refused'
  const reason = status.reason ?? `HTTP ${status.code}`
  return status.message === undefined || status.message === '' ? reason : `${reason}: ${status.message}`
}

function deletionNote(write: WriteRecord): string {
  const left = write.after?.metadata
  if (!isDeletion(write) || left?.deletionTimestamp === undefined) {
    const isLastFinalizer = !isDeletion(write) && write.before !== undefined && write.after === undefined
    return isLastFinalizer ? ', which removes it (its last finalizer is gone)' : ''
  }
  const finalizers = left.finalizers ?? []
  const waits = finalizers.length > 0 ? `its finalizers go (${finalizers.join(', ')})` : 'its grace period ends'
  return `: marked for deletion, there until ${waits}`
}

function isDeletion(write: WriteRecord): boolean {
  return write.op === 'delete' || write.op === 'deletecollection'
}

/**
 * The fields that a committed write added, changed or removed; empty for others and for deletions, whose title
 * says it all.
 * @param width characters a line may have
 */
export function writeDiff(write: WriteRecord, width: number): readonly DiffLine[] {
  if (write.outcome !== 'committed' || write.after === undefined || isDeletion(write)) return []
  if (write.before === undefined) return creationDiff(created(write.after))
  return differences(write.before, write.after, IGNORED_PATHS).flatMap((difference) => fieldDiff(difference, width))
}

function creationDiff(fields: Readonly<Record<string, unknown>>): readonly DiffLine[] {
  if (Object.keys(fields).length === 0) return []
  return limited(blockValue(fields).map((text) => ({ sign: '+', text })))
}

/** The object without what its title says already and what the server filled in. */
function created(object: KubernetesObject): Readonly<Record<string, unknown>> {
  const metadata = Object.fromEntries(Object.entries(object.metadata).filter(([name]) => !BOOKKEEPING.includes(name)))
  const { apiVersion: _apiVersion, kind: _kind, metadata: _metadata, ...fields } = object
  const shown = Object.keys(metadata).length === 0 ? fields : { metadata, ...fields }
  return Object.keys(fields.status ?? { none: true }).length === 0 ? omit(shown, 'status') : shown
}

function omit(fields: Readonly<Record<string, unknown>>, name: string): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(fields).filter(([field]) => field !== name))
}

/** One line for a change that fits in it, a block for what was added or removed and does not fit in one. */
export function fieldDiff(difference: ObjectDifference, width: number): readonly DiffLine[] {
  const { path, left, right } = difference
  if (left !== undefined && right !== undefined) {
    const change = `${path}: ${inlineValue(left, width)} → ${inlineValue(right, width)}`
    if (change.length <= width) return [{ sign: '~', text: change }]
    return [
      { sign: '-', text: `${path}: ${inlineValue(left, width - path.length)}` },
      { sign: '+', text: `${path}: ${inlineValue(right, width - path.length)}` },
    ]
  }
  const sign = left === undefined ? '+' : '-'
  const value = left === undefined ? right : left
  const short = inlineValue(value, Number.MAX_SAFE_INTEGER)
  if (path.length + short.length + 4 <= width) return [{ sign, text: `${path}: ${short}` }]
  const block = blockValue(value)
  if (block.length === 1) return [{ sign, text: `${path}: ${inlineValue(value, width - path.length - 4)}` }]
  return limited([{ sign, text: `${path}:` }, ...block.map((text): DiffLine => ({ sign, text: `  ${text}` }))])
}

function limited(all: readonly DiffLine[]): readonly DiffLine[] {
  const lines = all.slice(0, LINES_MAX).map(({ sign, text }): DiffLine => ({ sign, text: shorten(text, TEXT_MAX) }))
  if (all.length <= LINES_MAX) return lines
  const shown = lines.slice(0, LINES_MAX - 1)
  return [...shown, { sign: ' ', text: `… and ${all.length - shown.length} more lines (see --json)` }]
}
