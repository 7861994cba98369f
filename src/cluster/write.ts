/**
 * Commits one write of a reconcile or of the user to `world.truth`. The API server's decision is memoised by what it
 * depends on: the operation, the target's version, whether the resourceVersion given is the current one, and, when
 * they have moved, the clock, incarnations and name counters.
 */
import { generatedName } from '#api/identity.ts'
import type { Json, KubernetesObject } from '#api/object.ts'
import type { Status } from '#api/status.ts'
import { registersWebhooks } from '#apiserver/admission/kinds.ts'
import { decide } from '#apiserver/apiserver.ts'
import type { ApiRequest, Change } from '#apiserver/request.ts'
import { noteWebhooks } from './admission.ts'
import { assert } from './assert.ts'
import { nameCounterOf } from './name-counters.ts'
import { combine, hashString, lanes, lanesKey } from './structural-hash.ts'
import {
  type Cluster,
  FIRST_REVISION,
  INSTANT_GIVEN,
  kindOf,
  kindOfResource,
  REVISION,
  type Slot,
  START_MS,
  slotOf,
  TIME,
  VOLATILE,
} from './tables.ts'
import { noteObjectTouch } from './touches.ts'
import type { EffectChange, WriteEffect, WriteOperation } from './trie.ts'
import { internVersion, noteDeadlines, registerGeneratedName, registerUid } from './versions.ts'
import { ensureCapacity, nowMs, truthOf, truthReader, type World } from './world.ts'

/** Where a write's changes go, beside `world.truth`. */
export interface ChangeLog {
  push(change: {
    readonly slot: Slot
    readonly before: number
    readonly beforeRevision: number
    readonly after: number
    readonly afterRevision: number
    readonly nameCounter: number
  }): void
}

/** Commits `operation` and says what the caller is told. `heldRevisions` are those of the answers before it. */
export function commitWrite(
  world: World,
  operation: WriteOperation,
  heldRevisions: readonly number[],
  log: ChangeLog,
): WriteEffect {
  truthOf(world)
  const effect = effectOf(world, operation, heldRevisions)
  for (const change of effect.changes) {
    const part = change.slot.part
    const beforeRevision = world.truth[part + 1] as number
    const revision = ++(world.truth[REVISION] as number)
    applyChange(world.truth, change.slot, change.after, revision)
    log.push({
      slot: change.slot,
      before: change.before,
      beforeRevision,
      after: change.after,
      afterRevision: revision,
      nameCounter: effect.nameCounter,
    })
  }
  if (effect.nameCounter !== 0) countNames(world.truth, effect.nameCounter)
  return effect
}

/** Puts a version into a slot. A removal counts an incarnation, which makes the state volatile. */
export function applyChange(state: Int32Array, slot: Slot, after: number, revision: number): void {
  const part = slot.part
  state[part] = after
  state[part + 1] = revision
  if (after === 0) {
    ;(state[part + 2] as number)++
    state[VOLATILE] = 1
  }
  state[REVISION] = revision
}

export function countNames(state: Int32Array, nameCounter: number, count = 1): void {
  state[nameCounter] = (state[nameCounter] as number) + count
  state[VOLATILE] = 1
}

function effectOf(world: World, operation: WriteOperation, heldRevisions: readonly number[]): WriteEffect {
  if (!operation.memoable) return decideEffect(world, operation, heldRevisions)
  const slot = operation.slot
  const target = slot === undefined ? 0 : (world.truth[slot.part] as number)
  const current =
    slot !== undefined &&
    operation.revisionFrom >= 0 &&
    heldRevisions[operation.revisionFrom] === world.truth[slot.part + 1]
      ? 1
      : 0
  // An absent object may also be created by an apply, or by an update of a kind that allows it.
  const creates = operation.call.op === 'create' || (target === 0 && operation.call.op !== 'delete')
  const extra = world.truth[VOLATILE] === 0 && !creates ? '' : dependencies(world, operation, creates)
  const key = target * 2 + current
  const { memo } = operation
  if (memo.effect !== undefined && memo.key === key && memo.extra === extra) return memo.effect
  const text = `${key} ${extra}`
  const known = memo.others?.get(text)
  if (known !== undefined) return known
  const effect = decideEffect(world, operation, heldRevisions)
  if (memo.effect === undefined) {
    memo.key = key
    memo.extra = extra
    memo.effect = effect
  } else {
    memo.others ??= new Map()
    memo.others.set(text, effect)
  }
  return effect
}

/** What else a decision depends on: the namespace, the clock, earlier incarnations, names generated. */
function dependencies(world: World, operation: WriteOperation, creates: boolean): string {
  const { truth, cluster } = world
  const namespace = operation.call.namespace
  let text = ''
  if (namespace !== undefined && creates) {
    const kind = kindOf(cluster, 'v1', 'Namespace')
    if (kind !== undefined) text = String(truth[slotOf(cluster, kind, '', namespace).part])
  }
  if (truth[VOLATILE] === 0) return text
  text += `|${truth[TIME]}|${truth[INSTANT_GIVEN]}`
  if (!creates) return text
  if (operation.slot !== undefined) return `${text}|${truth[operation.slot.part + 2]}`
  const prefix = prefixOf(operation)
  return `${text}|${truth[nameCounterOf(cluster, operation.kind, namespace ?? '', prefix)]}`
}

function prefixOf(operation: WriteOperation): string {
  return (operation.call.body as KubernetesObject | undefined)?.metadata?.generateName ?? ''
}

