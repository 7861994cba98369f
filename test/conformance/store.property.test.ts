/**
 * The server against a naive model of custom resources: random requests, the same codes, reasons, bodies and objects.
 */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { deepFreeze } from '#api/clone.ts'
import { createScheme, declareKind } from '#api/scheme.ts'
import { handle } from '#apiserver/apiserver.ts'
import type { ApiRequest } from '#apiserver/request.ts'
import { initialState } from '#apiserver/state.ts'
import { ask, type Model, type ModelAnswer, type ModelRequest } from './naive-model.ts'

const widgets = declareKind({ apiVersion: 'ex.test/v1', kind: 'Widget' })
const table = createScheme([widgets])

// biome-ignore lint/suspicious/noExplicitAny: any JSON
type Any = any

/** A request whose identity values are chosen when it is made: `seen` picks an answer to copy from. */
interface Intent {
  readonly verb: ModelRequest['verb']
  readonly name: string
  readonly seen: number
  readonly withVersion: boolean
  readonly withUid: boolean
  readonly spec: Any
  readonly extra: Any
  readonly status: Any
  readonly labels: Any
  readonly finalizers: Any
  readonly policy: Any
}

const maybe = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(arbitrary, { nil: undefined })
const small = fc.oneof(
  fc.constantFrom('x', 'y', '', 0, 1, true, null),
  fc.constantFrom({}, { a: 1 }, { a: { b: 2 } }, [], [1, { c: 3 }], [1, 2]),
)
const fields = fc.dictionary(fc.constantFrom('a', 'b', 'c'), small, { maxKeys: 3 })

const intent: fc.Arbitrary<Intent> = fc.record({
  verb: fc.constantFrom(
    'create',
    'update',
    'updateStatus',
    'mergePatch',
    'mergePatchStatus',
    'delete',
    'get',
    'create',
    'update',
    'delete',
  ),
  name: fc.constantFrom('a', 'b'),
  seen: fc.nat(50),
  withVersion: fc.boolean(),
  withUid: fc.boolean(),
  spec: maybe(fields),
  extra: maybe(small),
  status: maybe(fields),
  labels: maybe(fc.constantFrom({}, { l: '1' }, { l: '2', m: '1' })),
  finalizers: maybe(fc.constantFrom([], ['ex.test/f'], ['ex.test/g', 'ex.test/f'], ['ex.test/g'])),
  policy: maybe(fc.constantFrom('Background', 'Foreground', 'Orphan')),
})

function defined(object: Any): Any {
  return JSON.parse(JSON.stringify(object))
}

/** Identity values of an earlier answer for this name, or of the last one: stale ones are wanted. */
function identity(intended: Intent, seen: readonly Any[]): { resourceVersion?: string; uid?: string } {
  const source = seen.length === 0 ? undefined : seen[Math.max(0, seen.length - 1 - (intended.seen % 4))]
  return defined({
    resourceVersion: intended.withVersion ? source?.metadata.resourceVersion : undefined,
    uid: intended.withUid ? source?.metadata.uid : undefined,
  })
}

function requestOf(intended: Intent, seen: readonly Any[]): ModelRequest {
  const { verb, name, spec, extra, status, labels, finalizers, policy } = intended
  if (verb === 'get') return { verb, name }
  const ids = identity(intended, seen)
  if (verb === 'delete') {
    return {
      verb,
      name,
      body: defined({ propagationPolicy: policy, preconditions: Object.keys(ids).length > 0 ? ids : undefined }),
    }
  }
  if (verb === 'mergePatch' || verb === 'mergePatchStatus') {
    const metadata = defined({ labels, finalizers, ...ids })
    return { verb, name, body: defined({ metadata, spec, extra, status }) }
  }
  const metadata = verb === 'create' ? { name, labels, finalizers } : { name, labels, finalizers, ...ids }
  return { verb, name, body: defined({ apiVersion: 'ex.test/v1', kind: 'Widget', metadata, spec, extra, status }) }
}

function apiRequestOf(request: ModelRequest): ApiRequest {
  const place = { resource: widgets, namespace: 'default', name: request.name }
  const body = 'body' in request ? { body: deepFreeze(defined(request.body)) } : {}
  switch (request.verb) {
    case 'updateStatus':
      return { verb: 'update', subresource: 'status', ...place, ...body }
    case 'mergePatch':
      return { verb: 'patch', patchType: 'merge', ...place, ...body }
    case 'mergePatchStatus':
      return { verb: 'patch', patchType: 'merge', subresource: 'status', ...place, ...body }
    default:
      return { verb: request.verb, ...place, ...body }
  }
}

/** The server's answer in the model's terms: uids by incarnation, times as a word. */
function comparable(body: Any, uids: Map<string, string>): Any {
  if (body.kind === 'Status') return undefined
  const { creationTimestamp: _created, ...metadata } = body.metadata
  if (metadata.deletionTimestamp !== undefined) metadata.deletionTimestamp = 'now'
  return { ...body, metadata: { ...metadata, uid: uids.get(metadata.uid) ?? metadata.uid } }
}

function expectFrozen(value: unknown): void {
  if (value === null || typeof value !== 'object') return
  expect(Object.isFrozen(value)).toBe(true)
  for (const field of Object.values(value)) expectFrozen(field)
}

describe('the store', () => {
  it('answers any sequence of requests as the naive model does', () => {
    fc.assert(
      fc.property(fc.array(intent, { minLength: 1, maxLength: 30 }), (intents) => {
        let state = initialState(table, [])
        const model: Model = { objects: {}, revision: state.revision, created: {} }
        const uids = new Map<string, string>()
        const seen: Any[] = []
        for (const intended of intents) {
          const request = requestOf(intended, seen)
          const wanted = modelAnswer(model, request, uids)
          const handled = handle(table, state, apiRequestOf(request))
          const { response } = handled
          if (handled.watchEvents.length === 0) expect(handled.state).toBe(state)
          state = handled.state
          const body = response.body as Any
          expectFrozen(body)
          if (response.code === 201) uids.set(body.metadata.uid, `${request.name}#${model.created[request.name]! - 1}`)
          expect({ code: response.code, reason: body.reason, body: comparable(body, uids) }).toEqual({
            reason: undefined,
            body: undefined,
            ...wanted,
          })
          if (response.code < 300 && body.kind !== 'Status') seen.push(body)
          expect(state.revision).toBe(model.revision)
          for (const name of ['a', 'b']) {
            const stored = state.get(widgets, 'default', name)
            const object =
              stored &&
              comparable(
                { ...stored.body, metadata: { ...stored.body.metadata, resourceVersion: String(stored.revision) } },
                uids,
              )
            expect(object).toEqual(model.objects[name])
            expectFrozen(stored?.body)
          }
        }
      }),
      { numRuns: 500 },
    )
  })
})

/** The model tells uids apart by incarnation; requests carry the server's. */
function modelAnswer(model: Model, request: ModelRequest, uids: Map<string, string>): ModelAnswer {
  if (!('body' in request)) return ask(model, request)
  const body = defined(request.body)
  const holder = request.verb === 'delete' ? body.preconditions : body.metadata
  if (holder?.uid !== undefined) holder.uid = uids.get(holder.uid) ?? holder.uid
  return ask(model, { ...request, body })
}
