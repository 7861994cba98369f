/** The oracles, on by default but for those that are asked for. To add one: a file beside this one, and its name here. */
import type { Scenario } from '#cluster/scenario.ts'
import type { TransitionJudge } from '#cluster/transition-judge.ts'
import { comesToRest } from './comes-to-rest.ts'
import { historyIndependent } from './history-independent.ts'
import { noChurn } from './no-churn.ts'
import { noCreateForDeadOwner } from './no-create-for-dead-owner.ts'
import { noDeleteOnStaleEvidence } from './no-delete-on-stale-evidence.ts'
import { noErrorLoop } from './no-error-loop.ts'
import { noLeak } from './no-leak.ts'
import { noLostUpdate } from './no-lost-update.ts'
import { nondeterministic } from './nondeterministic.ts'
import { restIsStable } from './rest-is-stable.ts'
import { sameOutcome } from './same-outcome.ts'
import type { Oracle } from './violation.ts'

const oracles: readonly Oracle[] = [
  nondeterministic,
  noErrorLoop,
  comesToRest,
  noDeleteOnStaleEvidence,
  noCreateForDeadOwner,
  noLeak,
  noLostUpdate,
  noChurn,
  sameOutcome,
  historyIndependent,
  restIsStable,
]

/** Those that the scenario does not switch off, or asks for. */
export function oraclesOf(scenario: Scenario): readonly Oracle[] {
  return oracles.filter(({ name, isAskedFor }) => {
    const setting = scenario.oracles?.[name]
    return isAskedFor === true ? setting !== undefined && setting !== false : setting !== false
  })
}

/** Of these, what they look for in single transitions: the search has to be given it. */
export function judgesOf(scenario: Scenario): readonly TransitionJudge[] {
  return oraclesOf(scenario).flatMap(({ judge }) => (judge === undefined ? [] : [judge]))
}

/** What an oracle looks for in single transitions, by its name. */
export function judgeOf(oracle: string): TransitionJudge | undefined {
  return oracles.find(({ name }) => name === oracle)?.judge
}
