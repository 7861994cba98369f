/**
 * Requests to subresources: status and scale of any kind that has them, and those of single kinds.
 */
import type { ResourceTable } from '#api/resource.ts'
import { methodNotAllowed, pathNotFound } from '#api/status-errors.ts'
import { refuse } from './answer.ts'
import { patch } from './patch.ts'
import { bind, evict, readLog } from './pod-subresources.ts'
import { get } from './read.ts'
import type { ApiRequest, Decision, StorageReader } from './request.ts'
import { decideScale } from './scale.ts'
import { requestToken } from './token-requests.ts'
import { update } from './update.ts'

export function decideSubresource(table: ResourceTable, reader: StorageReader, request: ApiRequest): Decision {
  const { resource, subresource } = request
  if (subresource === 'status' && resource.statusSubresource) return decideStatus(table, reader, request)
  if (subresource === 'scale' && resource.scale !== undefined) return decideScale(reader, request, resource.scale)
  if (resource.key === '/pods' && subresource === 'binding') return bind(reader, request)
  if (resource.key === '/pods' && subresource === 'eviction') return evict(table, reader, request)
  if (resource.key === '/pods' && subresource === 'log') return readLog(reader, request)
  if (resource.key === '/serviceaccounts' && subresource === 'token') return requestToken(table, reader, request)
  if (subresource === 'finalize' && resource.subresources?.includes('finalize')) {
    return request.verb === 'update' ? update(reader, request) : refuse(methodNotAllowed())
  }
  return refuse(pathNotFound())
}

function decideStatus(table: ResourceTable, reader: StorageReader, request: ApiRequest): Decision {
  switch (request.verb) {
    case 'get':
      return get(reader, request)
    case 'update':
      return update(reader, request)
    case 'patch':
      return patch(table, reader, request)
    default:
      return refuse(methodNotAllowed())
  }
}
