/**
 * rest-is-stable: at rest, a restart of a process (its lists through predicates and mapping functions) would write.
 *
 * Why it is a bug: nothing in the cluster has changed, so the work was there to be done and nobody was told: a missing
 * watch, a predicate that drops too much, or a lost trigger. In production the next restart does it, at a bad time.
 * What it can miss: work that also a restart does not see.
 * How to switch it off: `oracles: { 'rest-is-stable': false }`.
 */
import { isInterrupted } from '#cluster/interruption.ts'
import type { Level } from '#cluster/level.ts'
import { restartWrites } from '#cluster/restart-writes.ts'
import { isExcluded } from './exclusions.ts'
import { entryWithFewestFaults } from './outcomes.ts'
import type { Oracle, Violation } from './violation.ts'

export const restIsStable: Oracle = {
  name: 'rest-is-stable',
  async check(level: Level) {
    const violations = new Map<string, Violation>()
    for (const rest of level.rests) {
      if (await isInterrupted(level)) break
      const entry = entryWithFewestFaults(level, rest.state)
      for (const found of await restartWrites(level, rest.encoded)) {
        const controller = found.request.controller.definition.name
        const key = `rest-is-stable ${controller} ${found.operation} ${found.kind}`
        if (violations.has(key) || isExcluded(level.cluster.scenario, 'rest-is-stable', found.object)) continue
        violations.set(key, {
          oracle: 'rest-is-stable',
          key,
          place: { type: 'path', entry },
          message: () =>
            `the cluster is at rest, but if the process ${found.request.controller.process.name} were restarted, ${found.request.label} would ${found.operation} ${found.object}: it was never told that there is something to do.`,
          objects: [found.object],
          controllers: [controller],
        })
      }
    }
    return [...violations.values()]
  },
}
