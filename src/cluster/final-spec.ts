/**
 * The objects as they would be if nobody but the user had ever acted: those at the start, and then the whole script,
 * action by action, with nothing in between. What is there in the end is the final spec alone.
 *
 * What the script waits for in a run is not waited for here, where no controller is at work: an object that is removed
 * is gone at once, whatever holds it; what is created where an object stands takes its place (somebody must have
 * removed that one); a patch of an object that is not there, since a controller would have made it, is passed over.
 */
import { createRun } from './run.ts'
import { REVISION, SCRIPT } from './tables.ts'
import { type PreparedAction, walkUserAction } from './user-actions.ts'
import { beginRun, rootOf } from './walk.ts'
import { loadState, trimmedLength, type World } from './world.ts'
import { applyChange } from './write.ts'

/**
 * Takes `world.next`, in which no process has started, to the end of the script.
 * @throws ScenarioError when the API server refuses what the user does
 */
export function applyScript(world: World): void {
  const { actions, userRequest } = world.cluster
  const run = createRun(userRequest, rootOf(world, userRequest))
  for (const prepared of actions) {
    if (prepared.action.type === 'create') clear(world, prepared)
    loadState(world, world.next, trimmedLength(world, world.next))
    beginRun(world, run, userRequest, undefined)
    walkUserAction(world, run, prepared)
    if (world.truthIsCopied) world.next.set(world.truth)
    // A namespace takes its contents with it; the controller that sees to that has something to do at the start.
    if (prepared.action.type === 'remove' && prepared.slot.kind.resource.kind !== 'Namespace') clear(world, prepared)
  }
  world.next[SCRIPT] = actions.length
  loadState(world, new Int32Array(0), 0)
}

function clear({ next }: World, { slot }: PreparedAction): void {
  const isThere = next[slot.part] !== 0
  if (isThere) applyChange(next, slot, 0, (next[REVISION] as number) + 1)
}
