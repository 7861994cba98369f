/**
 * A recorded request that was refused, decided again on what its object was meanwhile. No version says when a refusal
 * was decided: it was after what had gone by when it was sent (`sent` of a call), and before what requests made or read
 * that were sent after its answer. It is the same when one state between the two refuses it so; it is different when
 * none does, and the recording shows all of them.
 */
import type { ResourceTable } from '#api/resource.ts'
import type { Status } from '#api/status.ts'
import type { RequestOptions } from '#apiserver/request.ts'
import type { ApiCall, TraceEvent } from '#trace/trace-event.ts'
import type { Successions } from './recorded-successions.ts'
import {
  type ObjectPlace,
  placeKey,
  placeOf,
  type RecordedVersion,
  type RecordedVersions,
} from './recorded-versions.ts'
import { type CallAt, decideAgain } from './repeat-call.ts'

export interface RefusalReplay {
  /** Whether a call was refused for the state that it met, and not for rights, webhooks or load. */
  isOne(call: ApiCall): boolean
  /** Undefined: it cannot be judged. */
  repeat(call: CallAt): { readonly difference: string | undefined } | undefined
}

interface Recorded {
  readonly resources: ResourceTable
  readonly versions: RecordedVersions
  readonly successions: Successions
}

const REASONS: ReadonlySet<string | undefined> = new Set(['NotFound', 'AlreadyExists', 'Conflict', 'Invalid'])

/** What an object was for a request that was sent in a step. */
interface Witness {
  readonly sent: number
  readonly version: number
  readonly uid: string | undefined
  /** It made this version; else it read it. */
  readonly made: boolean
}

export function createRefusalReplay(recorded: Recorded, events: readonly TraceEvent[]): RefusalReplay {
  const { resources, versions, successions } = recorded
  const witnesses = witnessesOf(resources, events)
  return {
    isOne: (call) => {
      const { response, verb, subresource, object, name } = call
      if (!('status' in response) || verb === 'list' || verb === 'deletecollection' || name === undefined) return false
      const { reason, details } = response.status
      // Not found may be the namespace, or the resource.
      if (reason === 'NotFound' && (verb === 'create' || details?.name !== name)) return false
      const isObject = subresource === undefined || subresource === 'status'
      return REASONS.has(reason) && isObject && object.kind !== 'Secret' && !isFromCache(call)
    },
    repeat(call) {
      const { object, namespace = '', name = '', sent } = call
      const resource = resources.byKind(object.apiVersion, object.kind)
      if (resource === undefined || sent === undefined) return undefined
      const place = { resource, namespace, name }
      const known = versions.all.get(placeKey(place))?.versions ?? []
      const witness = witnesses.get(placeKey(place))?.find((each) => each.sent > call.step)
      const first = known.findLast(({ step }) => step < sent)
      const possible = known.filter(
        ({ version }) =>
          version >= (first?.version ?? 0) &&
          (witness === undefined || version < witness.version || (!witness.made && version === witness.version)),
      )
      // Before the first that is known there may have been nothing.
      const states = first === undefined ? [undefined, ...possible] : possible
      const isSame = states.some((base) => isRefusedSo(recorded, call, { place, base }))
      if (isSame) return { difference: undefined }
      // The recorded cluster may know rules that the scenario does not tell.
      if (reasonOf(call) === 'Invalid') return undefined
      if (first === undefined || !isAll(place, { first, possible, witness, call })) return undefined
      return {
        difference: `${call.verb} ${textOf(place)} by ${call.by} was refused then (${reasonOf(call)}), and is not now`,
      }
    },
  }

  /** Whether the object was nothing else, for whoever wrote. */
  function isAll(
    place: ObjectPlace,
    {
      first,
      possible,
      witness,
      call,
    }: {
      readonly first: RecordedVersion
      readonly possible: readonly RecordedVersion[]
      readonly witness: Witness | undefined
      readonly call: ApiCall
    },
  ): boolean {
    if (witness === undefined) return false
    // A uid that is there before and after was there all the while, whatever was written.
    const uid = first.object?.metadata.uid
    if (reasonOf(call) === 'NotFound' && uid !== undefined) return witness.uid === uid
    const row = [...possible.map(({ version }) => version), ...(witness.made ? [witness.version] : [])]
    const isWhole = row.every((version, index) => {
      const before = row[index - 1]
      return before === undefined || successions.areNeighbours(place, before, version)
    })
    return isWhole && row.at(-1) === witness.version
  }
}

function isRefusedSo(
  { resources, versions }: Recorded,
  call: CallAt,
  { place, base }: { readonly place: ObjectPlace; readonly base: RecordedVersion | undefined },
): boolean {
  const version = (base?.version ?? 0) + 1
  const { code, body } = decideAgain(resources, versions, call, { place, base, version }).response
  return code >= 400 && (body as Status).reason === reasonOf(call)
}

/** A read that any version may answer. */
function isFromCache({ request }: ApiCall): boolean {
  return (request.options as RequestOptions | undefined)?.resourceVersion !== undefined
}

function reasonOf({ response }: ApiCall): string | undefined {
  return 'status' in response ? response.status.reason : undefined
}

/** By object, in the order in which they were sent. */
function witnessesOf(resources: ResourceTable, events: readonly TraceEvent[]): ReadonlyMap<string, readonly Witness[]> {
  const witnesses = new Map<string, Witness[]>()
  for (const event of events) {
    if (event.type !== 'call' || event.sent === undefined || event.partial === true || isFromCache(event)) continue
    const { response, verb, subresource, committed = [], sent } = event
    if (!('object' in response) || response.object === null || (subresource !== undefined && subresource !== 'status'))
      continue
    const made = committed.length > 0
    // Of a removal the version is not known, and what it answers is from before.
    if ((verb === 'delete' && !made) || committed.some(({ removed }) => removed)) continue
    const place = placeOf(resources, response.object)
    const version = Number(response.object.metadata.resourceVersion)
    if (place === undefined || !Number.isFinite(version)) continue
    const key = placeKey(place)
    const list = witnesses.get(key) ?? []
    witnesses.set(key, list)
    list.push({ sent, version, uid: response.object.metadata.uid, made })
  }
  for (const list of witnesses.values()) list.sort((left, right) => left.sent - right.sent)
  return witnesses
}

function textOf({ resource, namespace, name }: ObjectPlace): string {
  return `${resource.kind} ${namespace === '' ? '' : `${namespace}/`}${name}`
}
