/** A recorded call as a request to the API server, and what it meets: the storage as the recording shows it. */
import { frozenCopy } from '#api/clone.ts'
import type { KubernetesObject } from '#api/object.ts'
import type { ResourceInfo, ResourceTable } from '#api/resource.ts'
import { decide } from '#apiserver/apiserver.ts'
import type {
  ApiRequest,
  Decision,
  PatchType,
  RequestOptions,
  StorageReader,
  StoredObject,
} from '#apiserver/request.ts'
import type { ApiCall } from '#trace/trace-event.ts'
import { type ObjectPlace, placeKey, type RecordedVersion, type RecordedVersions } from './recorded-versions.ts'

export type CallAt = ApiCall & { readonly step: number; readonly timeMs?: number }

/** What a call met. */
export interface Met {
  readonly place: ObjectPlace
  /** Its object; undefined: nothing. */
  readonly base: RecordedVersion | undefined
  /** All else is as it was before this version. */
  readonly version: number
}

/** What the API server makes of the call today. */
export function decideAgain(resources: ResourceTable, versions: RecordedVersions, call: CallAt, met: Met): Decision {
  return decide(resources, readerOf(versions, call, met), requestOf(call, met.place))
}

function requestOf(call: CallAt, { resource, namespace, name }: ObjectPlace): ApiRequest {
  const { verb, subresource, request } = call
  let { body } = request
  if (verb === 'create') {
    // A generated name is the server's choice.
    const object = body as unknown as KubernetesObject
    body = { ...object, metadata: { ...object.metadata, name } } as unknown as typeof body
  }
  return {
    verb,
    resource,
    ...(resource.namespaced ? { namespace } : {}),
    ...(verb === 'create' ? {} : { name }),
    ...(subresource === undefined ? {} : { subresource }),
    ...(body === undefined ? {} : { body: frozenCopy(body) }),
    ...(request.patchType === undefined ? {} : { patchType: request.patchType as PatchType }),
    ...(request.options === undefined ? {} : { options: request.options as RequestOptions }),
  }
}

/** Namespaces of which nothing is known are there. */
function readerOf(versions: RecordedVersions, { timeMs = 0 }: CallAt, { place, base, version }: Met): StorageReader {
  const target = placeKey(place)
  const get = (resource: ResourceInfo, namespace: string, name: string): StoredObject | undefined => {
    const asked = { resource, namespace, name }
    const known = placeKey(asked) === target ? base : versions.before(asked, version, false)
    if (known !== undefined) return storedOf(known)
    return resource.kind === 'Namespace' && resource.group === '' ? unknownNamespace(name) : undefined
  }
  return {
    get,
    list: (resource, namespace) =>
      [...versions.all.values()]
        .filter(({ place: each }) => each.resource.key === resource.key)
        .filter(({ place: each }) => namespace === undefined || namespace === '' || each.namespace === namespace)
        .sort((left, right) => (placeKey(left.place) < placeKey(right.place) ? -1 : 1))
        .flatMap(({ place: each }) => get(each.resource, each.namespace, each.name) ?? []),
    incarnations: () => 0,
    namesGenerated: () => 0,
    revision: version - 1,
    nowMs: timeMs,
  }
}

function storedOf({ object, version }: RecordedVersion): StoredObject | undefined {
  if (object === undefined) return undefined
  const { resourceVersion: _, ...metadata } = object.metadata
  return { body: frozenCopy({ ...object, metadata }), revision: version }
}

function unknownNamespace(name: string): StoredObject {
  const metadata = {
    name,
    uid: '00000000-0000-4000-8000-000000000000',
    labels: { 'kubernetes.io/metadata.name': name },
  }
  const body = { apiVersion: 'v1', kind: 'Namespace', metadata, spec: {}, status: { phase: 'Active' } }
  return { body: frozenCopy(body) as KubernetesObject, revision: 1 }
}

/** The version that a write demands to meet. */
export function demandedVersion({ request }: ApiCall): number | undefined {
  const { metadata } = (request.body ?? {}) as Partial<KubernetesObject>
  const { preconditions } = (request.options ?? {}) as RequestOptions
  const demanded = metadata?.resourceVersion ?? preconditions?.resourceVersion
  return demanded === undefined ? undefined : Number(demanded)
}
