/** `settled: true`: one fair run without faults and without the user, from the process starts to rest. */
import type { Action } from './action.ts'
import { enableActions } from './enable.ts'
import type { Enabled } from './enabled.ts'
import { ScenarioError } from './scenario-error.ts'
import { computeSuccessor } from './successor.ts'
import { loadState, trimmedLength, type World } from './world.ts'

const STEPS_MAX = 10_000

/** Takes `world.next` to rest: requests in turn, deliveries, then timers. Throws `ScenarioError` when it never rests. */
export async function settle(world: World, enabled: Enabled): Promise<void> {
  let last = -1
  for (let step = 0; step < STEPS_MAX; step++) {
    const state = world.next.slice(0, trimmedLength(world, world.next))
    loadState(world, state, state.length)
    while (!enableActions(world, enabled, 0)) await runNeeded(world, state)
    const actions = enabled.actions.slice(0, enabled.count).filter(({ type }) => type !== 'user')
    if (actions.length === 0) {
      world.next.set(world.state)
      return
    }
    const action = nextInTurn(actions, last)
    last = action.request?.id ?? last
    const index = enabled.actions.indexOf(action)
    while (!computeSuccessor(world, enabled.actions[index] as Action)) {
      await runNeeded(world, state)
      while (!enableActions(world, enabled, 0)) await runNeeded(world, state)
    }
  }
  throw new ScenarioError(
    `settled: the cluster does not come to rest in ${STEPS_MAX} steps without any fault. Leave settled out to see why: explore reports the cycle.`,
  )
}

function nextInTurn(actions: readonly Action[], last: number): Action {
  const due = actions.filter(({ request }) => request !== undefined)
  return due.find(({ request }) => (request?.id ?? -1) > last) ?? due[0] ?? (actions[0] as Action)
}

async function runNeeded(world: World, state: Int32Array): Promise<void> {
  const { needed } = world
  world.needed = undefined
  await needed?.()
  loadState(world, state, state.length)
}
