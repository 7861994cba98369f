/**
 * The 422 of a patch after which the object is none of its kind. Only patches are answered so: the same object in a
 * create or update is a bad request.
 * Source: apiserver/pkg/endpoints/handlers/patch.go (applyPatchToCurrentObject, applyPatchToObject).
 */
import { fieldInvalid } from '#api/field-errors.ts'
import type { Status } from '#api/status.ts'
import { invalid } from '#api/status-errors.ts'
import { undecodable } from './body.ts'
import type { ApiRequest } from './request.ts'

/** What a client is told of an object whose fields have other types than its kind's. `patched`: the whole object. */
export function decodingFailure(request: ApiRequest, patched: unknown, fault: string): Status {
  const { verb, patchType, body, resource } = request
  if (verb !== 'patch' || patchType === 'apply') return undecodable(resource, fault)
  const shown = patchType === 'strategic' ? mapText(body) : JSON.stringify(patched)
  return invalid({ group: '', kind: '' }, '', [fieldInvalid('patch', shown, fault)])
}

/** As Go prints maps: a strategic merge patch is one there. */
function mapText(value: unknown): string {
  if (value === null || value === undefined) return '<nil>'
  if (Array.isArray(value)) return `[${value.map(mapText).join(' ')}]`
  if (typeof value !== 'object') return String(value)
  const fields = value as Readonly<Record<string, unknown>>
  return `map[${Object.keys(fields)
    .sort()
    .map((name) => `${name}:${mapText(fields[name])}`)
    .join(' ')}]`
}
