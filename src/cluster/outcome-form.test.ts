import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { KubernetesObject } from '#api/object.ts'
import { outcomeObjects } from './outcome-form.ts'
import type { OutcomeExclusion } from './scenario.ts'
import { type Cluster, TIME, VOLATILE } from './tables.ts'
import {
  afterWrites,
  app,
  appType,
  clusterOf,
  creation,
  deletion,
  initialState,
  mergePatch,
  slotOfApp,
} from './test-support.ts'
import { versionOf } from './versions.ts'

type Calls = Parameters<typeof afterWrites>[2]

function outcomeAfter(cluster: Cluster, calls: Calls, exclusions: readonly OutcomeExclusion[] = []): string {
  return JSON.stringify(outcomeObjects(cluster, afterWrites(cluster, initialState(cluster), calls).state, exclusions))
}

const status = (name: string, fields: object) => mergePatch(name, { status: fields }, 'status')

describe('the outcome form forgets', () => {
  test('the values of timestamps, but not that they are there', () => {
    const cluster = clusterOf([app('a')])
    const at = (time: string) => outcomeAfter(cluster, [status('a', { since: time })])
    expect(at('2025-01-01T00:00:00Z')).toBe(at('2025-06-01T12:30:00Z'))
    expect(at('2025-01-01T00:00:00Z')).not.toBe(outcomeAfter(cluster, []))
    expect(at('2025-01-01')).not.toBe(at('2025-01-02'))
  })

  test('when objects were created', () => {
    const cluster = clusterOf([])
    const later = initialState(cluster).slice()
    later[TIME] = 60_000
    later[VOLATILE] = 1
    const objects = outcomeObjects(cluster, afterWrites(cluster, later, [creation(app('a'))]).state, [])
    expect(JSON.stringify(objects)).toBe(outcomeAfter(cluster, [creation(app('a'))]))
  })

  test('uids and generations', () => {
    const cluster = clusterOf([app('a', { spec: { x: 1 } })])
    const again = [deletion('a'), creation(app('a', { spec: { x: 2 } })), mergePatch('a', { spec: { x: 1 } })]
    expect(outcomeAfter(cluster, again)).toBe(outcomeAfter(cluster, []))
  })

  test('observedGeneration, but not whether it is current', () => {
    const cluster = clusterOf([app('a', { spec: { x: 1 } })])
    const flips = [mergePatch('a', { spec: { x: 2 } }), mergePatch('a', { spec: { x: 1 } })]
    const observe = (observedGeneration: number) => status('a', { observedGeneration })
    expect(outcomeAfter(cluster, [...flips, observe(3)])).toBe(outcomeAfter(cluster, [observe(1)]))
    expect(outcomeAfter(cluster, [...flips, observe(2)])).toBe(outcomeAfter(cluster, [...flips, observe(1)]))
    expect(outcomeAfter(cluster, [...flips, observe(3)])).not.toBe(outcomeAfter(cluster, [...flips, observe(1)]))
  })

  test('the order of conditions, and of nothing else', () => {
    const cluster = clusterOf([app('a')])
    const [ready, healthy] = [{ type: 'Ready' }, { type: 'Healthy' }]
    const withList = (field: string, list: readonly object[]) => outcomeAfter(cluster, [status('a', { [field]: list })])
    expect(withList('conditions', [ready, healthy])).toBe(withList('conditions', [healthy, ready]))
    expect(withList('steps', [ready, healthy])).not.toBe(withList('steps', [healthy, ready]))
  })

  test('which incarnation an owner reference is to, but not whether it is the live one', () => {
    const cluster = clusterOf([app('a'), app('b')])
    const start = initialState(cluster)
    const { effects } = afterWrites(cluster, start, [deletion('a'), creation(app('a'))])
    const [first, second] = [start[slotOfApp(cluster, 'a').part] as number, effects[1]?.version as number].map(
      (version) => {
        const uid = versionOf(cluster.versions, version).body.metadata.uid as string
        return mergePatch('b', { metadata: { ownerReferences: [{ ...appType, name: 'a', uid }] } })
      },
    ) as [Calls[0], Calls[0]]
    const anew = [deletion('a'), creation(app('a'))]
    expect(outcomeAfter(cluster, [...anew, second])).toBe(outcomeAfter(cluster, [first]))
    expect(outcomeAfter(cluster, [...anew, first])).not.toBe(outcomeAfter(cluster, [...anew, second]))
  })

  test('what the scenario leaves out, a kind or a field', () => {
    const cluster = clusterOf([app('a')])
    const reason = 'a test'
    const field = [{ ...appType, path: 'status.polls', reason }]
    expect(outcomeAfter(cluster, [status('a', { polls: 3 })], field)).toBe(
      outcomeAfter(cluster, [status('a', { polls: 4 })], field),
    )
    expect(outcomeAfter(cluster, [status('a', { polls: 3, x: 1 })], field)).not.toBe(
      outcomeAfter(cluster, [status('a', { polls: 3, x: 2 })], field),
    )
    const anyField = [{ ...appType, path: 'status.*.seen', reason }]
    expect(outcomeAfter(cluster, [status('a', { left: { seen: 1 } })], anyField)).toBe(
      outcomeAfter(cluster, [status('a', { left: { seen: 2 } })], anyField),
    )
    const kind = [{ ...appType, reason }]
    expect(outcomeAfter(cluster, [creation(app('b'))], kind)).toBe(outcomeAfter(cluster, [], kind))
  })
})

