/**
 * comes-to-rest: a fair cycle that writes and takes no timer of a second or more (a fight or a hot loop); or a quiet
 * cluster in which a user action waits for ever.
 *
 * Why it is a bug: the API server is written to for as long as the program runs, and the state never settles. Back-off
 * is no excuse: the same writes come again, only later.
 * What it can miss: cycles longer than the bounds; growth without repetition (a counter that rises for ever makes the
 * search run into its limits instead). A cycle through a timer of a second or more is only the lint `periodic`.
 * How to switch it off: `oracles: { 'comes-to-rest': false }`.
 */
import { at } from '#checker/growable.ts'
import { type FairCycle, fairCycles } from '#checker/liveness.ts'
import { LONG_TIMER, UNFAIR, WROTE } from '#checker/model.ts'
import { FLAGS_MASK, fairClassOfLabel } from '#checker/recorded-graph.ts'
import { enabledClasses } from '#cluster/entry-state.ts'
import { requestOfClass } from '#cluster/fair-class.ts'
import type { Level } from '#cluster/level.ts'
import type { PathRecord, PathStep } from '#trace/path.ts'
import { changedFields } from './changed-fields.ts'
import type { Oracle, Violation } from './violation.ts'

export const comesToRest: Oracle = {
  name: 'comes-to-rest',
  async check(level) {
    const cycles = await fairCycles(level.graph, {
      keep: (flags) => (flags & (UNFAIR | LONG_TIMER)) === 0,
      marked: (flags) => (flags & WROTE) !== 0,
      enabledClasses: (state) => enabledClasses(level, state),
    })
    return [...cycles.map((cycle) => cycleViolation(level, cycle)), ...stuckViolations(level)]
  },
}

/** Cycles that write through a timer of a second or more: not violations, but worth knowing. */
export async function periodicCycles(level: Level): Promise<readonly FairCycle[]> {
  const cycles = await fairCycles(level.graph, {
    keep: (flags) => (flags & UNFAIR) === 0,
    marked: (flags) => (flags & WROTE) !== 0,
    enabledClasses: (state) => enabledClasses(level, state),
  })
  return cycles.filter(({ walk }) => walk.some(({ label }) => (label & FLAGS_MASK & LONG_TIMER) !== 0))
}

function cycleViolation(level: Level, cycle: FairCycle): Violation {
  const classes = [
    ...new Set(cycle.walk.filter(({ label }) => (label & WROTE) !== 0).map(({ label }) => fairClassOfLabel(label))),
  ].sort((a, b) => a - b)
  const writers = [
    ...new Set(classes.map((fairClass) => requestOfClass(level.cluster, fairClass)?.controller.definition.name ?? '')),
  ].sort()
  return {
    oracle: 'comes-to-rest',
    key: `comes-to-rest ${writers.join(',')}`,
    place: { type: 'lasso', entry: at(level.graph.stateEntry, cycle.state), walk: cycle.walk },
    message: (path) => cycleMessage(path, writers),
    objects: [],
    controllers: writers,
  }
}

/** Names the writers, the fields and the period of the cycle at the end of a lasso's path. */
function cycleMessage(path: PathRecord, writers: readonly string[]): string {
  const cycle = path.steps.slice(path.cycleStart ?? 0)
  const writes = cycle.flatMap((step) =>
    step.writes.filter((write) => write.outcome === 'committed').map((write) => ({ step, write })),
  )
  const fields = new Map<string, Set<string>>()
  for (const { step, write } of writes) {
    for (const field of changedFields(write.before, write.after)) {
      const name = `${write.object} ${field}`
      const by = fields.get(name) ?? new Set()
      by.add(writerOf(step))
      fields.set(name, by)
    }
  }
  const shown = [...fields].slice(0, 3).map(([field, by]) => `${field} (by ${[...by].join(' and ')})`)
  const kind =
    writers.length > 1
      ? `a fight: ${writers.join(' and ')} write for ever`
      : `a hot loop: ${writers[0] ?? 'a controller'} writes for ever`
  return `${kind}, ${writes.length} write${writes.length === 1 ? '' : 's'} in a period of ${cycle.length} step${cycle.length === 1 ? '' : 's'}${shown.length > 0 ? `: ${shown.join(', ')}` : ''}.`
}

function writerOf(step: PathStep): string {
  return step.controller ?? 'the user'
}

function stuckViolations(level: Level): readonly Violation[] {
  const violations = new Map<string, Violation>()
  for (const { entry, prepared, why } of level.stuck) {
    const key = `comes-to-rest waits ${prepared.title} ${why}`
    if (violations.has(key)) continue
    violations.set(key, {
      oracle: 'comes-to-rest',
      key,
      place: { type: 'path', entry },
      message: () => `the cluster is quiet and the user's ${prepared.title} waits for ever: ${why}.`,
      objects: [
        `${prepared.slot.kind.resource.kind} ${prepared.slot.namespace === '' ? '' : `${prepared.slot.namespace}/`}${prepared.slot.name}`,
      ],
      controllers: [],
    })
  }
  return [...violations.values()]
}
