/** The oracles, on by default. To add one: a file beside this one, and its name here. */
import type { Scenario } from '#cluster/scenario.ts'
import { comesToRest } from './comes-to-rest.ts'
import { noErrorLoop } from './no-error-loop.ts'
import { nondeterministic } from './nondeterministic.ts'
import { restIsStable } from './rest-is-stable.ts'
import { sameOutcome } from './same-outcome.ts'
import type { Oracle } from './violation.ts'

const oracles: readonly Oracle[] = [nondeterministic, noErrorLoop, comesToRest, sameOutcome, restIsStable]

/** Those that the scenario does not switch off. */
export function oraclesOf(scenario: Scenario): readonly Oracle[] {
  return oracles.filter(({ name }) => scenario.oracles?.[name] !== false)
}
