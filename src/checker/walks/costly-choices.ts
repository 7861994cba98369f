/**
 * Places the actions that cost something (faults, events of the environment) on a walk. They are the most numerous
 * actions of most states, so a walk that chose among all of them would have spent its budget after the first steps.
 * Instead the walk draws how many to take, from none to all it can pay, and at which steps; there it draws a kind
 * (one cost), then one action of that kind.
 */
import type { Random } from './random.ts'
import { type Crossroads, oneOf, type WalkStrategy } from './walk-strategy.ts'

export function withCostlyChoices(strategy: WalkStrategy): WalkStrategy {
  return (plan) => {
    const { random, stepsExpected, costlyMax } = plan
    const draw = (): number => random.below(stepsExpected + 1)
    const steps = Array.from({ length: random.below(costlyMax + 1) }, draw).sort((a, b) => a - b)
    const choose = strategy(plan)
    return async (crossroads) => {
      const due = steps[0]
      const chosen = due === undefined || crossroads.step < due ? await choose(crossroads) : undefined
      if (chosen !== undefined || due === undefined) return chosen
      // Due, or nothing else is left to do. Where nothing can be paid for, it is put off to the next step.
      const costly = costlyAction(crossroads, random)
      if (costly === undefined) return choose(crossroads)
      steps.shift()
      return costly
    }
  }
}

function costlyAction(crossroads: Crossroads, random: Random): number | undefined {
  const byCost = new Map<number, number[]>()
  for (let action = 0; action < crossroads.count; action++) {
    const cost = crossroads.cost(action)
    if (cost === 0) continue
    const same = byCost.get(cost)
    if (same === undefined) byCost.set(cost, [action])
    else same.push(action)
  }
  const kind = [...byCost.values()][random.below(byCost.size)]
  return kind === undefined ? undefined : oneOf(kind, random)
}
