import { describe, expect, test } from 'vitest'
import { defineController } from '#controller/define-controller.ts'
import { intern } from './interner.ts'
import { internMemory } from './memory-form.ts'
import { episodePartOf, inFlightPartOf } from './parts-on-demand.ts'
import { type Cluster, HOLDERS, requestOf, type Slot, TIME, VOLATILE } from './tables.ts'
import {
  afterWrites,
  app,
  appType,
  clusterOf,
  creation,
  deletion,
  fingerprintOf,
  initialState,
  mergePatch,
  slotOfApp,
  storeFingerprintOf,
} from './test-support.ts'
import { createNode } from './trie.ts'

const generate = creation(app('', { metadata: { namespace: 'default', generateName: 'part-' } }))

/** Whether two series of writes lead to one state. */
function meet(
  cluster: Cluster,
  left: Parameters<typeof afterWrites>[2],
  right: Parameters<typeof afterWrites>[2],
): boolean {
  const start = initialState(cluster)
  const states = [left, right].map((calls) => afterWrites(cluster, start, calls).state)
  const prints = states.map((state) => fingerprintOf(cluster, state))
  const storePrints = states.map((state) => storeFingerprintOf(cluster, state))
  expect(storePrints[0] === storePrints[1]).toBe(prints[0] === prints[1])
  return prints[0] === prints[1]
}

describe('the state form forgets', () => {
  test('resourceVersions and how often something changed', () => {
    const cluster = clusterOf([app('a', { spec: { x: 1 } }), app('b', { spec: { x: 1 } })])
    const [set2, set1] = [mergePatch('a', { spec: { x: 2 } }), mergePatch('a', { spec: { x: 1 } })]
    expect(meet(cluster, [], [set2, set1])).toBe(true)
    expect(meet(cluster, [], [set2])).toBe(false)
    const other = mergePatch('b', { spec: { x: 2 } })
    expect(meet(cluster, [set2, other], [other, set2])).toBe(true)
  })

  test('uids of objects deleted and created anew', () => {
    const cluster = clusterOf([app('a'), app('b')])
    expect(meet(cluster, [], [deletion('a'), creation(app('a'))])).toBe(true)
    expect(
      meet(
        cluster,
        [deletion('a'), creation(app('a'))],
        [deletion('a'), creation(app('a')), deletion('a'), creation(app('a'))],
      ),
    ).toBe(true)
    expect(meet(cluster, [deletion('a')], [deletion('a'), creation(app('a')), deletion('a')])).toBe(true)
  })

  test('the numbers of generated names that are gone', () => {
    const cluster = clusterOf([])
    const [first, second] = afterWrites(cluster, initialState(cluster), [generate, generate]).effects.map(
      ({ slot }) => cluster.slots[slot]?.name as string,
    ) as [string, string]
    expect(meet(cluster, [generate], [generate, deletion(first), generate])).toBe(true)
    expect(meet(cluster, [generate, generate], [generate, generate, deletion(first), generate])).toBe(true)
    expect(meet(cluster, [generate], [generate, generate])).toBe(false)
    // Which of two is changed: the older or the younger.
    const label = { metadata: { labels: { is: 'changed' } } }
    expect(
      meet(cluster, [generate, generate, mergePatch(first, label)], [generate, generate, mergePatch(second, label)]),
    ).toBe(false)
  })

  test('the moment at which something was created, but not the order', () => {
    const cluster = clusterOf([app('a')])
    const at = (timeMs: number, calls: Parameters<typeof afterWrites>[2], from = initialState(cluster)): Int32Array => {
      const later = from.slice()
      later[TIME] = timeMs
      later[VOLATILE] = 1
      return afterWrites(cluster, later, calls).state
    }
    const b = [creation(app('b'))]
    const c = [creation(app('c'))]
    expect(fingerprintOf(cluster, at(5000, b))).toBe(fingerprintOf(cluster, at(9000, b)))
    expect(fingerprintOf(cluster, at(5000, b))).not.toBe(fingerprintOf(cluster, at(0, b)))
    const inOrder = at(9000, c, at(5000, b))
    expect(fingerprintOf(cluster, inOrder)).toBe(fingerprintOf(cluster, at(7000, c, at(1000, b))))
    expect(fingerprintOf(cluster, inOrder)).not.toBe(fingerprintOf(cluster, at(9000, b, at(5000, c))))
  })
})

