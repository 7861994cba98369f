/** Whether an oracle that judges transitions says the same of a path's last step. */
import type { ClusterModel } from '#cluster/cluster-model.ts'
import { enableNow, takeNow } from '#cluster/level.ts'
import type { Flag, TransitionJudge } from '#cluster/transition-judge.ts'
import type { ReportFinding } from '#trace/report.ts'
import { type Followed, follow } from './follow.ts'
import { indexOfName } from './shortest-path.ts'

export async function isFlagged(
  model: ClusterModel,
  judge: TransitionJudge,
  { oracle, objects }: Pick<ReportFinding, 'oracle' | 'objects'>,
  followed: Followed,
): Promise<boolean> {
  const flags = await flagsOfLastStep(model, judge, followed)
  return flags.some((flag) => flag.oracle === oracle && flag.objects.some((object) => isSameKind(object, objects)))
}

/** Generated names differ from path to path. */
export function isSameKind(object: string, objects: readonly string[]): boolean {
  return objects.some((other) => other.slice(0, other.indexOf(' ')) === object.slice(0, object.indexOf(' ')))
}

async function flagsOfLastStep(
  model: ClusterModel,
  judge: TransitionJudge,
  { record, budgetAtStart }: Followed,
): Promise<readonly Flag[]> {
  const { actions } = record
  const { state, budget } = await follow(model, budgetAtStart, actions.slice(0, -1))
  for (;;) {
    await enableNow(model, state, state.length, budget)
    const index = indexOfName(model, actions.at(-1))
    if (index === undefined) return []
    await takeNow(model, state, budget, index)
    const action = model.enabled.actions[index]
    const flags = action === undefined ? [] : judge(model.world, action)
    if (flags !== undefined) return flags
    await model.resolve()
  }
}
