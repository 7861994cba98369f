/**
 * Which write of a path's last step broke an `always`: the first after which the property is false. A whole reconcile
 * has several, and a property is asked only when all are made.
 */
import { at } from '#checker/growable.ts'
import { clusterReader } from '#cluster/cluster-reader.ts'
import { enableNow, type Level } from '#cluster/level.ts'
import type { PathRecord, WriteRecord } from '#trace/path.ts'
import { indexOfName, plainModel, stateAfter } from './shortest-path.ts'

/** Undefined where the last step commits nothing, or cannot be taken. */
export async function breakingWrite(
  level: Level,
  property: string,
  path: PathRecord,
): Promise<WriteRecord | undefined> {
  const written = (path.steps.at(-1)?.writes ?? []).filter(({ outcome }) => outcome === 'committed')
  const definition = level.cluster.scenario.properties?.find(({ name, type }) => type === 'always' && name === property)
  if (written.length <= 1 || definition === undefined) return written[0]
  const model = plainModel(level)
  const before = await stateAfter(model, at(level.graph.entryBudget, 0), path.actions.slice(0, -1))
  if (before === undefined) return undefined
  await enableNow(model, before.state, before.state.length, before.budget)
  const { world, enabled } = model
  const run = enabled.actions[indexOfName(model, path.actions.at(-1)) ?? -1]?.run
  if (run === undefined) return undefined
  const changed = world.state.slice()
  let change = 0
  for (const [index, end] of run.commitEnds.entries()) {
    for (; change < end; change++) {
      const { slot, after, afterRevision } = run.changes[change] as (typeof run.changes)[number]
      changed[slot.part] = after
      changed[slot.part + 1] = afterRevision
    }
    if (!definition.holds(clusterReader(level.cluster, changed))) return written[index]
  }
  return undefined
}
