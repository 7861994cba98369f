/**
 * A recorded cluster as a whole: every write of its controllers and users is decided again by the API server on the
 * state that the recording shows before it, in the order of resourceVersions, and the state after it is compared; every
 * read is compared with the state of its moment.
 *
 * Only what the recording tells is judged. A write whose base is not certain (it names no version and creates
 * nothing), of a kind that the scenario does not serve, or of a Secret, whose data are hidden, is counted
 * and not judged; refusals are, too, because no version says when they were decided.
 */
import { frozenCopy } from '#api/clone.ts'
import { equalJson } from '#api/equal.ts'
import type { KubernetesObject } from '#api/object.ts'
import type { ResourceInfo, ResourceTable } from '#api/resource.ts'
import { decide } from '#apiserver/apiserver.ts'
import type { ApiRequest, PatchType, RequestOptions, StorageReader, StoredObject } from '#apiserver/request.ts'
import type { ApiCall, TraceEvent } from '#trace/trace-event.ts'
import {
  type ObjectPlace,
  placeKey,
  placeOf,
  type RecordedVersion,
  type RecordedVersions,
  recordedVersions,
} from './recorded-versions.ts'

export interface ReplayedCluster {
  /** Writes in the recording that were accepted. */
  readonly writes: number
  /** Those that were decided again. */
  readonly writesRepeated: number
  /** The first step at which the cluster differs. */
  readonly divergedAt?: number
  readonly message?: string
}

type At = ApiCall & { readonly step: number; readonly timeMs?: number }

export function replayCluster(resources: ResourceTable, events: readonly TraceEvent[]): ReplayedCluster {
  const versions = recordedVersions(resources, events)
  const differences: { readonly step: number; readonly message: string }[] = []
  const { contradiction } = versions
  if (contradiction !== undefined)
    differences.push({
      step: contradiction.step,
      message: `${textOf(contradiction.place)} has another content here than at step ${contradiction.first}, with the same resourceVersion`,
    })
  let writes = 0
  let writesRepeated = 0
  for (const event of events) {
    if (event.type !== 'call' || event.cached || 'status' in event.response) continue
    if (event.verb === 'list') {
      const message = listDifference(resources, versions, event)
      if (message !== undefined) differences.push({ step: event.step, message })
      continue
    }
    if (event.verb === 'get') continue
    writes++
    const repeated = repeatWrite(resources, versions, event)
    if (repeated === undefined) continue
    writesRepeated++
    if (repeated.difference !== undefined) differences.push({ step: event.step, message: repeated.difference })
  }
  const [first] = differences.sort((left, right) => left.step - right.step)
  return {
    writes,
    writesRepeated,
    ...(first === undefined ? {} : { divergedAt: first.step, message: first.message }),
  }
}

/** Undefined: it cannot be judged. */
function repeatWrite(
  resources: ResourceTable,
  versions: RecordedVersions,
  call: At,
): { readonly difference: string | undefined } | undefined {
  const { response, verb, subresource, committed } = call
  if (verb === 'deletecollection' || (subresource !== undefined && subresource !== 'status')) return undefined
  const answer = 'object' in response ? response.object : null
  if (answer === null || call.partial === true || committed === undefined || answer.kind === 'Secret') return undefined
  const place = placeOf(resources, answer)
  const { options } = call.request as { readonly options?: RequestOptions }
  if (place === undefined || options?.dryRun !== undefined) return undefined
  // A delete may answer the object as it was before.
  if (verb === 'delete' && (committed.length === 0 || committed.some(({ removed }) => removed))) return undefined
  const version = Number(answer.metadata.resourceVersion)
  const isNew = committed.length > 0
  const base = versions.before(place, version, !isNew)
  if (!isCertain(call, base)) return undefined
  const reader = readerBefore(versions, call, { place, base: verb === 'create' ? undefined : base })
  const decision = decide(resources, reader, requestOf(call, place))
  const { code, body } = decision.response
  if (code >= 400)
    return { difference: `${callText(call)} is refused now: ${(body as { readonly message?: string }).message}` }
  const difference = firstDifference(comparable(answer), comparable(body as KubernetesObject), '')
  return { difference: difference === undefined ? undefined : `after ${callText(call)}, ${difference}` }
}

