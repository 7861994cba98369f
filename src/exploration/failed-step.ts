/** Says at which step of which path a search could not go on: code that hangs, dies or answers what it should not. */
import { pathTo } from '#checker/search.ts'
import type { Action } from '#cluster/action.ts'
import { titleOf } from '#cluster/describe-action.ts'
import { enableNow, type Level, takeNow } from '#cluster/level.ts'
import { ScenarioError } from '#cluster/scenario-error.ts'

/** So many of the steps before it are told. */
const STEPS_TOLD = 3

/** What a search throws instead. All states of the path were expanded, so no code runs for it. */
export async function withStep(error: unknown, { model, graph }: Pick<Level, 'model' | 'graph'>, entry: number) {
  const titles: string[] = []
  try {
    let state: Int32Array = await model.initial()
    for (const { action, budget } of pathTo(graph, entry)) {
      await enableNow(model, state, state.length, budget)
      titles.push(titleOf(model.world.cluster, model.enabled.actions[action] as Action))
      state = await takeNow(model, state, budget, action)
    }
  } catch {
    // The error is what the user came for.
    return error
  }
  return atStep(error, titles)
}

/** The same error with its step, where it is the user's to mend. `before`: the titles of all steps before it. */
export function atStep(error: unknown, before: readonly string[]): unknown {
  if (!(error instanceof ScenarioError)) return error
  const told = before.map((title, index) => `${index + 1} ${title}`).slice(-STEPS_TOLD)
  const after = told.length === 0 ? '' : `, after ${before.length > STEPS_TOLD ? '… ' : ''}${told.join(', ')}`
  const step = `It happens in step ${before.length + 1}${after}.`
  const placed = new ScenarioError(`${error.message}${error.message.includes('\n') ? '\n' : ' '}${step}`)
  if (error.cause !== undefined) placed.cause = error.cause
  return placed
}
