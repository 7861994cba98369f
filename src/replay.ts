/**
 * `replay`: repeats a counterexample, step by step, and says whether the finding is there again. When the code has
 * changed so that the path cannot be followed, it names the first step that differs.
 */

import { createClusterModel } from '#cluster/cluster-model.ts'
import type { Scenario } from '#cluster/scenario.ts'
import { type ProfileName, type Rules, UNREDUCED } from '#cluster/world.ts'
import { watchProperties } from '#properties/user-properties.ts'
import type { PathRecord } from '#trace/path.ts'
import type { CounterexampleFile, ReportFinding } from '#trace/report.ts'
import { rulesOf } from './exploration/exploration.ts'
import { budgetOf, type ExploreOptions, type GivenOptions, resolveExploreOptions } from './exploration/options.ts'
import { clusterOf, createHost } from './exploration/scenario-cluster.ts'
import { inTurn } from './exploration/turns.ts'
import { explore } from './explore.ts'
import { follow } from './findings/follow.ts'
import { judgePath } from './findings/judge-path.ts'
import { NOTHING_LEFT_OUT, withoutParts } from './findings/without.ts'

export interface ReplayResult {
  readonly status: 'reproduced' | 'gone' | 'diverged'
  readonly divergedAt?: number
  readonly message: string
  readonly path: PathRecord
  readonly finding?: ReportFinding
}

/** Follows the actions of a counterexample file in a scenario whose manifests are objects. */
export async function replay(
  whole: Scenario,
  file: CounterexampleFile,
  given: GivenOptions = {},
): Promise<ReplayResult> {
  const { finding } = file
  const options = resolveExploreOptions({ ...(file.options as GivenOptions), ...given })
  const parts = withoutParts(whole, finding.without ?? NOTHING_LEFT_OUT)
  const scenario = options.after.length === 0 ? parts : { ...parts, after: options.after }
  if (finding.path.actions.length === 0) return searchAgain(whole, file, given)
  return inTurn(() => followInHost(scenario, file, options))
}

async function followInHost(
  scenario: Scenario,
  { finding }: CounterexampleFile,
  options: ExploreOptions,
): Promise<ReplayResult> {
  const host = await createHost(scenario)
  try {
    const rules: Rules = {
      ...rulesOf(options, finding.level.profile as ProfileName, finding.level.granularity as Rules['granularity']),
      ...UNREDUCED,
    }
    const cluster = clusterOf(scenario, host)
    const { monitor } = watchProperties(cluster, scenario)
    const model = createClusterModel(cluster, rules, monitor === undefined ? {} : { monitor })
    const budget = budgetOf(options, Math.max(options.faults, finding.level.faults), rules.profile)
    const followed = await follow(model, budget, finding.path.actions)
    if (followed.missing !== undefined) {
      const step = finding.path.steps[followed.missing]
      return {
        status: 'diverged',
        divergedAt: followed.missing,
        message: `step ${followed.missing + 1} cannot be taken any more: ${step?.title ?? finding.path.actions[followed.missing]}. The code or the scenario has changed since the file was written.`,
        path: followed.record,
      }
    }
    const left = finding.fork === undefined ? undefined : await follow(model, budget, finding.fork.left.actions)
    const verdict = await judgePath(model, finding, followed, left)
    const path = {
      ...followed.record,
      ...(finding.path.cycleStart === undefined ? {} : { cycleStart: finding.path.cycleStart }),
    }
    return verdict.again
      ? { status: 'reproduced', message: finding.message, path, finding: { ...finding, path } }
      : { status: 'gone', message: verdict.why, path }
  } finally {
    await host.close()
  }
}

/** A finding without a path (something was never seen, or code that is not deterministic) is searched for again. */
async function searchAgain(scenario: Scenario, file: CounterexampleFile, given: GivenOptions): Promise<ReplayResult> {
  const { key, level } = file.finding
  const options: GivenOptions = { ...(file.options as GivenOptions), ...given }
  const report = await explore(scenario, { ...options, profiles: [level.profile] })
  const again = report.findings.find((finding) => finding.key === key)
  if (again !== undefined) return { status: 'reproduced', message: again.message, path: again.path, finding: again }
  return { status: 'gone', message: 'the search does not find it any more', path: { actions: [], steps: [] } }
}