/** Whether `base` is what the write met: nothing, or the version that it demanded. */
function isCertain({ verb, request }: ApiCall, base: RecordedVersion | undefined): boolean {
  if (verb === 'create') return true
  if (base?.object === undefined) return false
  const { metadata } = (request.body ?? {}) as Partial<KubernetesObject>
  const { preconditions } = (request.options ?? {}) as RequestOptions
  const demanded = metadata?.resourceVersion ?? preconditions?.resourceVersion
  return demanded !== undefined && Number(demanded) === base.version
}

function requestOf(call: At, { resource, namespace, name }: ObjectPlace): ApiRequest {
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

/** The storage as it was just before the write. Namespaces of which nothing is known are there. */
function readerBefore(
  versions: RecordedVersions,
  { response, timeMs = 0 }: At,
  { place, base }: { readonly place: ObjectPlace; readonly base: RecordedVersion | undefined },
): StorageReader {
  const version = Number((response as { readonly object: KubernetesObject }).object.metadata.resourceVersion)
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

/** An object that is known to have been there, and that a whole list leaves out or shows as it no longer was. */
function listDifference(resources: ResourceTable, versions: RecordedVersions, call: At): string | undefined {
  const { response, request, resourceVersion, object, partial, namespace = '' } = call
  const options = (request.options ?? {}) as RequestOptions
  const version = Number(resourceVersion)
  const resource = resources.byKind(object.apiVersion, object.kind)
  const isWhole = options.limit === undefined && options.continue === undefined
  if (!('items' in response) || partial === true || !isWhole) return undefined
  const isSelected = (request.labelSelector ?? '') !== '' || (request.fieldSelector ?? '') !== ''
  if (resource === undefined || resourceVersion === undefined || !Number.isFinite(version)) return undefined
  const listed = new Map(
    response.items.map(({ metadata }) => [`${metadata.namespace ?? ''}/${metadata.name}`, metadata.resourceVersion]),
  )
  for (const { place, versions: known } of versions.all.values()) {
    if (place.resource.key !== resource.key || (namespace !== '' && place.namespace !== namespace)) continue
    const then = known.findLast((each) => each.version <= version)
    const shown = listed.get(`${place.namespace}/${place.name}`)
    if (then === undefined || (shown !== undefined && then.object !== undefined && Number(shown) >= then.version))
      continue
    if (shown !== undefined) return `the list shows ${textOf(place)} as it was before step ${then.step}`
    // Versions that nobody showed may have removed it, or changed what a selector asks for.
    const isThereLater = known.some((each) => each.version > version && isSameObject(each.object, then.object))
    if (then.object !== undefined && !isSelected && isThereLater)
      return `the list leaves out ${textOf(place)}, which is there at step ${then.step} and later`
  }
  return undefined
}

function isSameObject(one: KubernetesObject | undefined, other: KubernetesObject | undefined): boolean {
  return one?.metadata.uid !== undefined && one.metadata.uid === other?.metadata.uid
}

/** Without what every server gives as it likes. */
function comparable(object: KubernetesObject): unknown {
  const { resourceVersion: _, uid: __, creationTimestamp: ___, managedFields: ____, ...metadata } = object.metadata
  const { deletionTimestamp, selfLink: _____, ...rest } = metadata as typeof metadata & { readonly selfLink?: string }
  return JSON.parse(
    JSON.stringify({
      ...object,
      metadata: { ...rest, ...(deletionTimestamp === undefined ? {} : { deletionTimestamp: '(some time)' }) },
    }),
  )
}

function firstDifference(then: unknown, now: unknown, path: string): string | undefined {
  if (equalJson(then, now)) return undefined
  if (isFields(then) && isFields(now)) {
    for (const name of new Set([...Object.keys(then), ...Object.keys(now)])) {
      const found = firstDifference(then[name], now[name], path === '' ? name : `${path}.${name}`)
      if (found !== undefined) return found
    }
  }
  return `${path} was ${JSON.stringify(then) ?? 'absent'} then, and is ${JSON.stringify(now) ?? 'absent'} now`
}

function isFields(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}

function textOf({ resource, namespace, name }: ObjectPlace): string {
  return `${resource.kind} ${namespace === '' ? '' : `${namespace}/`}${name}`
}

function callText({ verb, object, subresource, namespace, name, by }: ApiCall): string {
  const part = subresource === undefined ? '' : `/${subresource}`
  return `${verb} ${object.kind}${part} ${namespace === undefined ? '' : `${namespace}/`}${name ?? ''} by ${by}`
}
