import { expect, test } from 'vitest'
import { finalizer, trivial } from './fixed-systems.ts'
import { copyState, initialState, type State, viewOfKind } from './state.ts'
import { stateKey } from './state-key.ts'
import type { ObjectVersion } from './store.ts'
import type { UserActionDescription } from './system.ts'
import { isAllowed } from './user.ts'

const key = 'Foo/foo'

function stored(state: State): ObjectVersion {
  const object = state.store.objects[key]
  if (object === undefined) throw new Error(`no ${key}`)
  return object
}

/** The same content as a newer version. */
function rewritten(state: State): State {
  const next = copyState(state)
  const resourceVersion = state.store.counter + 1
  next.store = { objects: { [key]: { ...stored(state), resourceVersion } }, counter: resourceVersion }
  return next
}

function withReader(state: State, held: ObjectVersion): State {
  const next = copyState(state)
  next.inFlight['foo'] = { request: 'foo', view: { Foo: [held] }, unseen: [], replies: [{ object: held }], truths: [] }
  return next
}

test('a state forgets resource versions that nobody compares', () => {
  const state = initialState(trivial)
  expect(stateKey(rewritten(state))).toBe(stateKey(state))
})

test('a state remembers that a reconcile in flight holds an older version of equal content', () => {
  const state = initialState(trivial)
  const current = withReader(state, stored(state))
  const outdated = withReader(rewritten(state), stored(state))
  expect(stateKey(outdated)).not.toBe(stateKey(current))
  const longOutdated = withReader(rewritten(rewritten(state)), stored(state))
  expect(stateKey(longOutdated)).toBe(stateKey(outdated))
})

test('a state numbers incarnations among those that are still referenced', () => {
  const state = initialState(trivial)
  const again = copyState(state)
  again.store = { objects: { [key]: { ...stored(state), uid: 9, resourceVersion: 9 } }, counter: 9 }
  expect(stateKey(again)).toBe(stateKey(state))
  const dead = withReader(again, stored(state))
  const alive = withReader(again, { ...stored(again), resourceVersion: 8 })
  expect(stateKey(dead)).not.toBe(stateKey(alive))
})

test('after a deletion the user waits until the object is gone', () => {
  const state = initialState(finalizer)
  const script = [finalizer.script?.[0], finalizer.script?.[0]] as UserActionDescription[]
  const system = { ...finalizer, script }
  const terminating = { ...(state.store.objects['A/a'] as ObjectVersion), terminating: true }
  const waiting = { ...copyState(state), position: 1, store: { objects: { 'A/a': terminating }, counter: 9 } }
  expect(isAllowed(system, { ...waiting, position: 0 }, script[0]!)).toBe(true)
  expect(isAllowed(system, waiting, script[1]!)).toBe(false)
  expect(isAllowed(system, { ...waiting, store: { objects: {}, counter: 9 } }, script[1]!)).toBe(true)
})

test('a view is the truth before the oldest undelivered change of each object', () => {
  const state = initialState(trivial)
  const first = stored(state)
  const second = { ...first, resourceVersion: 2 }
  const other = { ...first, name: 'other', uid: 4, resourceVersion: 4 }
  const lagging = copyState(state)
  const change = { kind: 'Foo', name: 'foo' }
  lagging.store = { objects: { 'Foo/other': other }, counter: 4 }
  lagging.episodes['operator'] = {
    Foo: {
      type: 'late',
      undelivered: [
        { ...change, before: first, after: second },
        { ...change, before: second, after: undefined },
        { kind: 'Foo', name: 'other', before: undefined, after: other },
      ],
    },
  }
  expect(viewOfKind(lagging, 'operator', 'Foo')).toEqual([first])
  expect(viewOfKind(lagging, 'somebody-else', 'Foo')).toEqual([other])
})
