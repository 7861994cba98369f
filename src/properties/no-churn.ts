/**
 * no-churn: within one environment history a controller creates an object and itself deletes it, and there is no reason
 * for both: it created it only because it did not see what it had written itself. That is executed: the same reconcile,
 * shown its controller's own writes, would not have created it.
 *
 * An object is no churn any more once the user or the environment acts, time passes, or somebody else writes it or the
 * object that the reconcile's request names: then there may be a reason. A cache that lacks the writes of others is no
 * churn either: a correct controller cannot account for them.
 *
 * Why it is a bug: Pods are started and killed, addresses change, volumes are attached in vain; and between the two
 * there is one too many.
 * What it can miss: a deletion that was the wrong one of the two; reasons in an object that is not the request's own;
 * everything at granularity write alone.
 * How to switch it off: `oracles: { 'no-churn': { exclude: ['Kind namespace/name', 'Kind'] } }`, or `false`.
 */
import type { Action } from '#cluster/action.ts'
import { nameOf } from '#cluster/describe-calls.ts'
import { deletions } from '#cluster/evidence.ts'
import { surplusOf } from '#cluster/surplus.ts'
import type { Flag, TransitionJudge } from '#cluster/transition-judge.ts'
import { CHURN_ORACLE } from '#cluster/turnover.ts'
import type { World } from '#cluster/world.ts'
import { isExcluded } from './exclusions.ts'
import { violationsOf } from './flagged.ts'
import type { Oracle } from './violation.ts'

export const noChurn: Oracle = {
  name: CHURN_ORACLE,
  judge,
  check: async (level) => violationsOf(level, CHURN_ORACLE),
}

const NONE: readonly Flag[] = []

function judge(world: World, action: Action): ReturnType<TransitionJudge> {
  const { run, request } = action
  const { cluster, state } = world
  // Variants with a lag or a crash share the run of the action that they vary.
  if (run === undefined || request === undefined || action.lags.length > 0 || action.crashAfter >= 0) return NONE
  if (cluster.remembered.surplusParts.size === 0) return NONE
  const controller = request.controller.definition.name
  const flags: Flag[] = []
  for (const { slot } of deletions(cluster, run.changes)) {
    const object = nameOf(slot)
    if (surplusOf(cluster, state, slot)?.controller !== controller) continue
    if (isExcluded(cluster.scenario, CHURN_ORACLE, object)) continue
    flags.push({
      oracle: CHURN_ORACLE,
      key: `${CHURN_ORACLE} ${controller} delete ${slot.kind.resource.kind}`,
      objects: [object],
      controllers: [controller],
      message: () =>
        `${request.label} deletes ${object}, which ${controller} itself had created only because its cache did not show its own writes yet; nothing else has changed.`,
    })
  }
  return flags
}
