/**
 * What one watcher gets of a committed change. An object that starts to match a selector is ADDED, one that stops is
 * DELETED with its former body and the revision of the change.
 * Source: apiserver/pkg/storage/cacher (convertToWatchEvent).
 */
import { fieldForbidden } from '#api/field-errors.ts'
import type { KubernetesObject } from '#api/object.ts'
import type { ResourceInfo } from '#api/resource.ts'
import type { Status } from '#api/status.ts'
import { failure } from '#api/status-errors.ts'
import { inVersion, present, withRevision } from './answer.ts'
import { invalidListOptions } from './list-pages.ts'
import { type Selection, selects } from './read.ts'
import type { RequestOptions, StorageReader } from './request.ts'
import type { WatchRecord } from './watch-record.ts'

/** An event as it is sent; `object` carries the resourceVersion of the change. */
export interface WatchEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'
  readonly object: KubernetesObject
}

/** Why a watch cannot begin as its options ask for. */
export function watchOptionsFault({
  sendInitialEvents,
  resourceVersionMatch = '',
}: RequestOptions): Status | undefined {
  const field = 'resourceVersionMatch'
  if (sendInitialEvents === undefined) {
    if (resourceVersionMatch === '') return undefined
    return invalidListOptions(
      fieldForbidden(field, `${field} is forbidden for watch unless sendInitialEvents is provided`),
    )
  }
  if (resourceVersionMatch === 'NotOlderThan') return undefined
  return invalidListOptions(fieldForbidden(field, `sendInitialEvents requires setting ${field} to NotOlderThan`))
}

/** What a watch from a revision that is forgotten gets, as its only event. */
export function watchExpired(since: number, oldest: number): Status {
  return failure(410, 'Expired', `too old resource version: ${since} (${oldest})`)
}

/** Which objects a watcher asked for. */
export interface WatchScope {
  readonly resource: ResourceInfo
  /** Undefined or '': every namespace. */
  readonly namespace?: string
  readonly selection: Selection
}

/** What kind of event `record` is in this scope; undefined when it is none of this watcher's business. */
export function watchEventType(
  { resource, namespace, selection }: WatchScope,
  record: WatchRecord,
): WatchEvent['type'] | undefined {
  if (record.resource.key !== resource.key) return undefined
  if (namespace && record.object.metadata.namespace !== namespace) return undefined
  const matched = record.old !== undefined && selects(selection, record.old)
  if (record.type !== 'DELETED' && selects(selection, record.object)) return matched ? 'MODIFIED' : 'ADDED'
  return matched ? 'DELETED' : undefined
}

/** The object that an event of this type shows to those who watch `resource`. */
export function watchedObject(resource: ResourceInfo, record: WatchRecord, type: WatchEvent['type']): KubernetesObject {
  const body = type === 'DELETED' ? (record.old as KubernetesObject) : record.object
  return inVersion(resource, withRevision(body, record.revision))
}

/** The event of `record` in this scope; undefined when it is none of this watcher's business. */
export function watchEventFor(scope: WatchScope, record: WatchRecord): WatchEvent | undefined {
  const type = watchEventType(scope, record)
  return type === undefined ? undefined : { type, object: watchedObject(scope.resource, record, type) }
}

/** The ADDED events that a watch without resourceVersion begins with. */
export function initialEvents(
  reader: StorageReader,
  { resource, namespace, selection }: WatchScope,
): readonly WatchEvent[] {
  return reader
    .list(resource, namespace || undefined)
    .filter((stored) => selects(selection, stored.body))
    .map((stored) => ({ type: 'ADDED', object: present(resource, stored) }))
}
