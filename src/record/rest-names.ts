/**
 * What a request to any API server is about, by its path alone: a recorder knows no kinds but those that it has seen.
 * Source: apiserver/pkg/endpoints/request/requestinfo.go.
 */
import { builtInKinds } from '#api/built-in-kinds.ts'
import type { TypeReference } from '#api/object.ts'
import type { ApiCall } from '#trace/trace-event.ts'

/** A resource path, taken apart. */
export interface RestName {
  readonly apiVersion: string
  /** In the plural, as in the path. */
  readonly resource: string
  readonly namespace?: string
  readonly name?: string
  readonly subresource?: string
}

export type RecordedVerb = ApiCall['verb'] | 'watch'

/** Undefined for paths that name no resource: discovery, health, metrics. */
export function restNameOf(path: string): RestName | undefined {
  const parts = path.split('/').filter((part) => part !== '')
  const isCore = parts[0] === 'api'
  if (!isCore && parts[0] !== 'apis') return undefined
  const apiVersion = isCore ? parts[1] : `${parts[1]}/${parts[2]}`
  const names = parts.slice(isCore ? 2 : 3).map(decoded)
  const [first, second, third, fourth, fifth] = names
  if (apiVersion === undefined || first === undefined) return undefined
  const isOfNamespace = third === undefined || (isCore && (third === 'status' || third === 'finalize'))
  if (first !== 'namespaces' || isOfNamespace) return { apiVersion, resource: first, ...named(second), ...part(third) }
  return { apiVersion, resource: third, namespace: second as string, ...named(fourth), ...part(fifth) }
}

function named(name: string | undefined) {
  return name === undefined ? {} : { name }
}

function part(subresource: string | undefined) {
  return subresource === undefined ? {} : { subresource }
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}

const COLLECTION: Readonly<Record<string, RecordedVerb>> = { GET: 'list', POST: 'create', DELETE: 'deletecollection' }
const OBJECT: Readonly<Record<string, RecordedVerb>> = {
  GET: 'get',
  POST: 'create',
  PUT: 'update',
  PATCH: 'patch',
  DELETE: 'delete',
}

/** Undefined for methods that are no verb. */
export function verbOf(method: string, { name }: RestName, query: URLSearchParams): RecordedVerb | undefined {
  const verb = (name === undefined ? COLLECTION : OBJECT)[method === 'HEAD' ? 'GET' : method]
  return verb === 'list' && /^(true|1)$/.test(query.get('watch') ?? '') ? 'watch' : verb
}

export interface KindNames {
  /** The kind of a resource; its plural where nothing has told its kind yet. */
  typeOf(name: RestName): TypeReference
  /** Remembers what a body says of its kind. */
  learn(name: RestName, body: unknown): void
  /** Remembers what a discovery document says. */
  learnDiscovery(path: string, body: unknown): void
}

/** Documents that stand for objects of any kind. */
const STANDS_FOR = /^(?:Status|Table|PartialObjectMetadata(?:List)?)$/

export function createKindNames(): KindNames {
  const kinds = new Map<string, string>()
  for (const { group, version, resource, kind } of builtInKinds)
    kinds.set(`${group === '' ? version : `${group}/${version}`} ${resource}`, kind)
  return {
    typeOf: ({ apiVersion, resource }) => ({ apiVersion, kind: kinds.get(`${apiVersion} ${resource}`) ?? resource }),
    learn({ apiVersion, resource, subresource }, body) {
      const { kind, apiVersion: version } = (body ?? {}) as { readonly kind?: unknown; readonly apiVersion?: unknown }
      if (subresource !== undefined && subresource !== 'status') return
      if (typeof kind !== 'string' || version !== apiVersion || STANDS_FOR.test(kind)) return
      const key = `${apiVersion} ${resource}`
      if (!kinds.has(key)) kinds.set(key, kind.endsWith('List') ? kind.slice(0, -4) : kind)
    },
    learnDiscovery(path, body) {
      const apiVersion = /^\/(?:api|apis)\/(.+?)\/?$/.exec(path)?.[1]
      const { resources } = (body ?? {}) as { readonly resources?: unknown }
      if (apiVersion === undefined || !Array.isArray(resources)) return
      for (const { name, kind } of resources as readonly { readonly name?: unknown; readonly kind?: unknown }[])
        if (typeof name === 'string' && typeof kind === 'string' && !name.includes('/'))
          kinds.set(`${apiVersion} ${name}`, kind)
    },
  }
}
