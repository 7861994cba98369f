/**
 * A committed change as watchers may see it; `watchEventFor` (watch.ts) makes what one watcher gets of it.
 */
import type { KubernetesObject } from '#api/object.ts'
import type { ResourceInfo } from '#api/resource.ts'
import type { Change } from './request.ts'

export interface WatchRecord {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'
  readonly resource: ResourceInfo
  /** The new body; for DELETED the last one. Without resourceVersion: that is `revision`. */
  readonly object: KubernetesObject
  /** The body before; absent for ADDED. */
  readonly old?: KubernetesObject
  readonly revision: number
}

/** What watchers learn of a change. */
export function watchRecordOf(change: Change): WatchRecord {
  const { resource, before, after, revision } = change
  if (after === undefined) {
    const object = (before as NonNullable<typeof before>).body
    return { type: 'DELETED', resource, object, old: object, revision }
  }
  if (before === undefined) return { type: 'ADDED', resource, object: after.body, revision }
  return { type: 'MODIFIED', resource, object: after.body, old: before.body, revision }
}
