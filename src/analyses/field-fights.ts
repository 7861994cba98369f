/**
 * Fields that two writers take from each other: one changes a field, another puts back what was there before. One
 * return may be chance; from two on it is told.
 */
import type { KubernetesObject } from '#api/object.ts'
import { differences } from '#inspect/diff.ts'
import type { ObjectName } from '#trace/path.ts'
import type { ApiCall } from '#trace/trace-event.ts'
import { committedContent } from './trace-names.ts'

export interface FieldFight {
  readonly object: ObjectName
  readonly field: string
  readonly between: readonly [string, string]
  /** How often one of them put back what it had there before the other's write. */
  readonly returns: number
  /** Lines of the first and the last return. */
  readonly lines: readonly [first: number, last: number]
}

const RETURNS_MIN = 2
const SHOWN = 20
/** The contents of at least so many objects are known, the ones last written; of at most twice as many. */
const OBJECTS_KNOWN = 20_000
/** They change by themselves. */
const IGNORED = ['metadata.resourceVersion', 'metadata.managedFields', 'metadata.generation']

interface Known {
  readonly content: KubernetesObject
  /** Who wrote it, as long as only one has. */
  readonly author: string
  /** By field, since a second writer came: who set it last, and what was there before. */
  readonly fields?: Map<string, { readonly author: string; readonly before: string }>
}

interface Written {
  readonly content: KubernetesObject
  readonly author: string
  readonly line: number
}

export function createFightSearch() {
  // Two halves, since to drop the oldest entry of one map again and again searches what was deleted from it.
  let older = new Map<ObjectName, Known>()
  let newer = new Map<ObjectName, Known>()
  const fights = new Map<string, FieldFight>()

  const compare = (object: ObjectName, last: Known, { content, author, line }: Written): Known => {
    if (last.fields === undefined && last.author === author) return { content, author }
    const fields = last.fields ?? new Map()
    for (const { path, left, right } of differences(last.content, content, IGNORED)) {
      const field = fields.get(path) ?? { author: last.author, before: undefined }
      if (field.author !== author && field.before === text(right)) count(object, path, [field.author, author], line)
      fields.set(path, { author, before: text(left) })
    }
    return { content, author: last.author, fields }
  }
  const count = (object: ObjectName, field: string, between: [string, string], line: number): void => {
    between.sort()
    const key = `${object}\n${field}\n${between.join('\n')}`
    const fight = fights.get(key)
    const lines: [number, number] = [fight?.lines[0] ?? line, line]
    fights.set(key, { object, field, between, returns: (fight?.returns ?? 0) + 1, lines })
  }
  return {
    write(call: ApiCall, author: string, line: number): void {
      for (const { object, resourceVersion, removed } of call.committed ?? []) {
        if (removed) {
          newer.delete(object)
          older.delete(object)
          continue
        }
        const content = committedContent(call, object, resourceVersion)
        if (content === undefined) continue
        const last = newer.get(object) ?? older.get(object)
        newer.set(object, last === undefined ? { content, author } : compare(object, last, { content, author, line }))
        if (newer.size < OBJECTS_KNOWN) continue
        older = newer
        newer = new Map()
      }
    },
    result(): readonly FieldFight[] {
      return [...fights.values()]
        .filter(({ returns }) => returns >= RETURNS_MIN)
        .sort((left, right) => right.returns - left.returns)
        .slice(0, SHOWN)
    },
  }
}

function text(value: unknown): string {
  return JSON.stringify(value) ?? ''
}