describe('the state form keeps', () => {
  test('the field that differs, and where', () => {
    const cluster = clusterOf([app('a'), app('b')])
    const label = { metadata: { labels: { is: 'changed' } } }
    expect(meet(cluster, [mergePatch('a', label)], [mergePatch('b', label)])).toBe(false)
  })

  test('whether a declared memory holds the live object or an earlier one of its name, and nothing else of it', () => {
    const remembering = defineController({
      name: 'remembering',
      for: appType,
      memory: { snapshot: () => null, restore: () => undefined },
      reconciler: () => ({ reconcile: async () => undefined }),
    })
    const cluster = clusterOf([app('a')], [remembering])
    const part = cluster.controllers.find(({ memoryPart }) => memoryPart !== 0)?.memoryPart as number
    const anew = [deletion('a'), creation(app('a'))]
    const start = initialState(cluster)
    const [, second, , third] = afterWrites(cluster, start, [...anew, ...anew]).effects
    const versions = [
      start[slotOfApp(cluster, 'a').part] as number,
      second?.version as number,
      third?.version as number,
    ]
    const uids = versions.map((version) => cluster.versions.byId[version]?.body.metadata.uid as string)
    const remember = (times: number, uid: number): string => {
      const calls = Array.from({ length: times }, () => anew).flat()
      const { state } = afterWrites(cluster, start, calls)
      const grown = new Int32Array(Math.max(state.length, part + 1))
      grown.set(state)
      grown[part] = internMemory(cluster, { a: uids[uid] as string })
      grown[VOLATILE] = 1
      return fingerprintOf(cluster, grown)
    }
    expect(remember(1, 1)).not.toBe(remember(1, 0))
    expect(remember(2, 1)).not.toBe(remember(1, 1))
    expect(remember(1, 1)).toBe(remember(0, 0))
    expect(remember(2, 2)).toBe(remember(1, 1))
    expect(remember(2, 1)).toBe(remember(1, 0))
    expect(remember(2, 0)).toBe(remember(1, 0))
  })

  test('whether a reference is to the live object or to an earlier one of its name', () => {
    const cluster = clusterOf([app('a'), app('b')])
    const { effects } = afterWrites(cluster, initialState(cluster), [deletion('a'), creation(app('a'))])
    const uids = [initialState(cluster)[slotOfApp(cluster, 'a').part] as number, effects[1]?.version as number].map(
      (version) => cluster.versions.byId[version]?.body.metadata.uid as string,
    )
    const [toFirst, toSecond] = uids.map((uid) => mergePatch('b', { spec: { of: uid } })) as [never, never]
    const anew = [deletion('a'), creation(app('a'))]
    expect(meet(cluster, [...anew, toFirst], [...anew, toSecond])).toBe(false)
    // The live one is the live one, whatever its number.
    expect(meet(cluster, [toFirst], [...anew, toSecond])).toBe(true)
    // While nothing has the name, both are references to one that is gone.
    expect(meet(cluster, [toFirst, deletion('a')], [...anew, toSecond, deletion('a')])).toBe(true)
  })

  test('whether observedGeneration is current', () => {
    const cluster = clusterOf([app('a', { spec: { x: 1 } })])
    const observe = (observedGeneration: number) => mergePatch('a', { status: { observedGeneration } }, 'status')
    const [set2, set1] = [mergePatch('a', { spec: { x: 2 } }), mergePatch('a', { spec: { x: 1 } })]
    expect(meet(cluster, [observe(1)], [set2, set1, observe(3)])).toBe(true)
    expect(meet(cluster, [set2, set1, observe(1)], [set2, set1, observe(3)])).toBe(false)
    expect(meet(cluster, [set2, set1, observe(1)], [set2, set1, observe(2)])).toBe(true)
  })
})

