/**
 * history-independent: after the user's whole script the cluster rests in a state that a start from the final spec alone
 * does not reach.
 *
 * Why it is a bug: disaster recovery, GitOps and new clusters start from the final spec, and get something else than what
 * runs today; a user who asks for the same thing gets it or not by what was asked before.
 * What it can miss: runs in which the environment acted by itself (its events, timers passed by `slow`) are not judged,
 * since nothing of the kind happens to the fresh start; nor what outcomes leave out. The fresh start may reach several
 * outcomes, and each of them is accepted.
 * How to switch it on: `oracles: { 'history-independent': true }`, or `{ exclude: ['Kind ns/name', 'Kind'] }` for what is
 * meant to survive (data, allocated addresses). It is off where nothing is said.
 */
import { type FreshStart, type FreshStartLimits, freshStart } from '#cluster/fresh-start.ts'
import { INTERRUPTED } from '#cluster/interruption.ts'
import type { Level } from '#cluster/level.ts'
import type { OutcomeObject } from '#cluster/outcome-form.ts'
import type { Scenario } from '#cluster/scenario.ts'
import type { FieldDifference } from '#trace/report.ts'
import { isExcluded } from './exclusions.ts'
import { differencesBetween } from './outcome-differences.ts'
import { objectsOf, outcomesOf } from './outcomes.ts'
import type { Oracle, Violation } from './violation.ts'

export const HISTORY_ORACLE = 'history-independent'

const STATES_MIN = 20_000
const STATES_FACTOR = 4

export const historyIndependent: Oracle = {
  name: HISTORY_ORACLE,
  isAskedFor: true,
  async check(level) {
    const { cluster, rules, graph } = level
    const outcomes = outcomesOf(level).filter(({ history }) => isOfUserAlone(level, history))
    if (outcomes.length === 0) return []
    const fresh = await freshStart(cluster, rules, limitsLike(level))
    const violations = new Map<string, Violation>()
    for (const outcome of outcomes) {
      const differences = differencesFromFresh(cluster.scenario, fresh, objectsOf(outcome))
      if (differences.length === 0) continue
      if (fresh.cuts.size > 0) {
        // It may be among those that were not reached: then nothing is said to hold.
        for (const cut of fresh.cuts) graph.cuts.add(`${cut} (start from the final spec)`)
        break
      }
      const key = `${HISTORY_ORACLE} ${differences.map(({ object, path }) => `${object} ${path}`).join(';')}`
      if (violations.has(key)) continue
      violations.set(key, {
        oracle: HISTORY_ORACLE,
        key,
        place: { type: 'path', entry: outcome.entry },
        message: () => `the cluster rests otherwise than a start from the final spec alone: ${summary(differences)}`,
        objects: [...new Set(differences.map(({ object }) => object))],
        controllers: [],
      })
    }
    return [...violations.values()]
  },
}

/**
 * The time that a level may take is over when it is judged, and what it found is still to be compared: so it is states
 * that end the fresh start, in proportion to those of the level, and somebody who waits for the report.
 */
function limitsLike({ options, graph }: Level): FreshStartLimits {
  const { stop, progress, statesMax = Number.POSITIVE_INFINITY } = options
  return {
    statesMax: Math.min(statesMax, Math.max(STATES_MIN, STATES_FACTOR * graph.visited.size)),
    stop: () => (stop?.() === INTERRUPTED ? INTERRUPTED : undefined),
    ...(progress === undefined ? {} : { progress }),
  }
}

/** The whole script has happened, and nothing else. */
function isOfUserAlone({ cluster }: Level, history: string): boolean {
  const whole = `user ${cluster.actions.length}`
  return history === whole || history === `${whole}, within the time horizon`
}

/**
 * How a store at rest differs from the outcome of a fresh start that is nearest to it; empty when it is one of them, or
 * when no fresh start comes to rest, so that there is nothing to compare with.
 */
export function differencesFromFresh(
  scenario: Scenario,
  { rests }: FreshStart,
  objects: readonly OutcomeObject[],
): readonly FieldDifference[] {
  let nearest: readonly FieldDifference[] = []
  for (const [index, rest] of rests.entries()) {
    const differences = differencesBetween(rest.objects, objects).filter(
      ({ object }) => !isExcluded(scenario, HISTORY_ORACLE, object),
    )
    if (index === 0 || differences.length < nearest.length) nearest = differences
  }
  return nearest
}

function summary(differences: readonly FieldDifference[]): string {
  const shown = differences.slice(0, 3).map(({ object, path, left, right }) => {
    // Values of Secrets stay out of messages, which nobody redacts.
    if (path !== '' && object.startsWith('Secret ')) return `${object} has another ${path}`
    if (path !== '') return `${object} has ${path} ${show(right)} instead of ${show(left)}`
    return left === undefined ? `${object} is there and should not be` : `${object} is missing`
  })
  const more = differences.length > 3 ? `; and ${differences.length - 3} more differences` : ''
  return `${shown.join('; ')}${more}.`
}

function show(value: unknown): string {
  return value === undefined ? 'absent' : JSON.stringify(value)
}
