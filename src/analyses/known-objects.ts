/** What a trace has shown of the objects so far: their newest versions, their contents, and how far a read is behind. */
import type { KubernetesObject } from '#api/object.ts'
import { compileLabelSelector } from '#api/selectors.ts'
import type { HeldObject, ObjectName } from '#trace/path.ts'
import type { ApiCall, TraceEvent } from '#trace/trace-event.ts'
import { answeredObjects, committedContent, compareVersions, kindOf, nameOfObject, objectName } from './trace-names.ts'

export interface KnownObjects {
  /**
   * What an object was just before a change of it, as far as the trace has shown it. A watch of a recording may tell of
   * a write before it is answered, so this need not be what is newest.
   */
  before(change: Change): KubernetesObject | undefined
  /** What it was after the change. */
  after(change: Change, call: ApiCall): KubernetesObject | undefined
  commit(change: Change, call: ApiCall): void
  delivered(event: Extract<TraceEvent, { readonly type: 'delivery' }>): void
  /** What a call was answered: of it come contents. */
  answered(call: ApiCall): void
  /** A cached read beside the newest versions; events of which nothing is known are not counted. */
  compare(
    call: ApiCall,
    answered: readonly HeldObject[],
  ): { readonly behind: number; readonly truth?: readonly HeldObject[] }
}

interface Change {
  readonly object: ObjectName
  readonly resourceVersion: string
  readonly removed: boolean
}

interface Known {
  readonly changes: (Change & { content: KubernetesObject | undefined })[]
  /** As it was before the first of them. */
  first: KubernetesObject | undefined
}

/** Changes whose contents are kept, of each object: more of them than an answer is late by. */
const CONTENTS_KEPT = 8

