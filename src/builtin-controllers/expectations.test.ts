import { beforeEach, describe, expect, test } from 'vitest'
import { controllerReferenceTo } from '#api/owner-reference.ts'
import type { Reader } from '#controller/client.ts'
import { Expectations } from './expectations.ts'
import type { Pod, StoredObject } from './kinds.ts'

const request = { namespace: 'default', name: 'web' }
const minuteMs = 60 * 1000

/** What the API server has, by name, and what time it is. */
let stored: Readonly<Record<string, Pod>> = {}
let nowMs = 0
let clockReadings = 0
let expectations: Expectations

const apiReader = {
  tryGet: async (_type: unknown, { name }: { readonly name: string }) => stored[name],
} as unknown as Reader

const clock = {
  now: () => {
    clockReadings++
    return new Date(nowMs)
  },
}

const web = { apiVersion: 'apps/v1', kind: 'ReplicaSet', metadata: { ...request, uid: 'uid of web' } } as StoredObject

function pod(name: string, metadata: object = {}): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, uid: `uid of ${name}`, ownerReferences: [controllerReferenceTo(web)], ...metadata },
    spec: {},
  } as Pod
}

beforeEach(() => {
  stored = {}
  nowMs = 0
  clockReadings = 0
  expectations = new Expectations({ apiReader, clock })
})

test('nothing expected is fulfilled, without a look at the clock', async () => {
  expect(await expectations.areFulfilled(request, [], web)).toBe(true)
  expect(clockReadings).toBe(0)
})

describe('a created pod', () => {
  beforeEach(() => {
    stored = { a: pod('a') }
    expectations.expect(request, [pod('a')], [])
  })

  test('is waited for until the cache shows it', async () => {
    expect(await expectations.areFulfilled(request, [], web)).toBe(false)
    expect(await expectations.areFulfilled(request, [pod('a')], web)).toBe(true)
  })

  test('that the API server no longer has is waited for no more', async () => {
    stored = {}
    expect(await expectations.areFulfilled(request, [], web)).toBe(true)
  })

  test('is waited for no more when it belongs to somebody else', async () => {
    stored = { a: pod('a', { ownerReferences: [] }) }
    expect(await expectations.areFulfilled(request, [], web)).toBe(true)
  })

  test('is not mistaken for its namesake', async () => {
    stored = { a: pod('a', { uid: 'another' }) }
    expect(await expectations.areFulfilled(request, [], web)).toBe(true)
  })

  // https://github.com/kubernetes/kubernetes/blob/master/pkg/controller/controller_utils.go (ExpectationsTimeout)
  test('is waited for five minutes', async () => {
    expect(await expectations.areFulfilled(request, [], web)).toBe(false)
    nowMs = 4 * minuteMs
    expect(await expectations.areFulfilled(request, [], web)).toBe(false)
    nowMs = 5 * minuteMs
    expect(await expectations.areFulfilled(request, [], web)).toBe(true)
  })

  test('holds back no other request', async () => {
    expect(await expectations.areFulfilled({ ...request, name: 'api' }, [], web)).toBe(true)
  })

  test('is remembered by a restored memory', async () => {
    const restored = new Expectations({ apiReader, clock })
    restored.restore(expectations.snapshot())
    expect(await restored.areFulfilled(request, [], web)).toBe(false)
  })
})

test('a deleted pod is waited for until the cache shows it terminating or gone', async () => {
  expectations.expect(request, [], [pod('a')])
  expect(await expectations.areFulfilled(request, [pod('a')], web)).toBe(false)
  expect(await expectations.areFulfilled(request, [pod('a', { deletionTimestamp: '2024-01-01T00:00:00Z' })], web)).toBe(
    true,
  )
  expectations.expect(request, [], [pod('a')])
  expect(await expectations.areFulfilled(request, [], web)).toBe(true)
})

test('what is forgotten leaves no trace in the memory', () => {
  expectations.expect(request, [pod('a')], [])
  expectations.forget(request)
  expect(expectations.snapshot()).toEqual({})
})