function decideEffect(world: World, operation: WriteOperation, heldRevisions: readonly number[]): WriteEffect {
  const { cluster } = world
  const request = requestOfWrite(operation, heldRevisions)
  let nameCounter = 0
  if (operation.call.op === 'create' && operation.slot === undefined) {
    const prefix = prefixOf(operation)
    const namespace = operation.call.namespace ?? ''
    nameCounter = nameCounterOf(cluster, operation.kind, namespace, prefix)
    ensureCapacity(world)
    const number = world.truth[nameCounter] as number
    registerGeneratedName(cluster.versions, generatedName(prefix, number), {
      family: `${operation.kind.id}|${namespace}|${prefix}`,
      prefix,
      number,
    })
  }
  const decision = decide(cluster.resources, truthReader(world, operation.slot), request)
  ensureCapacity(world)
  const { response } = decision
  if (response.code >= 400) {
    const status = response.body as Status
    hashString(JSON.stringify(status))
    return {
      changes: [],
      key: -1 - lanesKey(),
      slot: -1,
      version: 0,
      status: status as unknown as Json,
      nameCounter: 0,
    }
  }
  const changes = decision.changes.map((change) => effectChange(world, change))
  for (const { slot, before } of changes)
    if (slot !== operation.slot && before !== 0) noteObjectTouch(cluster, slot, { by: undefined, seesStatus: true })
  ensureCapacity(world)
  if (changes.length === 0) nameCounter = 0
  const answer = answerOf(world, operation, decision.changes, changes, response.body as KubernetesObject)
  return { changes, status: undefined, nameCounter, ...answer }
}

function effectChange(world: World, change: Change): EffectChange {
  const { cluster } = world
  const slot = slotOf(cluster, kindOfResource(cluster, change.resource), change.namespace, change.name)
  ensureCapacity(world)
  const uid = change.before === undefined ? change.after?.body.metadata.uid : undefined
  if (change.after !== undefined && registersWebhooks(change.resource)) noteWebhooks(cluster, change.after.body)
  if (uid !== undefined) registerUidOf(cluster, slot, uid, world.truth[slot.part + 2] as number)
  const after = change.after === undefined ? 0 : internVersion(cluster.versions, change.after.body)
  noteDeadlines(cluster.versions, after, START_MS + (world.truth[TIME] as number), nowMs(world.truth))
  return {
    slot,
    before: change.before === undefined ? 0 : internVersion(cluster.versions, change.before.body),
    after,
  }
}

/** Remembers whose uid it is, for canonical forms. */
export function registerUidOf(cluster: Cluster, slot: Slot, uid: string, incarnation: number): void {
  const { group, kind } = slot.kind.resource
  registerUid(cluster.versions, uid, `${kind}.${group} ${slot.namespace}/${slot.name}`, incarnation)
}

/** A delete tells its caller nothing; every other write answers the object as it is now. */
function answerOf(
  world: World,
  operation: WriteOperation,
  changes: readonly Change[],
  effectChanges: readonly EffectChange[],
  body: KubernetesObject,
): { readonly key: number; readonly slot: number; readonly version: number } {
  if (operation.call.op === 'delete' || operation.call.op === 'deletecollection')
    return { key: 1, slot: -1, version: 0 }
  const only = effectChanges[0]
  if (only !== undefined && changes[0]?.after !== undefined)
    return { key: only.after * 4 + 2, slot: only.slot.id, version: only.after }
  const { resourceVersion: _, ...metadata } = body.metadata
  const version = internVersion(world.cluster.versions, { ...body, metadata })
  if (operation.slot === undefined) return { key: version * 4 + 2, slot: -1, version }
  return { key: version * 4 + 1, slot: operation.slot.id, version }
}

/** The request as the caller made it. `heldRevisions` are those of the answers that its reconcile has. */
export function requestOfWrite(operation: WriteOperation, heldRevisions: readonly number[]): ApiRequest {
  const { call, kind } = operation
  let body = call.body
  let options = call.options
  if (operation.revisionFrom >= 0) {
    const resourceVersion = String(FIRST_REVISION + (heldRevisions[operation.revisionFrom] as number))
    if (call.op === 'delete') {
      const given = options as { readonly preconditions?: object }
      options = { ...given, preconditions: { ...given.preconditions, resourceVersion } } as Json
    } else {
      const object = body as unknown as KubernetesObject
      body = { ...object, metadata: { ...object.metadata, resourceVersion } } as unknown as Json
    }
  }
  for (const reference of operation.references) {
    body = replaceText(body, reference.text, String(FIRST_REVISION + (heldRevisions[reference.from] as number)))
  }
  return {
    verb: call.op,
    resource: kind.resource,
    ...(call.subresource === undefined ? {} : { subresource: call.subresource }),
    ...(call.namespace === undefined ? {} : { namespace: call.namespace }),
    ...(call.name === undefined ? {} : { name: call.name }),
    ...(body === undefined ? {} : { body }),
    ...(call.patchType === undefined ? {} : { patchType: call.patchType }),
    ...(options === undefined ? {} : { options: options as NonNullable<ApiRequest['options']> }),
  }
}

/** Replaces the marker of a reference in every string of a body. */
function replaceText(value: Json | undefined, marker: string, text: string): Json {
  if (typeof value === 'string') return value.replaceAll(marker, text)
  if (Array.isArray(value)) return value.map((element) => replaceText(element, marker, text))
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, field]) => [key, replaceText(field, marker, text)]))
  }
  return value as Json
}

/** The hash of a write's content, for interning operations. */
export function contentKey(text: string, high: number, low: number): number {
  hashString(text)
  combine(lanes.high, lanes.low, high, low)
  assert(Number.isFinite(lanes.high), 'hash lanes are numbers')
  return lanesKey()
}