export function createKnownObjects(): KnownObjects {
  const kinds = new Map<string, Map<ObjectName, Known>>()
  const knownOf = (object: ObjectName): Known => {
    const kind = kindOf(object)
    const ofKind = kinds.get(kind) ?? new Map<ObjectName, Known>()
    kinds.set(kind, ofKind)
    const known = ofKind.get(object) ?? { changes: [], first: undefined }
    ofKind.set(object, known)
    return known
  }
  const change = (made: Change, content: KubernetesObject | undefined): void => {
    const known = knownOf(made.object)
    const last = known.changes.at(-1)
    const order = last === undefined ? 1 : compareVersions(made.resourceVersion, last.resourceVersion)
    // A late event of what was removed meanwhile: a new object would have a later version.
    const isLate = order === 0 && last?.removed === true && !made.removed && last.resourceVersion !== ''
    if (order < 0 || isLate || (last?.removed === true && made.removed)) return
    const isSame = last !== undefined && order === 0 && last.removed === made.removed
    if (!isSame) {
      const resourceVersion = made.resourceVersion === '' ? (last?.resourceVersion ?? '') : made.resourceVersion
      known.changes.push({ ...made, resourceVersion, content })
      const old = known.changes.at(-1 - CONTENTS_KEPT)
      if (old !== undefined) old.content = undefined
    } else if (content !== undefined) last.content = content
  }
  /** Where nothing was written yet, an answer is how the object was from the start. */
  const see = (object: ObjectName, content: KubernetesObject): void => {
    const known = knownOf(object)
    const last = known.changes.at(-1)
    const version = content.metadata.resourceVersion ?? ''
    if (last === undefined) known.first = content
    else if (!last.removed && last.resourceVersion === version) last.content = content
  }
  const newest = (object: ObjectName): KubernetesObject | undefined => {
    const known = kinds.get(kindOf(object))?.get(object)
    const last = known?.changes.at(-1)
    return last === undefined ? known?.first : last.content
  }
  const current = (object: ObjectName): HeldObject | undefined => {
    const known = kinds.get(kindOf(object))?.get(object)
    const last = known?.changes.at(-1)
    if (last === undefined || last.removed) return undefined
    const uid = last.content?.metadata.uid
    return { name: object, resourceVersion: last.resourceVersion, ...(uid === undefined ? {} : { uid }) }
  }
  /** Events after the version that was answered; of an object that was not answered, those since it was made last. */
  const unseen = (object: ObjectName, held: HeldObject | undefined): number => {
    const changes = kinds.get(kindOf(object))?.get(object)?.changes ?? []
    if (held !== undefined) {
      let seen = changes.length
      while (seen > 0 && isAfter(changes[seen - 1] as Change, held)) seen--
      return changes.length - seen
    }
    if (changes.at(-1)?.removed !== false) return 0
    return changes.length - 1 - changes.findLastIndex(({ removed }) => removed)
  }
  const isAskedFor = (object: ObjectName, { namespace, request }: ApiCall): boolean => {
    if (namespace !== undefined && !object.slice(kindOf(object).length + 1).startsWith(`${namespace}/`)) return false
    const { labelSelector, fieldSelector } = request
    if (fieldSelector !== undefined) return false
    if (labelSelector === undefined) return true
    const content = newest(object)
    return content !== undefined && isSelected(content, labelSelector)
  }

  return {
    before: (made) => {
      const known = kinds.get(kindOf(made.object))?.get(made.object)
      const last = known?.changes.findLast((each) => isBefore(each, made))
      return last === undefined ? known?.first : last.content
    },
    after: ({ object, resourceVersion, removed }, call) => {
      if (removed) return undefined
      const change = kinds
        .get(kindOf(object))
        ?.get(object)
        ?.changes.findLast((each) => !each.removed && each.resourceVersion === resourceVersion)
      return committedContent(call, object, resourceVersion) ?? change?.content
    },
    commit: (made, call) => change(made, committedContent(call, made.object, made.resourceVersion)),
    delivered: ({ object, resourceVersion, event, value, partial }) =>
      change({ object, resourceVersion, removed: event === 'DELETED' }, partial === true ? undefined : value),
    answered: (call) => {
      if (call.partial === true) return
      for (const each of answeredObjects(call)) see(nameOfObject(each, call.object), each)
    },
    compare: (call, answered) => {
      const byName = new Map(answered.map((held) => [held.name, held]))
      const candidates =
        call.verb === 'get'
          ? [objectName(call.object.kind, call.namespace, call.name ?? '')]
          : [...(kinds.get(call.object.kind)?.keys() ?? [])].filter((each) => isAskedFor(each, call))
      const names = [...new Set([...byName.keys(), ...candidates])]
      const behind = names.reduce((sum, name) => sum + unseen(name, byName.get(name)), 0)
      // Which objects a field selector would have chosen is not known.
      if (behind === 0 || call.request.fieldSelector !== undefined) return { behind }
      const truth = names.flatMap((name) => {
        const held = byName.get(name)
        const isSeen = held !== undefined && unseen(name, held) === 0
        const now = isSeen ? held : call.verb === 'get' || isAskedFor(name, call) ? current(name) : undefined
        return now === undefined ? [] : [now]
      })
      return { behind, truth }
    },
  }
}

/** A removal may have no version, or the one that the object had before. */
function isBefore(each: Change, made: Change): boolean {
  if (made.removed && each.removed) return made.resourceVersion !== '' && isOlder(each, made)
  return made.removed ? !isOlder(made, each) : isOlder(each, made)
}

function isOlder(left: Change, right: Change): boolean {
  return compareVersions(left.resourceVersion, right.resourceVersion) < 0
}

/** A removal may have the version that the object had before. */
function isAfter({ resourceVersion, removed }: Change, held: HeldObject): boolean {
  const order = compareVersions(resourceVersion, held.resourceVersion)
  return order > 0 || (order === 0 && removed)
}

/** A recording may have a selector that nobody understands. */
function isSelected(content: KubernetesObject, selector: string): boolean {
  try {
    return compileLabelSelector(selector)(content)
  } catch {
    return false
  }
}
