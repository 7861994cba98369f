/**
 * Where a path ends: a cluster in which nothing is left to do but reconciles that change nothing is as good as at rest.
 * Whatever their order, they leave every object as it is; so a counterexample need not show them.
 */
import type { ClusterModel } from '#cluster/cluster-model.ts'
import { enableNow, takeNow } from '#cluster/level.ts'
import type { Run } from '#cluster/run.ts'
import { nextAction } from '#cluster/user-actions.ts'

export interface Rest {
  readonly state: Int32Array
  /** Requests that ran on the way, and changed nothing. */
  readonly requests: readonly string[]
}

/** More reconciles than this, and they do not end by themselves. */
const STEPS_MAX = 100

/** The quiet state that a state is as good as; undefined where something else is left to happen. The user may be waiting. */
export async function quietFrom(model: ClusterModel, from: Int32Array): Promise<Rest | undefined> {
  const requests = new Set<string>()
  let state = from
  for (let step = 0; step < STEPS_MAX; step++) {
    const count = await enableNow(model, state, state.length, 0)
    if (model.enabled.quiet) return { state, requests: [...requests] }
    let chosen = -1
    for (let action = 0; action < count; action++) {
      const { type, run, request } = model.enabled.actions[action] ?? {}
      if (type === 'user') continue
      if (run === undefined || request === undefined || !changesNothing(model, run)) return undefined
      if (chosen < 0) {
        chosen = action
        requests.add(request.label)
      }
    }
    if (chosen < 0) return undefined
    state = await takeNow(model, state, 0, chosen)
  }
  return undefined
}

/** As `quietFrom`, with the user's script over. */
export async function restFrom(model: ClusterModel, from: Int32Array): Promise<Rest | undefined> {
  const rest = await quietFrom(model, from)
  return rest === undefined || nextAction(model.world) !== undefined ? undefined : rest
}

function changesNothing({ world }: ClusterModel, run: Run): boolean {
  const { leaf } = run
  const { memoryPart } = run.request.controller
  if (run.changes.length > 0 || leaf?.type === 'error' || leaf?.requeue === true) return false
  return leaf === undefined || memoryPart === 0 || world.state[memoryPart] === leaf.memory
}
