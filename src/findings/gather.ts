/**
 * Brings the steps of each controller together, where the order does not matter: a reader follows one thread of work
 * at a time. Only orders that can be followed and end in the violation are taken; none is longer.
 */
import { at } from '#checker/growable.ts'
import { isInterrupted } from '#cluster/interruption.ts'
import { enableNow, type Level } from '#cluster/level.ts'
import { type Goal, plainModel, stateAfter } from './shortest-path.ts'

/** Longer paths stay in the order in which they were found. */
const STEPS_MAX = 60

export async function gatherSteps(level: Level, names: readonly string[], goal: Goal): Promise<readonly string[]> {
  if (names.length > STEPS_MAX) return names
  const model = plainModel(level)
  const leadsThere = async (order: readonly string[]): Promise<boolean> => {
    const end = await stateAfter(model, at(level.graph.entryBudget, 0), order)
    if (end === undefined) return false
    await enableNow(model, end.state, end.state.length, end.budget)
    return goal(model, end.state, () => order)
  }
  let best = names
  for (let index = 2; index < names.length; index++) {
    if (await isInterrupted(level)) break
    const moved = gathered(best, index)
    if (moved !== undefined && (await leadsThere(moved))) best = moved
  }
  return best
}

/** The step at `index` right after the one before it of the same actor; undefined where it is there already. */
function gathered(names: readonly string[], index: number): readonly string[] | undefined {
  const name = names[index] as string
  const before = names.slice(0, index).findLastIndex((other) => actorOf(other) === actorOf(name))
  if (before < 0 || before === index - 1) return undefined
  return [...names.slice(0, before + 1), name, ...names.slice(before + 1, index), ...names.slice(index + 1)]
}

/** `run operator/default/a crash-after-1` → `operator`. */
function actorOf(name: string): string {
  const [type, label = ''] = name.split(' ')
  return type === 'run' || type === 'begin' || type === 'write' ? label.slice(0, label.indexOf('/')) : (type ?? '')
}
