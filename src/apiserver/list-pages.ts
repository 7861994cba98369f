/**
 * Pages of a list, and lists of the past.
 * Source: apiserver/pkg/storage/{continue.go,etcd3/store.go}, apimachinery/pkg/apis/meta/internalversion/validation.
 */
import { type FieldError, fieldForbidden, fieldNotSupported } from '#api/field-errors.ts'
import { parseResourceVersion } from '#api/identity.ts'
import type { Status } from '#api/status.ts'
import { badRequest, failure, invalid } from '#api/status-errors.ts'
import type { RequestOptions, StorageReader } from './request.ts'

/** Where a list reads: the storage at some revision, from a key on, and at most so many objects. */
export interface ListPlace {
  readonly reader: StorageReader
  /** Objects up to this `namespace/name` are on earlier pages. */
  readonly after: string | undefined
  /** 0 for all. */
  readonly limit: number
}

/** The 422 of a list or watch whose options contradict each other. */
export function invalidListOptions(error: FieldError): Status {
  return invalid({ group: 'meta.k8s.io', kind: 'ListOptions' }, '', [error])
}

/** Where the list of these options reads, or why it cannot. */
export function listPlace(
  reader: StorageReader,
  options: RequestOptions | undefined,
): ListPlace | { readonly failure: Status } {
  const contradiction = optionsFault(options)
  if (contradiction !== undefined) return { failure: contradiction }
  const { limit = 0, resourceVersion = '', resourceVersionMatch = '' } = options ?? {}
  if (options?.continue) return continued(reader, options.continue, limit)
  if (resourceVersion === '') return { reader, after: undefined, limit }
  const fault = versionFault(reader, resourceVersion)
  if (fault !== undefined) return { failure: fault }
  const revision = parseResourceVersion(resourceVersion) as number
  // A page of an unnamed match is of exactly that version; upstream's cache answers version 0 in one page.
  const isExact = resourceVersionMatch === 'Exact' || (resourceVersionMatch === '' && limit > 0 && revision > 0)
  if (!isExact) return { reader, after: undefined, limit: revision === 0 ? 0 : limit }
  const former = readerAt(reader, revision)
  if (former !== undefined) return { reader: former, after: undefined, limit }
  return { failure: failure(410, 'Expired', 'The resourceVersion for the provided list is too old.') }
}

function optionsFault(options: RequestOptions | undefined): Status | undefined {
  const { resourceVersion = '', resourceVersionMatch: match = '' } = options ?? {}
  const field = 'resourceVersionMatch'
  if (match !== '') {
    if (options?.continue)
      return invalidListOptions(fieldForbidden(field, `${field} is forbidden when continue is provided`))
    if (resourceVersion === '')
      return invalidListOptions(fieldForbidden(field, `${field} is forbidden unless resourceVersion is provided`))
    if (match !== 'Exact' && match !== 'NotOlderThan')
      return invalidListOptions(fieldNotSupported(field, match, ['Exact', 'NotOlderThan']))
    if (match === 'Exact' && resourceVersion === '0')
      return invalidListOptions(fieldForbidden(field, `${field} "exact" is forbidden for resourceVersion "0"`))
  }
  if (options?.sendInitialEvents !== undefined)
    return invalidListOptions(fieldForbidden('sendInitialEvents', 'sendInitialEvents is forbidden for list'))
  if (options?.continue && resourceVersion !== '' && resourceVersion !== '0')
    return badRequest('specifying resource version is not allowed when using continue')
  return undefined
}

/** Why nothing can be read that is not older than this version; undefined when it can. */
export function versionFault(reader: StorageReader, resourceVersion: string): Status | undefined {
  const revision = parseResourceVersion(resourceVersion)
  if (revision === undefined) return unreadableVersion(resourceVersion)
  return revision > reader.revision ? resourceVersionTooLarge(revision, reader.revision) : undefined
}

function unreadableVersion(resourceVersion: string): Status {
  const text = JSON.stringify(resourceVersion)
  return badRequest(
    `invalid resource version: resourceVersion: Invalid value: ${text}: strconv.ParseUint: parsing ${text}: invalid syntax`,
  )
}

/** The 504 of a read from a revision that is not there yet. */
export function resourceVersionTooLarge(revision: number, current: number): Status {
  return failure(504, 'Timeout', `Timeout: Too large resource version: ${revision}, current: ${current}`, {
    causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
    retryAfterSeconds: 1,
  })
}

/** Storage that keeps no past shows the newest state at every revision. */
function readerAt(reader: StorageReader, revision: number): StorageReader | undefined {
  if (revision === reader.revision || reader.at === undefined) return reader
  return reader.at(revision)
}

function continued(reader: StorageReader, token: string, limit: number): ListPlace | { readonly failure: Status } {
  const position = decodeContinue(token)
  if (position === undefined) return { failure: badRequest('continue key is not valid: malformed token') }
  const { revision, after } = position
  if (revision === undefined) return { reader, after, limit }
  const former = revision > reader.revision ? undefined : readerAt(reader, revision)
  if (former !== undefined) return { reader: former, after, limit }
  const expired = failure(410, 'Expired', CONTINUE_EXPIRED)
  return { failure: { ...expired, metadata: Object.freeze({ continue: encodeContinue(undefined, after) }) } }
}

const CONTINUE_EXPIRED =
  'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.'

/** Without a revision the list goes on at the newest state. */
export function encodeContinue(revision: number | undefined, after: string): string {
  return btoa(JSON.stringify({ v: 'meta.k8s.io/v1', rv: revision ?? -1, start: after }))
}

function decodeContinue(token: string): { readonly revision: number | undefined; readonly after: string } | undefined {
  try {
    const { v, rv, start } = JSON.parse(atob(token)) as Readonly<Record<string, unknown>>
    if (v !== 'meta.k8s.io/v1' || typeof start !== 'string' || start === '') return undefined
    if (!Number.isSafeInteger(rv) || rv === 0) return undefined
    return { revision: (rv as number) < 0 ? undefined : (rv as number), after: start }
  } catch {
    return undefined
  }
}