describe('what somebody holds', () => {
  const controller = defineController({ name: 'test', for: appType, reconciler: () => ({ reconcile: async () => {} }) })

  /** A reconcile in flight that was answered a version of the object at a revision. */
  function holding(cluster: Cluster, state: Int32Array, slot: Slot, revision: number): Int32Array {
    const version = state[slot.part] as number
    const request = requestOf(cluster, cluster.controllers[0] as never, 'default', 'a')
    const part = inFlightPartOf(cluster, request)
    const reply = { key: version * 4, objects: [slot.id, version, revision], form: 'object' as const }
    const inFlight = { node: createNode(false), replies: [reply], early: [], frozen: [], memory: 0 }
    const held = new Int32Array(cluster.partType.length)
    held.set(state)
    held[part] = intern(cluster.inFlights, `${version} ${revision}`, inFlight)
    held[HOLDERS] = 1
    return held
  }

  test('A, B and A again: who holds the first A is told from who holds the second', () => {
    const cluster = clusterOf([app('a', { spec: { x: 1 } })], [controller])
    const slot = slotOfApp(cluster, 'a')
    const start = initialState(cluster)
    const { state } = afterWrites(cluster, start, [
      mergePatch('a', { metadata: { labels: { x: '2' } } }),
      mergePatch('a', { metadata: { labels: null } }),
    ])
    expect(state[slot.part]).toBe(start[slot.part])
    const [first, second] = [start, state].map((at) => at[slot.part + 1] as number) as [number, number]
    const stale = fingerprintOf(cluster, holding(cluster, state, slot, first))
    const current = fingerprintOf(cluster, holding(cluster, state, slot, second))
    expect(stale).not.toBe(current)
    expect(fingerprintOf(cluster, holding(cluster, start, slot, first))).toBe(current)
    expect(fingerprintOf(cluster, state)).toBe(fingerprintOf(cluster, start))
  })

  test('an undelivered event counts by what it shows, not by its revision', () => {
    const cluster = clusterOf([app('a', { spec: { x: 1 } })], [controller])
    const slot = slotOfApp(cluster, 'a')
    const start = initialState(cluster)
    const lagging = (rounds: number): Int32Array => {
      const flips = Array.from({ length: rounds }, () => [
        mergePatch('a', { metadata: { labels: { x: '2' } } }),
        mergePatch('a', { metadata: { labels: null } }),
      ]).flat()
      const before = afterWrites(cluster, start, flips).state
      const after = afterWrites(cluster, before, [mergePatch('a', { metadata: { labels: { x: '3' } } })]).state
      const part = episodePartOf(cluster, cluster.processes[0] as never, slot.kind)
      const event = {
        slot: slot.id,
        before: before[slot.part] as number,
        beforeRevision: before[slot.part + 1] as number,
        after: after[slot.part] as number,
        afterRevision: after[slot.part + 1] as number,
        own: 0,
      }
      const state = new Int32Array(cluster.partType.length)
      state.set(after)
      state[part] = intern(cluster.episodes, JSON.stringify(event), { events: [event], broken: false })
      state[HOLDERS] = 1
      return state
    }
    expect(fingerprintOf(cluster, lagging(0))).toBe(fingerprintOf(cluster, lagging(2)))
    expect(fingerprintOf(cluster, lagging(0))).not.toBe(
      fingerprintOf(
        cluster,
        afterWrites(cluster, start, [mergePatch('a', { metadata: { labels: { x: '3' } } })]).state,
      ),
    )
  })
})