describe('generated names', () => {
  const generate = (spec: object): Calls[0] =>
    creation({ ...app(''), metadata: { namespace: 'default', generateName: 'part-' }, spec } as KubernetesObject)

  /** The first `count` names that the prefix gives. */
  function namesOf(cluster: Cluster, count: number): string[] {
    const calls = Array.from({ length: count }, () => generate({}))
    return afterWrites(cluster, initialState(cluster), calls).effects.map(
      ({ slot }) => cluster.slots[slot]?.name as string,
    )
  }

  test('do not say who came first', () => {
    const cluster = clusterOf([])
    expect(outcomeAfter(cluster, [generate({ x: 1 }), generate({ x: 2 })])).toBe(
      outcomeAfter(cluster, [generate({ x: 2 }), generate({ x: 1 })]),
    )
    expect(outcomeAfter(cluster, [generate({ x: 1 }), generate({ x: 2 })])).not.toBe(
      outcomeAfter(cluster, [generate({ x: 1 }), generate({ x: 1 })]),
    )
  })

  test('are renamed in keys and inside of text too', () => {
    const cluster = clusterOf([app('a')])
    const [first, second] = namesOf(cluster, 2) as [string, string]
    const mention = (name: string) => status('a', { [name]: `http://${name}.default.svc:80` })
    const both = [generate({ x: 1 }), generate({ x: 2 })]
    const swapped = [generate({ x: 2 }), generate({ x: 1 })]
    expect(outcomeAfter(cluster, [...both, mention(first)])).toBe(outcomeAfter(cluster, [...swapped, mention(second)]))
    expect(outcomeAfter(cluster, [...both, mention(first)])).not.toBe(
      outcomeAfter(cluster, [...swapped, mention(first)]),
    )
  })

  test('of objects that are gone but mentioned are renamed as well', () => {
    const cluster = clusterOf([app('a')])
    const [first, second] = namesOf(cluster, 2) as [string, string]
    const mention = (name: string) => status('a', { last: name })
    const left = [generate({}), mention(first), deletion(first)]
    const right = [generate({}), generate({}), mention(second), deletion(first), deletion(second)]
    expect(outcomeAfter(cluster, left)).toBe(outcomeAfter(cluster, right))
  })

  test('keep the shape of who points at whom: outcomes are one when a renaming makes them so, and only then', () => {
    // Up to four parts that look the same, each pointing at one of them: equal when the functions are conjugate.
    const anyTargets = fc.integer({ min: 2, max: 4 }).chain((size) => {
      const anyTarget = fc.nat({ max: size - 1 })
      const targets = fc.array(anyTarget, { minLength: size, maxLength: size })
      return fc.tuple(
        targets,
        targets,
        fc.shuffledSubarray([...Array(size).keys()], { minLength: size, maxLength: size }),
      )
    })
    const cluster = clusterOf([])
    const names = namesOf(cluster, 4)
    const outcomeOf = (targets: readonly number[]): string => {
      const creations = targets.map(() => generate({}))
      const pointers = targets.map((target, index) =>
        mergePatch(names[index] as string, { spec: { to: names[target] } }),
      )
      return outcomeAfter(cluster, [...creations, ...pointers])
    }
    fc.assert(
      fc.property(anyTargets, ([left, right, order]) => {
        const renamed: number[] = []
        left.forEach((target, index) => {
          renamed[order[index] as number] = order[target] as number
        })
        expect(outcomeOf(renamed)).toBe(outcomeOf(left))
        expect(outcomeOf(left) === outcomeOf(right)).toBe(areConjugate(left, right))
      }),
      { numRuns: 200, seed: 5 },
    )
  })
})

/** Whether some permutation turns one function into the other, by trying all. */
function areConjugate(left: readonly number[], right: readonly number[]): boolean {
  return permutations(left.length).some((order) =>
    left.every((target, index) => right[order[index] as number] === order[target]),
  )
}

function permutations(size: number): number[][] {
  if (size === 0) return [[]]
  return permutations(size - 1).flatMap((rest) =>
    Array.from({ length: size }, (_, place) => [...rest.slice(0, place), size - 1, ...rest.slice(place)]),
  )
}
