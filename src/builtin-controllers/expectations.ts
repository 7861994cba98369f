/**
 * Expectations: a controller's memory of its own writes that its cache may not show yet. While they are not fulfilled
 * it creates and deletes nothing for that key, so that a lagging cache makes no duplicates. After five minutes they
 * count as fulfilled all the same; a crash forgets them.
 *
 * Source: kubernetes/pkg/controller/controller_utils.go (ControllerExpectations). Upstream counts down as events come;
 * a reconcile sees no events, so it looks for the very objects: one that was created must be in the cache or gone from the
 * API server, one that was deleted must be terminating in the cache or gone from it. The five minutes begin with the
 * first reconcile that finds something missing, which spares all others the clock.
 *
 * What is fulfilled is forgotten only by a reconcile that writes: one that has nothing to do leaves the memory as it
 * is, so the search need not try it in every order.
 */
import { equalJson } from '#api/equal.ts'
import type { Json, TypeReference } from '#api/object.ts'
import { controllerOf } from '#api/owner-reference.ts'
import type { Reader } from '#controller/client.ts'
import type { ReconcileRequest } from '#controller/controller.ts'
import { podType, type StoredObject } from './kinds.ts'

const expiryMs = 5 * 60 * 1000

/** Uids by name. */
type ExpectedObjects = Readonly<Record<string, string>>

export interface Expectation {
  readonly created: ExpectedObjects
  readonly deleted: ExpectedObjects
  /** Those whose finalizer was removed. */
  readonly released?: ExpectedObjects
  /** What the controller wrote into the status of the request's own object, so far as it counts on it. */
  readonly counts?: Json
  /** Virtual time at which something was first found missing. */
  readonly missingSinceMs?: number
}

/** By `namespace/name` of the request. Plain data: what a controller declares as its memory. */
export type ExpectationMemory = Readonly<Record<string, Expectation>>

export interface ExpectationTools {
  readonly apiReader: Reader
  readonly clock: { now(): Date }
}

export interface FurtherWrites {
  /** Those whose finalizer was removed. */
  readonly released?: readonly StoredObject[]
  readonly counts?: Json | undefined
}

export class Expectations {
  private memory: ExpectationMemory = {}
  private readonly tools: ExpectationTools
  private readonly type: TypeReference
  private readonly finalizer: string

  /**
   * `type` is that of the objects that the controller creates and deletes; default: pods. `finalizer` is the one that it
   * removes from them, if it does.
   */
  constructor(tools: ExpectationTools, type: TypeReference = podType, finalizer = '') {
    this.tools = tools
    this.type = type
    this.finalizer = finalizer
  }

  /** Notes what a reconcile has written, in place of what was expected before. */
  expect(
    request: ReconcileRequest,
    created: readonly StoredObject[],
    deleted: readonly StoredObject[],
    { released = [], counts }: FurtherWrites = {},
  ): void {
    if (created.length + deleted.length + released.length === 0 && counts === undefined) return
    this.set(request, {
      created: namesAndUids(created),
      deleted: namesAndUids(deleted),
      ...(released.length === 0 ? {} : { released: namesAndUids(released) }),
      ...(counts === undefined ? {} : { counts }),
    })
  }

  /** To be called by a reconcile that writes anything else, once its expectations are fulfilled. */
  forget(request: ReconcileRequest): void {
    if (this.memory[keyOf(request)] === undefined) return
    this.set(request, undefined)
  }

  /**
   * Whether the cache, of which `seen` are the objects of `owner`, shows what was written. `owner` is the request's own
   * object, and `counts` what its cached status says of that on which the controller counts.
   */
  async areFulfilled(
    request: ReconcileRequest,
    seen: readonly StoredObject[],
    owner: StoredObject,
    counts?: Json,
  ): Promise<boolean> {
    const expectation = this.memory[keyOf(request)]
    if (expectation === undefined) return true
    const isCounted = expectation.counts === undefined || equalJson(expectation.counts, counts)
    if (isCounted && this.isShown(expectation, seen)) return true
    if ((await this.isMissing(expectation, seen, owner)) || (!isCounted && (await this.isBehind(owner)))) {
      const now = this.tools.clock.now().getTime()
      const missingSinceMs = expectation.missingSinceMs ?? now
      if (now - missingSinceMs < expiryMs) {
        this.set(request, { ...expectation, missingSinceMs })
        return false
      }
    }
    this.forget(request)
    return true
  }

  snapshot(): Json {
    return this.memory as unknown as Json
  }

  restore(memory: Json): void {
    this.memory = memory as unknown as ExpectationMemory
  }

  /**
   * Something that the cache does not show may have come and gone since, or belong to somebody else: the API server knows.
   */
  private async isMissing(
    expectation: Expectation,
    seen: readonly StoredObject[],
    owner: StoredObject,
  ): Promise<boolean> {
    if (!this.isShown({ ...expectation, created: {} }, seen)) return true
    const { namespace = '', uid: ownerUid } = owner.metadata
    for (const [name, uid] of Object.entries(expectation.created)) {
      if (seen.some(({ metadata }) => metadata.uid === uid)) continue
      const object = await this.tools.apiReader.tryGet<StoredObject>(this.type, { namespace, name })
      if (object?.metadata.uid === uid && controllerOf(object)?.uid === ownerUid) return true
    }
    return false
  }

  /** What somebody else wrote over is not waited for. */
  private async isBehind(owner: StoredObject): Promise<boolean> {
    const { namespace = '', name, resourceVersion } = owner.metadata
    const live = await this.tools.apiReader.tryGet<StoredObject>(owner, { namespace, name })
    return live?.metadata.resourceVersion !== resourceVersion
  }

  /** Whether the cache shows all that was created, and nothing that was deleted or released as it was before. */
  private isShown({ created, deleted, released = {} }: Expectation, seen: readonly StoredObject[]): boolean {
    const byUid = new Map(seen.map((object) => [object.metadata.uid, object]))
    return (
      Object.values(created).every((uid) => byUid.has(uid)) &&
      Object.values(deleted).every((uid) => {
        const object = byUid.get(uid)
        return object === undefined || object.metadata.deletionTimestamp !== undefined
      }) &&
      Object.values(released).every((uid) => byUid.get(uid)?.metadata.finalizers?.includes(this.finalizer) !== true)
    )
  }

  /** Keys stay sorted, so that equal memories are equal text. */
  private set(request: ReconcileRequest, expectation: Expectation | undefined): void {
    const { [keyOf(request)]: _previous, ...others } = this.memory
    const all = expectation === undefined ? others : { ...others, [keyOf(request)]: expectation }
    this.memory = Object.fromEntries(Object.entries(all).sort(([left], [right]) => (left < right ? -1 : 1)))
  }
}

/** Declares the expectations of a controller as its memory. */
export const expectationMemory = {
  snapshot: ({ expectations }: { readonly expectations: Expectations }): Json => expectations.snapshot(),
  restore: ({ expectations }: { readonly expectations: Expectations }, memory: Json): void =>
    expectations.restore(memory),
}

function namesAndUids(objects: readonly StoredObject[]): ExpectedObjects {
  return Object.fromEntries(objects.map(({ metadata }) => [metadata.name, metadata.uid]))
}

function keyOf({ namespace = '', name }: ReconcileRequest): string {
  return `${namespace}/${name}`
}
