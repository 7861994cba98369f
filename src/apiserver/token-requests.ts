/**
 * Tokens of service accounts: `serviceaccounts/NAME/token`. A token has the form and the claims of upstream's, and a
 * signature that nobody can verify: no request is authenticated by it, only TokenReviews read it.
 * Source: kubernetes/pkg/registry/core/serviceaccount/storage/token.go, pkg/serviceaccount/claims.go.
 */
import { deepFreeze } from '#api/clone.ts'
import { type FieldError, fieldInvalid } from '#api/field-errors.ts'
import { formatTimestamp } from '#api/identity.ts'
import type { KubernetesObject } from '#api/object.ts'
import type { ResourceTable } from '#api/resource.ts'
import type { Status } from '#api/status.ts'
import { badRequest, conflict, invalid, methodNotAllowed, notFound } from '#api/status-errors.ts'
import { answer, refuse } from './answer.ts'
import { decodeText, encodeText } from './base64.ts'
import { type Fields, fieldsOf, itemsOf } from './kinds/behaviour.ts'
import type { ApiRequest, Decision, StorageReader } from './request.ts'

/** Who issues tokens, and for whom when a request does not say. */
const ISSUER = 'https://kubernetes.default.svc.cluster.local'
const EXPIRATION_SECONDS = 3600
const EXPIRATION_SECONDS_MIN = 600
const EXPIRATION_SECONDS_MAX = 2 ** 32

/** Answers a TokenRequest; nothing is stored. */
export function requestToken(table: ResourceTable, reader: StorageReader, request: ApiRequest): Decision {
  const { resource, name = '', namespace = '' } = request
  if (request.verb !== 'create') return refuse(methodNotAllowed())
  const given = fieldsOf(request.body)
  const spec = fieldsOf(given['spec'])
  const faults = specFaults(spec)
  if (faults.length > 0) return refuse(invalid({ group: 'authentication.k8s.io', kind: 'TokenRequest' }, '', faults))
  const stored = reader.get(resource, namespace, name)
  if (stored === undefined) return refuse(notFound(resource, name))
  const metadata = fieldsOf(given['metadata'])
  if (metadata['name'] && metadata['name'] !== name)
    return refuse(badRequest('the name of the object does not match the name on the URL'))
  const bound = boundObject(table, reader, { spec, namespace, account: name })
  if ('refusal' in bound) return refuse(bound.refusal)
  const seconds = (spec['expirationSeconds'] as number | undefined) ?? EXPIRATION_SECONDS
  const audiences = itemsOf(spec['audiences']).length === 0 ? [ISSUER] : itemsOf(spec['audiences'])
  const nowSeconds = Math.floor(reader.nowMs / 1000)
  const claims = {
    aud: audiences,
    exp: nowSeconds + seconds,
    iat: nowSeconds,
    iss: ISSUER,
    'kubernetes.io': {
      namespace,
      ...bound.claim,
      serviceaccount: { name, uid: stored.body.metadata.uid },
    },
    nbf: nowSeconds,
    sub: `system:serviceaccount:${namespace}:${name}`,
  }
  const body = deepFreeze({
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenRequest',
    metadata: { ...metadata, name, namespace, creationTimestamp: formatTimestamp(reader.nowMs) },
    spec: { ...spec, audiences, expirationSeconds: seconds },
    status: { token: tokenOf(claims), expirationTimestamp: formatTimestamp((nowSeconds + seconds) * 1000) },
  })
  return answer(201, body as unknown as KubernetesObject)
}

function specFaults(spec: Fields): readonly FieldError[] {
  const seconds = spec['expirationSeconds']
  if (seconds === undefined || seconds === null) return []
  if (typeof seconds !== 'number' || seconds < EXPIRATION_SECONDS_MIN)
    return [fieldInvalid('spec.expirationSeconds', seconds, 'may not specify a duration less than 10 minutes')]
  return seconds > EXPIRATION_SECONDS_MAX
    ? [fieldInvalid('spec.expirationSeconds', seconds, 'may not specify a duration larger than 2^32 seconds')]
    : []
}

interface Binding {
  readonly spec: Fields
  readonly namespace: string
  readonly account: string
}

/** The claim of the object that a token lives as long as. */
function boundObject(
  table: ResourceTable,
  reader: StorageReader,
  { spec, namespace, account }: Binding,
): { readonly claim: object } | { readonly refusal: Status } {
  const reference = fieldsOf(spec['boundObjectRef'])
  const kind = reference['kind']
  if (spec['boundObjectRef'] === undefined || spec['boundObjectRef'] === null) return { claim: {} }
  const version = String(reference['apiVersion'] ?? '')
  const isBindable = version === 'v1' && (kind === 'Pod' || kind === 'Secret' || kind === 'Node')
  const resource = isBindable ? table.byKind('v1', kind) : undefined
  if (resource === undefined)
    return { refusal: badRequest(`cannot bind token to object of type ${version}, Kind=${String(kind)}`) }
  const name = String(reference['name'] ?? '')
  const stored = reader.get(resource, resource.namespaced ? namespace : '', name)
  if (stored === undefined) return { refusal: notFound(resource, name) }
  const { body } = stored
  if (kind === 'Pod' && (body['spec']?.serviceAccountName || 'default') !== account) {
    const why = `cannot bind token for serviceaccount ${JSON.stringify(account)} to pod running with different serviceaccount name.`
    return { refusal: badRequest(why) }
  }
  const { uid } = body.metadata
  if (reference['uid'] && reference['uid'] !== uid) {
    const why = `the UID in the bound object reference (${String(reference['uid'])}) does not match the UID in record. The object might have been deleted and then recreated`
    return { refusal: conflict({ group: '', resource: String(kind) }, name, why) }
  }
  return { claim: { [String(kind).toLowerCase()]: { name, uid } } }
}

const HEADER = { alg: 'RS256', kid: 'kamera' }
const SIGNATURE = 'c2ltdWxhdGVk'

function tokenOf(claims: object): string {
  return `${urlSafe(JSON.stringify(HEADER))}.${urlSafe(JSON.stringify(claims))}.${SIGNATURE}`
}

function urlSafe(text: string): string {
  return encodeText(text).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
}

/** The user of a token that `requestToken` gave; undefined for another. Expiry and deletion are not looked at. */
export function userOfToken(token: unknown): object | undefined {
  const parts = typeof token === 'string' ? token.split('.') : []
  if (parts.length !== 3 || parts[2] !== SIGNATURE) return undefined
  try {
    const text = decodeText((parts[1] as string).replaceAll('-', '+').replaceAll('_', '/'))
    const claims = fieldsOf(JSON.parse(text))
    const { namespace, serviceaccount } = fieldsOf(claims['kubernetes.io'])
    return {
      username: claims['sub'],
      uid: fieldsOf(serviceaccount)['uid'],
      groups: ['system:serviceaccounts', `system:serviceaccounts:${String(namespace)}`, 'system:authenticated'],
    }
  } catch {
    return undefined
  }
}
