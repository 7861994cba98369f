/** What is left of a counterexample when one fault or one user action is taken out of it, by searches of its own. */
import type { Scenario } from '#cluster/scenario.ts'
import { explore } from '#explore.ts'
import { withoutParts } from '#findings/without.ts'
import type { ReportFinding } from '#trace/report.ts'

/** The parts without which the finding is still there: none, if the counterexample is 1-minimal. */
export async function superfluousParts(scenario: Scenario, finding: ReportFinding): Promise<readonly string[]> {
  const { without = { actions: [], objects: [] }, faults, level, key } = finding
  const options = {
    granularity: level.granularity as 'reconcile' | 'write',
    profiles: [level.profile],
    auditPercent: 0,
  }
  const isThere = async (left: Scenario, budget: number): Promise<boolean> => {
    const report = await explore(left, { ...options, faults: budget })
    return report.findings.some((found) => found.key === key)
  }
  const superfluous: string[] = []
  if (faults > 0 && (await isThere(withoutParts(scenario, without), faults - 1))) superfluous.push('a fault')
  const actions = scenario.actions ?? []
  const taken = finding.path.steps.filter(({ type }) => type === 'user').length
  const kept = actions.map((_, index) => index).filter((index) => !without.actions.some((part) => part.index === index))
  for (const index of kept.slice(0, taken)) {
    const fewer = { ...without, actions: [...without.actions, { index, title: '' }] }
    if (await isThere(withoutParts(scenario, fewer), faults)) superfluous.push(`actions[${index}]`)
  }
  return superfluous
}
