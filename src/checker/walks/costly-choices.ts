/**
 * Places the actions that cost something (faults, events of the environment) on a walk. They are the most numerous
 * actions of most states, so a walk that chose among all of them would have spent its budget after the first steps.
 * Instead the walk draws how many to take, from none to all it can pay, and at which steps; there it draws a kind
 * (one cost), then one action of that kind.
 */
import { oneOf, type WalkStrategy } from './walk-strategy.ts'

export function withCostlyChoices(strategy: WalkStrategy): WalkStrategy {
  return (plan) => {
    const { random, stepsExpected, costlyMax } = plan
    const steps = Array.from({ length: random.below(costlyMax + 1) }, () => random.below(stepsExpected)).sort(
      (a, b) => a - b,
    )
    const choose = strategy(plan)
    return (crossroads) => {
      const due = steps[0]
      if (due !== undefined && crossroads.step >= due) {
        const byCost = new Map<number, number[]>()
        for (let action = 0; action < crossroads.count; action++) {
          const cost = crossroads.cost(action)
          if (cost === 0) continue
          const same = byCost.get(cost)
          if (same === undefined) byCost.set(cost, [action])
          else same.push(action)
        }
        // Nothing to pay for here: at the next step then.
        const kinds = [...byCost.values()]
        if (kinds.length > 0) {
          steps.shift()
          return oneOf(kinds[random.below(kinds.length)] as number[], random)
        }
      }
      return choose(crossroads)
    }
  }
}
