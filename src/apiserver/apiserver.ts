/**
 * The pure API server. `decide` says what a request does to what is stored; `handle` does it to an `ApiState`.
 * One file a verb: create, read, update, patch, delete; single kinds' own rules are in kinds.ts.
 */
import type { ResourceTable } from '#api/resource.ts'
import { methodNotAllowed, pathNotFound } from '#api/status-errors.ts'
import { withQuotasCounted } from './admission/quota-status.ts'
import { refuse, withWarnings } from './answer.ts'
import { create } from './create.ts'
import { finishDefinitions, tableOfState } from './custom-resource-definitions.ts'
import { settleNames, withNamesSettled } from './definition-names.ts'
import { remove, removeCollection } from './delete.ts'
import { type StateHistory, withHistory } from './history.ts'
import { patch } from './patch.ts'
import { get, list } from './read.ts'
import type { ApiRequest, ApiResponse, Decision, StorageReader } from './request.ts'
import { type ApiState, applyChanges } from './state.ts'
import { decideSubresource } from './subresources.ts'
import { update } from './update.ts'
import { type WatchRecord, watchRecordOf } from './watch-record.ts'
import { writeOptionsFault } from './write-options.ts'

export { withResourceVersion } from './answer.ts'

/** What a request answers and changes. Pure: no clock, no chance; the body of a write must be frozen JSON. */
export function decide(table: ResourceTable, reader: StorageReader, request: ApiRequest): Decision {
  const decided = decideVerb(table, reader, request)
  const decision = decided.changes.length === 0 ? decided : withConsequences(table, reader, decided)
  const { deprecationWarning } = request.resource
  if (deprecationWarning === undefined) return decision
  return withWarnings(decision, [deprecationWarning])
}

/** What the API server's own controllers do after a change is part of it here. */
function withConsequences(table: ResourceTable, reader: StorageReader, decided: Decision): Decision {
  const named = withNamesSettled(reader, decided)
  return reader.admission?.enforcesQuotas === true ? withQuotasCounted(table, reader, named) : named
}

function decideVerb(table: ResourceTable, reader: StorageReader, request: ApiRequest): Decision {
  const fault = writeOptionsFault(request)
  if (fault !== undefined) return refuse(fault)
  if (request.subresource !== undefined && request.subresource !== '') {
    return decideSubresource(table, reader, request)
  }
  switch (request.verb) {
    case 'get':
      return get(reader, request)
    case 'list':
      return list(reader, request)
    case 'create':
      return create(table, reader, request)
    case 'update':
      return update(reader, request)
    case 'patch':
      return patch(table, reader, request)
    case 'delete':
      return remove(reader, request)
    case 'deletecollection':
      return removeCollection(reader, request)
    default:
      return refuse(request.verb === undefined ? pathNotFound() : methodNotAllowed())
  }
}

export interface Handled {
  readonly state: ApiState
  readonly response: ApiResponse
  readonly watchEvents: readonly WatchRecord[]
}

/**
 * Serves one request. Kinds that CRDs in the state define are served beside those of `table`. Lists of the past and
 * consistent pages need a `history`; without one they show the newest state.
 */
export function handle(table: ResourceTable, state: ApiState, request: ApiRequest, history?: StateHistory): Handled {
  const served = tableOfState(table, state)
  const reader = history !== undefined && request.verb === 'list' ? withHistory(state, history) : state
  const { response, changes } = decide(served, reader, request)
  const next = applyChanges(state, changes)
  const cleanup = settleNames(next, finishDefinitions(served, next, changes))
  const watchEvents = [...changes, ...cleanup].map(watchRecordOf)
  return { state: applyChanges(next, cleanup), response, watchEvents }
}
