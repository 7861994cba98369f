/**
 * What importers have in common: operations of a foreign log, put in order and written as the events of a trace. Order
 * is by resourceVersion, which the API server gives, and by who did what after what; never by time, since lines are
 * written after calls return, in any order.
 */

import { compareVersions, objectName } from '#analyses/trace-names.ts'
import type { KubernetesObject } from '#api/object.ts'
import type { Cause } from '#trace/path.ts'
import type { ApiCall, TraceEvent } from '#trace/trace-event.ts'

/** A call of the foreign log. */
export interface Operation {
  /** In the foreign file, from 1. */
  readonly line: number
  readonly process: string
  /** Id of its reconcile, where the log has one. */
  readonly reconcile?: string
  readonly call: Omit<ApiCall, 'type' | 'by' | 'process' | 'cached' | 'committed'>
  /** The version that it read or made, a decimal text. Absent: none is known. */
  readonly version?: string
  /** What it wrote, if it did. */
  readonly written?: { readonly removed: boolean }
  readonly timeMs?: number
}

/** An event without its step. */
type Unplaced = TraceEvent extends infer Event ? (Event extends TraceEvent ? Omit<Event, 'step'> : never) : never

interface Placed {
  readonly operation: Operation
  readonly version: string
  /** Reads come after the write that they may show. */
  readonly phase: 0 | 1
}

/** Operations of a reconcile stay in their order; so do the reads of a process. Others are ordered by version. */
export function inOrder(operations: readonly Operation[]): readonly Operation[] {
  const newest = new Map<string, { version: string; phase: 0 | 1 }>()
  const placed: Placed[] = operations.map((operation) => {
    const { version = '', written, reconcile, process } = operation
    const chain = JSON.stringify([process, reconcile])
    const before = newest.get(chain) ?? { version: '', phase: 0 }
    // Workers of one process log their writes in any order.
    const isOwn = reconcile === undefined && written !== undefined && version !== ''
    const isNewer = isOwn || before.version === '' || compareVersions(version, before.version) > 0
    const own = { version: isNewer ? version : before.version, phase: written === undefined ? 1 : 0 } as const
    const phase = !isNewer && before.phase === 1 ? 1 : own.phase
    if (!isOwn || compareVersions(version, before.version) >= 0) newest.set(chain, { version: own.version, phase })
    return { operation, version: own.version, phase }
  })
  return placed
    .sort((left, right) => byVersion(left.version, right.version) || left.phase - right.phase)
    .map(({ operation }) => operation)
}

/** What has no version comes first: sorting needs a total order. */
function byVersion(left: string, right: string): number {
  return left === '' || right === '' ? left.length - right.length : compareVersions(left, right)
}

/** @param operations in order */
export function eventsOf(operations: readonly Operation[], emit: (event: TraceEvent) => void): void {
  const { requests, last } = reconcilesOf(operations)
  const begun = new Set<string>()
  const writes = createWrites()
  let step = 0
  const place = (event: Unplaced, timeMs: number | undefined): void => {
    emit({ step, ...(timeMs === undefined ? {} : { timeMs }), ...event } as TraceEvent)
    step += 1
  }
  for (const operation of operations) {
    const { reconcile, process, call, timeMs } = operation
    if (reconcile !== undefined && !begun.has(reconcile)) {
      begun.add(reconcile)
      const { kind, ...request } = requests.get(reconcile) ?? requestOf(operation)
      const causes = writes.causesOf(operation, objectName(kind, request.namespace, request.name))
      const begin = { type: 'reconcile-begin', reconcile, process, controller: process, request, causes } as const
      place({ ...begin, inferred: true }, timeMs)
    }
    const committed = writes.committedBy(operation, step)
    place({ type: 'call', by: reconcile ?? process, process, cached: false, ...call, ...committed }, timeMs)
    if (reconcile !== undefined && last.get(reconcile) === operation)
      place({ type: 'reconcile-end', reconcile, result: { type: 'done' }, inferred: true }, timeMs)
  }
  place({ type: 'end', steps: step }, undefined)
}

/** What each reconcile is about: the first object that it read by name, else the first object of its first call. */
function reconcilesOf(operations: readonly Operation[]) {
  const requests = new Map<string, ReturnType<typeof requestOf>>()
  const last = new Map<string, Operation>()
  const named = new Set<string>()
  for (const operation of operations) {
    const { reconcile, call } = operation
    if (reconcile === undefined) continue
    last.set(reconcile, operation)
    const isNamed = call.verb === 'get' && !named.has(reconcile)
    if (isNamed) named.add(reconcile)
    if (isNamed || !requests.has(reconcile)) requests.set(reconcile, requestOf(operation))
  }
  return { requests, last }
}

/** Which step made which version. */
function createWrites() {
  const known = new Map<string, string>()
  const made = new Map<string, { readonly step: number; readonly event: 'ADDED' | 'MODIFIED' }>()
  return {
    /** The write of the version that a reconcile first reads of the object that it is about. */
    causesOf(first: Operation, object: string): readonly Cause[] {
      const write = made.get(`${object} ${versionRead(first, object)}`)
      return write === undefined ? [] : [{ type: 'event', object, ...write }]
    },
    /** Nothing where it cannot be told; an empty list where the answer has the version from before. */
    committedBy({ call, written, version = '' }: Operation, step: number): Pick<ApiCall, 'committed'> {
      const object = objectName(call.object.kind, call.namespace, call.name ?? '')
      const isChange = version === '' || written?.removed === true || known.get(object) !== version
      if (call.verb !== 'list' && version !== '') known.set(object, version)
      const isTold = written !== undefined && (version !== '' || written.removed)
      if (!isTold || call.name === undefined) return {}
      if (!isChange) return { committed: [] }
      if (version !== '')
        made.set(`${object} ${version}`, { step, event: call.verb === 'create' ? 'ADDED' : 'MODIFIED' })
      return { committed: [{ object, resourceVersion: version, removed: written.removed }] }
    },
  }
}

function requestOf({ call }: Operation) {
  const first = 'items' in call.response ? call.response.items[0] : undefined
  const namespace = first?.metadata.namespace ?? call.namespace
  const name = first?.metadata.name ?? call.name ?? ''
  return { kind: call.object.kind, ...(namespace ? { namespace } : {}), name }
}

/** The version of the object in the first answer of its reconcile. */
function versionRead({ call, version = '' }: Operation, object: string): string {
  if (!('items' in call.response)) return version
  const isIt = ({ metadata }: KubernetesObject) =>
    objectName(call.object.kind, metadata.namespace, metadata.name ?? '') === object
  return call.response.items.find(isIt)?.metadata.resourceVersion ?? ''
}
