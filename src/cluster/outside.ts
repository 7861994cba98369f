/** What user code outside a reconcile is answered when it asks for the time or for chance: nothing, or always the same. */
import type { Outside } from '#controller/host.ts'
import { NondeterminismFound } from './nondeterminism.ts'
import { ScenarioError } from './scenario-error.ts'
import { type Cluster, type ControllerEntry, START_MS } from './tables.ts'

/** For functions of the scenario, which are asked in any order and any number of times about states without a time. */
export function refused(what: string): Outside {
  const refuse = (source: string, site: string | undefined): never => {
    throw new ScenarioError(
      `${what} ${source}${place(site)}. It is asked in any order and any number of times, and its answer is taken for one of the state alone: decide by what is in the state, as times in objects are.`,
    )
  }
  return {
    nowMs: (site) => refuse('reads the clock', site),
    randomNumber: (site) => refuse('uses random numbers', site),
  }
}

/**
 * For predicates and mapping functions. They are a controller's own code, which may well look at the clock (and write a
 * line to a log): they get the instant of the start, whatever time it is, and the report says so. Chance that is not
 * declared is a finding, as it is in a reconcile.
 */
export function ofController({ counters }: Cluster, { definition }: ControllerEntry): Outside {
  const { name, allowRandom } = definition
  return {
    nowMs(site) {
      counters.lints.set(
        `clock-outside-reconcile:${name}`,
        `A predicate or mapping function of ${name} reads the clock${place(site)}. It always gets the instant of the start, so what it decides at later times is not searched: let the reconcile read the clock.`,
      )
      return START_MS
    },
    randomNumber(site) {
      if (allowRandom === true) return 0.5
      throw new NondeterminismFound(
        name,
        `a predicate or mapping function of ${name} uses random numbers${place(site)}: whom an event wakes is chance. Decide by the object; random numbers that are meant are declared with allowRandom: true in defineController.`,
        site,
      )
    },
  }
}

function place(site: string | undefined): string {
  return site === undefined ? '' : ` at ${site}`
}
