/**
 * `after`: actions taken before the search begins, by their names. What they did is part of the initial state with all
 * that it remembers: views that lag, reconciles in flight, positions of the user's script. Their faults cost nothing.
 */
import { BUDGET_FIELDS, BUDGET_MAX, packBudget } from '#checker/budget.ts'
import { type Action, actionName } from './action.ts'
import { enableActions } from './enable.ts'
import type { Enabled } from './enabled.ts'
import { ScenarioError } from './scenario-error.ts'
import { computeSuccessor } from './successor.ts'
import { loadState, trimmedLength, type World } from './world.ts'

/** More than any path can spend of a kind between two looks at it. */
const PLENTY = packBudget(new Array<number>(BUDGET_FIELDS).fill(BUDGET_MAX))

export interface FirstActions {
  readonly names: readonly string[]
  /** Called with each state on the way in `world.next`. */
  readonly reached: () => void
}

/** Takes `world.next` along the actions. Throws `ScenarioError` where one of them cannot be taken. */
export async function takeFirst(world: World, enabled: Enabled, { names, reached }: FirstActions): Promise<void> {
  const { cluster } = world
  for (const [step, name] of names.entries()) {
    const state = world.next.slice(0, trimmedLength(world, world.next))
    loadState(world, state, state.length)
    while (!enableActions(world, enabled, PLENTY)) await runNeeded(world, state)
    const isNamed = (action: Action): boolean =>
      actionName(action, (kind) => cluster.kinds[kind]?.resource.kind ?? '') === name
    for (;;) {
      const action = enabled.actions.slice(0, enabled.count).find(isNamed)
      if (action === undefined)
        throw new ScenarioError(
          `step ${step} of the trace (${name}) cannot be taken: the code or the scenario has changed since it was written. kamera replay says what differs.`,
        )
      if (computeSuccessor(world, action)) break
      await runNeeded(world, state)
      while (!enableActions(world, enabled, PLENTY)) await runNeeded(world, state)
    }
    reached()
  }
}

async function runNeeded(world: World, state: Int32Array): Promise<void> {
  const { needed } = world
  world.needed = undefined
  await needed?.()
  loadState(world, state, state.length)
}
