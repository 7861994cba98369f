/**
 * Probabilistic concurrency testing (Burckhardt et al., ASPLOS 2010). Every agent gets a random priority, and the
 * enabled agent with the highest one acts, but at a few random steps the one about to act falls behind all others.
 * A bug that needs d ordering constraints among n agents in k steps is hit with probability at least 1 / (n k^(d-1)),
 * where a uniform walk may need luck in every step.
 *
 * The guarantee is for free actions: those that cost something are placed by `costly-choices.ts`. An agent that never
 * yields (a request that is retried for ever) would shut out all others, so after twice the expected steps the walk
 * goes on uniformly.
 */
import { uniform } from './uniform.ts'
import { freeActions, oneOf, type WalkStrategy } from './walk-strategy.ts'

/** @param depth number of ordering constraints that a bug may need; at least 1 */
export function pct(depth: number): WalkStrategy {
  return (plan) => {
    const { random, stepsExpected } = plan
    const changes = Array.from({ length: depth - 1 }, () => random.below(stepsExpected))
    const priorities = new Map<number, number>()
    const suffix = uniform(plan)
    const priority = (agent: number): number => {
      const known = priorities.get(agent)
      if (known !== undefined) return known
      const drawn = 1 + random.fraction()
      priorities.set(agent, drawn)
      return drawn
    }
    return (crossroads) => {
      if (crossroads.step >= 2 * stepsExpected) return suffix(crossroads)
      const free = freeActions(crossroads)
      if (free.length === 0) return undefined
      const agents = [...new Set(free.map((action) => crossroads.agent(action)))]
      const highest = (): number => agents.reduce((a, b) => (priority(b) > priority(a) ? b : a))
      // Every agent draws before any is compared, so that who is enabled does not decide who draws what.
      for (const agent of agents) priority(agent)
      for (const [index, at] of changes.entries()) if (at === crossroads.step) priorities.set(highest(), -index)
      const first = highest()
      return oneOf(
        free.filter((action) => crossroads.agent(action) === first),
        random,
      )
    }
  }
}
