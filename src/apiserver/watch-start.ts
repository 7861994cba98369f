/**
 * How a watch begins: with which objects, from which revision, or why it cannot.
 * Source: apiserver/pkg/storage/cacher (Watch), apimachinery's ListOptions for watch lists.
 */
import { formatResourceVersion, parseResourceVersion } from '#api/identity.ts'
import { apiVersionOf } from '#api/resource.ts'
import type { Status } from '#api/status.ts'
import { badRequest } from '#api/status-errors.ts'
import { resourceVersionTooLarge } from './list-pages.ts'
import { parseSelection } from './read.ts'
import type { ApiRequest, StorageReader } from './request.ts'
import { initialEvents, type WatchEvent, type WatchScope, watchExpired, watchOptionsFault } from './watch.ts'

export interface WatchStart {
  readonly scope: WatchScope
  /** ADDED events of the objects that are there. */
  readonly initial: readonly WatchEvent[]
  /** A bookmark ends the initial objects. */
  readonly endsWithBookmark: boolean
  /** Events of later revisions follow. */
  readonly revision: number
}

/** `oldest` is the oldest revision whose later events are remembered. An `expired` watch is answered, with one ERROR event. */
export function startWatch(
  reader: StorageReader,
  request: ApiRequest,
  oldest: number,
): WatchStart | { readonly failure: Status } | { readonly expired: Status } {
  const { resource, namespace, options = {} } = request
  const fault = watchOptionsFault(options)
  if (fault !== undefined) return { failure: fault }
  const selection = parseSelection(resource, options)
  if ('failure' in selection) return { failure: selection.failure }
  const scope: WatchScope = { resource, selection, ...(namespace === undefined ? {} : { namespace }) }
  const { resourceVersion: since = '', sendInitialEvents } = options
  const revision = since === '' ? 0 : parseResourceVersion(since)
  if (revision === undefined)
    return { failure: badRequest(`Invalid value: ${JSON.stringify(since)}: invalid resource version`) }
  if (sendInitialEvents === true && revision > reader.revision)
    return { failure: resourceVersionTooLarge(revision, reader.revision) }
  if (sendInitialEvents === true || (revision === 0 && sendInitialEvents !== false)) {
    const initial = initialEvents(reader, scope)
    return { scope, initial, endsWithBookmark: sendInitialEvents === true, revision: reader.revision }
  }
  if (revision === 0) return { scope, initial: [], endsWithBookmark: false, revision: reader.revision }
  if (revision < oldest) return { expired: watchExpired(revision, oldest) }
  return { scope, initial: [], endsWithBookmark: false, revision }
}

/** A BOOKMARK: the watcher has seen everything up to a revision. */
export function bookmark({ resource }: WatchScope, revision: number, endsInitialEvents: boolean): object {
  return {
    type: 'BOOKMARK',
    object: {
      kind: resource.kind,
      apiVersion: apiVersionOf(resource),
      metadata: {
        resourceVersion: formatResourceVersion(revision),
        creationTimestamp: null,
        ...(endsInitialEvents ? { annotations: { 'k8s.io/initial-events-end': 'true' } } : {}),
      },
    },
  }
}
