/** Prefers what was never seen: uniformly among the actions that lead to a new state, whatever they cost; else uniformly. */
import { uniform } from './uniform.ts'
import { oneOf, type WalkStrategy } from './walk-strategy.ts'

export const novelty: WalkStrategy = (plan) => {
  const otherwise = uniform(plan)
  return async (crossroads) => {
    const fresh: number[] = []
    for (let action = 0; action < crossroads.count; action++) if (await crossroads.isNew(action)) fresh.push(action)
    return fresh.length > 0 ? oneOf(fresh, plan.random) : otherwise(crossroads)
  }
}
