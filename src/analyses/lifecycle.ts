/** What became of one object: every change of it, by whom, in which reconcile, and which fields it changed. */
import type { KubernetesObject } from '#api/object.ts'
import { differences, type ObjectDifference } from '#inspect/diff.ts'
import type { ObjectName } from '#trace/path.ts'
import type { ApiCall, TraceEvent } from '#trace/trace-event.ts'
import { answeredObjects, committedContent, compareVersions, nameOfObject } from './trace-names.ts'
import type { LinePlace, TraceAnalysis } from './trace-reader.ts'

export interface LifecycleChange {
  /** Of the line that tells it. */
  readonly line: number
  readonly step: number
  /** `seen`: there before the trace, or changed by somebody who is not in it; this line is the first to show it. */
  readonly change: 'created' | 'changed' | 'removed' | 'seen'
  readonly resourceVersion: string
  /** A controller, `user`, or a process of a recording. Absent: nobody in the trace. */
  readonly by?: string
  readonly reconcile?: string
  readonly verb?: string
  readonly subresource?: string
  /** Fields, as far as both contents are in the trace. Absent: one of them is not. */
  readonly differences?: readonly ObjectDifference[]
  /** The object after it, where the trace shows it. */
  readonly content?: KubernetesObject
}

/** An attempt that changed nothing. */
export interface LifecycleAttempt {
  readonly line: number
  readonly step: number
  readonly by: string
  readonly reconcile?: string
  readonly verb: string
  readonly subresource?: string
  /** The reason of the error, or `unchanged`. */
  readonly outcome: string
}

export interface Lifecycle {
  readonly object: ObjectName
  /** In the order of their versions. */
  readonly changes: readonly LifecycleChange[]
  readonly attempts: readonly LifecycleAttempt[]
}

