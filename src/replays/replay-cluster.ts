/**
 * A recorded cluster as a whole: every write of its controllers and users is decided again by the API server on the
 * state that the recording shows before it, in the order of resourceVersions, and the state after it is compared; every
 * read is compared with the state of its moment.
 *
 * Only what the recording tells is judged. A write whose base is not certain (it creates nothing, names no version, and
 * no watch proves that nothing came between), of a kind that the scenario does not serve, or of a Secret, whose data are
 * hidden, is counted and not judged. Refusals are in `replay-refusal.ts`.
 */
import { equalJson } from '#api/equal.ts'
import type { KubernetesObject } from '#api/object.ts'
import type { ResourceTable } from '#api/resource.ts'
import type { RequestOptions } from '#apiserver/request.ts'
import type { ApiCall, TraceEvent } from '#trace/trace-event.ts'
import { recordedSuccessions, type Successions } from './recorded-successions.ts'
import {
  type ObjectPlace,
  placeKey,
  placeOf,
  type RecordedVersion,
  type RecordedVersions,
  recordedVersions,
} from './recorded-versions.ts'
import { type CallAt, decideAgain, demandedVersion } from './repeat-call.ts'
import { createRefusalReplay } from './replay-refusal.ts'

export interface ReplayedCluster {
  /** Writes in the recording that were accepted. */
  readonly writes: number
  /** Those that were decided again. */
  readonly writesRepeated: number
  /** Requests that were refused for the state that they met (`NotFound`, `AlreadyExists`, `Conflict`, `Invalid`). */
  readonly refusals: number
  readonly refusalsRepeated: number
  /** The first step at which the cluster differs. */
  readonly divergedAt?: number
  readonly message?: string
}

/** Undefined: it cannot be judged. */
type Repeated = { readonly difference: string | undefined } | undefined

interface Recorded {
  readonly resources: ResourceTable
  readonly versions: RecordedVersions
  readonly successions: Successions
}

export function replayCluster(resources: ResourceTable, events: readonly TraceEvent[]): ReplayedCluster {
  const versions = recordedVersions(resources, events)
  const successions = recordedSuccessions(resources, events)
  const recorded = { resources, versions, successions }
  const repeatRefusal = createRefusalReplay(recorded, events)
  const differences: { readonly step: number; readonly message: string }[] = []
  const { contradiction } = versions
  if (contradiction !== undefined)
    differences.push({
      step: contradiction.step,
      message: `${textOf(contradiction.place)} has another content here than at step ${contradiction.first}, with the same resourceVersion`,
    })
  const counted = { writes: 0, writesRepeated: 0, refusals: 0, refusalsRepeated: 0 }
  for (const event of events) {
    if (event.type !== 'call' || event.cached) continue
    const { verb, step } = event
    if (verb === 'list') {
      const message = listDifference(resources, versions, event)
      if (message !== undefined) differences.push({ step, message })
      continue
    }
    const isRefusal = 'status' in event.response
    if (isRefusal ? !repeatRefusal.isOne(event) : verb === 'get') continue
    const repeated = isRefusal ? repeatRefusal.repeat(event) : repeatWrite(recorded, event)
    counted[isRefusal ? 'refusals' : 'writes']++
    if (repeated === undefined) continue
    counted[isRefusal ? 'refusalsRepeated' : 'writesRepeated']++
    if (repeated.difference !== undefined) differences.push({ step, message: repeated.difference })
  }
  const [first] = differences.sort((left, right) => left.step - right.step)
  return { ...counted, ...(first === undefined ? {} : { divergedAt: first.step, message: first.message }) }
}

