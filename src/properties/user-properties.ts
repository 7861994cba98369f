/**
 * The user's `always`, `sometimes`, `eventually` and `leadsTo`. `always` is checked in every state; the others need the
 * whole level: `sometimes` is violated when an exhaustive level never shows it, `eventually` at a rest, or in a fair
 * cycle, before which it never was true, `leadsTo` where it is still promised there.
 */
import { at } from '#checker/growable.ts'
import { fairCycles } from '#checker/liveness.ts'
import { LONG_TIMER, UNFAIR } from '#checker/model.ts'
import { clusterReader } from '#cluster/cluster-reader.ts'
import { enabledClasses } from '#cluster/entry-state.ts'
import type { Level } from '#cluster/level.ts'
import { refused } from '#cluster/outside.ts'
import type { Scenario, UserProperty } from '#cluster/scenario.ts'
import { ScenarioError } from '#cluster/scenario-error.ts'
import { type Cluster, MONITOR } from '#cluster/tables.ts'
import type { World } from '#cluster/world.ts'
import { entryWithFewestFaults } from './outcomes.ts'
import { isOpen, PROMISES_MAX, promiseBits, promisesOf } from './promises.ts'
import { createTruthCache, remember } from './truth-cache.ts'
import type { Violation } from './violation.ts'

/** Watches the states of one level. */
export interface PropertyWatch {
  /** What a state remembers of promises: part of what a state is. */
  readonly monitor: ((world: World, state: Int32Array) => number) | undefined
  /** Checks `always` and `sometimes` in a state. */
  visit(world: World, state: number, entry: number): void
  anyBroken(): boolean
  /** The search starts again: what was seen does not count. */
  reset(): void
  /** What the level violates. */
  violations(level: Level): Promise<readonly Violation[]>
}

export function watchProperties(cluster: Cluster, scenario: Scenario): PropertyWatch {
  const properties = scenario.properties ?? []
  const always = properties.filter(({ type }) => type === 'always')
  const sometimes = properties.filter(({ type }) => type === 'sometimes')
  const promises = promisesOf(properties)
  if (promises.length > PROMISES_MAX)
    throw new ScenarioError(`a scenario may have at most ${PROMISES_MAX} properties of type eventually and leadsTo.`)
  const broken = new Map<UserProperty, number>()
  const shown = new Set<UserProperty>()
  const bits: number[] = []
  const cache = createTruthCache()
  const isTrue = (property: UserProperty, state: Int32Array, asked: UserProperty['holds'] = property.holds): boolean =>
    remember(cache, { cluster, state }, asked, () => holds(cluster, property, state, asked))
  return {
    monitor:
      promises.length === 0
        ? undefined
        : (_, state) =>
            promiseBits(promises, (property, ask) => isTrue(property, state, ask), state[MONITOR] as number),
    visit(world, state, entry) {
      for (const property of always)
        if (!broken.has(property) && !isTrue(property, world.state)) broken.set(property, entry)
      for (const property of sometimes) if (!shown.has(property) && isTrue(property, world.state)) shown.add(property)
      if (promises.length > 0) bits[state] = world.state[MONITOR] as number
    },
    anyBroken: () => broken.size > 0,
    reset() {
      broken.clear()
      shown.clear()
      bits.length = 0
    },
    async violations(level) {
      const found = [...broken].map(([property, entry]) => alwaysViolation(level, property, entry))
      if (level.graph.cuts.size === 0)
        for (const property of sometimes) if (!shown.has(property)) found.push(sometimesViolation(property))
      for (const [index, property] of promises.entries()) {
        const isBroken = (state: number): boolean => isOpen(property, index, bits[state] ?? 0)
        const violation = await promiseViolation(level, property, isBroken)
        if (violation !== undefined) found.push(violation)
      }
      return found
    },
  }
}

function holds(cluster: Cluster, property: UserProperty, state: Int32Array, asked: UserProperty['holds']): boolean {
  const name = `the property "${property.name}"`
  if (typeof asked !== 'function' || (property.type === 'leadsTo' && typeof property.from !== 'function')) {
    throw new ScenarioError(`${name} has no function. Write ${property.type}(name, (cluster) => …).`)
  }
  let value: unknown
  try {
    const ask = (): unknown => asked(clusterReader(cluster, state))
    value = cluster.host.guard === undefined ? ask() : cluster.host.guard(name, ask, refused('it'))
  } catch (error) {
    if (error instanceof ScenarioError) throw new ScenarioError(`${name}: ${error.message}`)
    const reason = error instanceof Error ? error.message : String(error)
    throw new ScenarioError(
      `${name} threw: ${reason}. It is asked in every state, also where objects are missing: write cluster.get(…)?.spec.`,
      { cause: error },
    )
  }
  // A promise would count as true in every state.
  if (typeof (value as { readonly then?: unknown } | null | undefined)?.then === 'function') {
    throw new ScenarioError(
      `${name} returned a promise. The cluster is read without waiting: leave async and await out.`,
    )
  }
  return Boolean(value)
}

function alwaysViolation(level: Level, property: UserProperty, entry: number): Violation {
  return {
    oracle: 'always',
    property: property.name,
    key: `always ${property.name}`,
    place: { type: 'path', entry: entryWithFewestFaults(level, at(level.graph.entryState, entry)) },
    message: () => `"${property.name}" is not true here.`,
    objects: [],
    controllers: [],
  }
}

function sometimesViolation(property: UserProperty): Violation {
  return {
    oracle: 'sometimes',
    property: property.name,
    key: `sometimes ${property.name}`,
    place: { type: 'nowhere' },
    message: () => `"${property.name}" is true in no state that can be reached.`,
    objects: [],
    controllers: [],
  }
}

async function promiseViolation(
  level: Level,
  property: UserProperty,
  isBroken: (state: number) => boolean,
): Promise<Violation | undefined> {
  const { name, type } = property
  const base = { oracle: type, property: name, key: `${type} ${name}`, objects: [], controllers: [] }
  const missed = type === 'leadsTo' ? `"${name}" was promised and does not come.` : `"${name}" never was true.`
  const rest = level.rests.find(({ state }) => isBroken(state))
  if (rest !== undefined) {
    const entry = entryWithFewestFaults(level, rest.state)
    return { ...base, place: { type: 'path', entry }, message: () => `the cluster is at rest, and ${missed}` }
  }
  // Inside a cycle what was once true stays so, but a promise may be kept and made again: only states with it open count.
  const cycles = await fairCycles(level.graph, {
    keep: (flags) => (flags & (UNFAIR | LONG_TIMER)) === 0,
    marked: () => true,
    within: isBroken,
    enabledClasses: (state) => enabledClasses(level, state),
  })
  const cycle = cycles[0]
  if (cycle === undefined) return undefined
  const place = { type: 'lasso' as const, entry: at(level.graph.stateEntry, cycle.state), walk: cycle.walk }
  return { ...base, place, message: () => `a cycle goes on for ever, and ${missed}` }
}