export interface LifecycleAnalysis extends TraceAnalysis {
  /** Undefined where the trace does not know the object. */
  result(): Lifecycle | undefined
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

export function createLifecycle(object: ObjectName): LifecycleAnalysis {
  const changes: Mutable<LifecycleChange>[] = []
  const byVersion = new Map<string, Mutable<LifecycleChange>>()
  const attempts: LifecycleAttempt[] = []
  const contents = new Map<string, KubernetesObject>()
  const controllers = new Map<string, string>()
  /** Of what events said is gone: which object of that name it was. */
  const uids = new Map<LifecycleChange, string>()

  const add = (change: Mutable<LifecycleChange>): void => {
    changes.push(change)
    if (change.resourceVersion !== '') byVersion.set(change.resourceVersion, change)
  }
  const authorOf = (call: ApiCall) => {
    const controller = controllers.get(call.by)
    return controller === undefined ? { by: call.by } : { by: controller, reconcile: call.by }
  }
  const see = (content: KubernetesObject, { step }: TraceEvent, { line }: LinePlace): void => {
    const version = content.metadata.resourceVersion ?? ''
    if (version === '' || contents.has(version)) return
    contents.set(version, content)
    if (!byVersion.has(version)) add({ line, step, change: 'seen', resourceVersion: version })
  }
  const commit = (call: ApiCall, { step }: TraceEvent, { line }: LinePlace): void => {
    for (const { object: name, resourceVersion, removed } of call.committed ?? []) {
      if (name !== object) continue
      const content = removed ? undefined : committedContent(call, object, resourceVersion)
      if (content !== undefined) contents.set(resourceVersion, content)
      const { verb, subresource } = call
      const of = subresource === undefined ? {} : { subresource }
      const written = { ...authorOf(call), verb, ...of }
      // A watch of a recording may be faster than the answer to the write, which need not have a removal's version.
      const last = changes.at(-1)
      const seen = resourceVersion === '' && last?.change === 'removed' ? last : byVersion.get(resourceVersion)
      if (seen !== undefined && seen.by === undefined) {
        Object.assign(seen, written, { change: changeOf(call, removed) })
        continue
      }
      const change = changeOf(call, removed)
      add({ line, step, change, resourceVersion, ...written })
    }
  }
  const deliver = (event: Extract<TraceEvent, { readonly type: 'delivery' }>, place: LinePlace): void => {
    const { resourceVersion, step, value } = event
    if (event.event === 'DELETED') {
      const last = changes.at(-1)
      if (byVersion.has(resourceVersion)) return
      if (last?.change === 'removed' && last.resourceVersion === '') {
        last.resourceVersion = resourceVersion
        byVersion.set(resourceVersion, last)
        return
      }
      const change: Mutable<LifecycleChange> = { line: place.line, step, change: 'removed', resourceVersion }
      if (value?.metadata.uid !== undefined) uids.set(change, value.metadata.uid)
      return add(change)
    }
    if (value !== undefined) see(value, event, place)
    else if (!byVersion.has(resourceVersion)) add({ line: place.line, step, change: 'seen', resourceVersion })
  }
  /** To a watch with a selector an object that is not selected any more is DELETED, too: it goes on. */
  const isGone = (change: LifecycleChange): boolean => {
    const uid = uids.get(change)
    const { by, resourceVersion } = change
    if (by !== undefined || uid === undefined) return true
    return ![...contents].some(
      ([version, { metadata }]) => metadata.uid === uid && compareVersions(version, resourceVersion) >= 0,
    )
  }
  return {
    take(event, place) {
      switch (event.type) {
        case 'reconcile-begin':
          controllers.set(event.reconcile, event.controller)
          return
        case 'reconcile-end':
          controllers.delete(event.reconcile)
          return
        case 'call':
          commit(event, event, place)
          if (isOf(event, object) && outcomeOf(event) !== undefined)
            attempts.push(attemptOf(event, place.line, authorOf(event)))
          if (event.partial === true) return
          if ('items' in event.response && event.object.kind !== object.slice(0, object.indexOf(' '))) return
          for (const content of answeredObjects(event))
            if (nameOfObject(content, event.object) === object) see(content, event, place)
          return
        case 'delivery':
          if (event.object === object) deliver(event, place)
          return
        default:
      }
    },
    result() {
      if (changes.length === 0 && attempts.length === 0) return undefined
      const told = changes.map((each) =>
        each.change !== 'removed' || isGone(each) ? each : { ...each, change: 'seen' as const },
      )
      return { object, changes: withDifferences(told, contents), attempts }
    },
  }
}

function changeOf({ verb, subresource }: ApiCall, removed: boolean): LifecycleChange['change'] {
  if (removed) return 'removed'
  return verb === 'create' && subresource === undefined ? 'created' : 'changed'
}

type CallEvent = Extract<TraceEvent, { readonly type: 'call' }>

/** Why a write changed nothing; undefined of reads, of writes that changed something, and where it cannot be told. */
function outcomeOf({ verb, response, committed }: ApiCall): string | undefined {
  if (verb === 'get' || verb === 'list' || verb === 'deletecollection') return undefined
  if (committed !== undefined && committed.length > 0) return undefined
  if ('status' in response) return response.status.reason ?? String(response.status.code)
  return committed === undefined ? undefined : 'unchanged'
}

function attemptOf(
  call: CallEvent,
  line: number,
  author: { readonly by: string; readonly reconcile?: string },
): LifecycleAttempt {
  const { step, verb, subresource } = call
  const of = subresource === undefined ? {} : { subresource }
  return { line, step, ...author, verb, ...of, outcome: outcomeOf(call) ?? '' }
}

/** Whether a write names the object. A create's name may be generated: then what it was answered has it. */
function isOf(call: ApiCall, object: ObjectName): boolean {
  const [kind = '', key = ''] = object.split(' ')
  const { namespace, name } = call
  return call.object.kind === kind && name !== undefined && key === (namespace ? `${namespace}/${name}` : name)
}

function withDifferences(
  changes: readonly LifecycleChange[],
  contents: ReadonlyMap<string, KubernetesObject>,
): readonly LifecycleChange[] {
  // A removal whose version is unknown stays where it was told.
  let version = ''
  const ordered = changes
    .map((change) => {
      version = change.resourceVersion === '' ? version : change.resourceVersion
      return { change, version }
    })
    .sort((left, right) => compareVersions(left.version, right.version) || left.change.line - right.change.line)
    .map(({ change }) => change)
  return ordered.map((change, index) => {
    const content = contents.get(change.resourceVersion)
    const before = ordered[index - 1]
    const shown = content === undefined ? {} : { content }
    if (before === undefined || before.change === 'removed' || change.change === 'removed')
      return { ...change, ...shown }
    const left = contents.get(before.resourceVersion)
    if (left === undefined || content === undefined) return { ...change, ...shown }
    return { ...change, ...shown, differences: differences(left, content) }
  })
}