function repeatWrite(recorded: Recorded, call: CallAt): Repeated {
  const { resources, versions } = recorded
  const { response, verb, subresource, committed, partial } = call
  if (verb === 'deletecollection' || (subresource !== undefined && subresource !== 'status')) return undefined
  if (partial === true || committed === undefined || call.object.kind === 'Secret') return undefined
  const { options } = call.request as { readonly options?: RequestOptions }
  if (options?.dryRun !== undefined) return undefined
  const answer = 'object' in response ? response.object : null
  if (committed.some(({ removed }) => removed)) return repeatRemoval(recorded, call, answer)
  if (answer === null || (verb === 'delete' && committed.length === 0)) return undefined
  const place = placeOf(resources, answer)
  if (place === undefined) return undefined
  const version = Number(answer.metadata.resourceVersion)
  const base = versions.before(place, version, committed.length === 0)
  if (!isCertain(recorded, call, { place, base, version })) return undefined
  const decision = decideAgain(resources, versions, call, {
    place,
    base: verb === 'create' ? undefined : base,
    version,
  })
  const { code, body } = decision.response
  return { difference: refusalNow(call, code, body) ?? answerDifference(call, answer, body as KubernetesObject) }
}

/** A removal, whose answer need not have its version: an event has it. */
function repeatRemoval(recorded: Recorded, call: CallAt, answer: KubernetesObject | null): Repeated {
  const { resources, versions } = recorded
  const place = answer === null ? placeOfCall(resources, call) : placeOf(resources, answer)
  if (place === undefined) return undefined
  const known = versions.all.get(placeKey(place))?.versions ?? []
  const removals = known.filter(({ object, version }) => {
    const before = object === undefined ? versions.before(place, version, false)?.object : undefined
    return before !== undefined && (answer === null || before.metadata.uid === answer.metadata.uid)
  })
  const [removal, other] = removals
  // Made and removed again and again: which of them it was is not certain.
  const uids = new Set(known.flatMap(({ object }) => object?.metadata.uid ?? []))
  if (removal === undefined || other !== undefined || (answer === null && uids.size > 1)) return undefined
  const { version } = removal
  const base = versions.before(place, version, false)
  if (!isCertain(recorded, call, { place, base, version })) return undefined
  const decision = decideAgain(resources, versions, call, { place, base, version })
  const { code, body } = decision.response
  const refusal = refusalNow(call, code, body)
  if (refusal !== undefined) return { difference: refusal }
  const isRemoved = decision.changes.some(
    ({ after, ...change }) => placeKey(change) === placeKey(place) && after === undefined,
  )
  if (!isRemoved) return { difference: `${callText(call)} removed it then, and does not now` }
  return {
    difference:
      call.verb === 'delete' || answer === null ? undefined : answerDifference(call, answer, body as KubernetesObject),
  }
}

/** Whether `base` is what the write met: nothing, the version that it demanded, or the neighbour of what it made. */
function isCertain(
  { successions }: Recorded,
  call: ApiCall,
  {
    place,
    base,
    version,
  }: { readonly place: ObjectPlace; readonly base: RecordedVersion | undefined; readonly version: number },
): boolean {
  if (call.verb === 'create') return true
  if (base?.object === undefined) return false
  return demandedVersion(call) === base.version || successions.areNeighbours(place, base.version, version)
}

function refusalNow(call: ApiCall, code: number, body: unknown): string | undefined {
  if (code < 400) return undefined
  return `${callText(call)} is refused now: ${(body as { readonly message?: string }).message}`
}

function answerDifference(call: ApiCall, then: KubernetesObject, now: KubernetesObject): string | undefined {
  const difference = firstDifference(comparable(then), comparable(now), '')
  return difference === undefined ? undefined : `after ${callText(call)}, ${difference}`
}

function placeOfCall(resources: ResourceTable, { object, namespace = '', name }: ApiCall): ObjectPlace | undefined {
  const resource = resources.byKind(object.apiVersion, object.kind)
  return resource === undefined || name === undefined ? undefined : { resource, namespace, name }
}

/** An object that is known to have been there, and that a whole list leaves out or shows as it no longer was. */
function listDifference(resources: ResourceTable, versions: RecordedVersions, call: CallAt): string | undefined {
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
