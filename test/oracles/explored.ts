/** Explores a scenario and tells what it found, in the terms of a finding's identity. */
import { defineScenario, type ScenarioDefinition } from '#cluster/scenario.ts'
import type { CounterexampleFile, ExploreReport, ReportFinding } from '#trace/report.ts'
import type { GivenOptions } from '../../src/exploration/options.ts'
import { explore } from '../../src/explore.ts'
import { replay } from '../../src/replay.ts'

export interface Explored {
  readonly report: ExploreReport
  /** `oracle: writer verb Kind`, sorted. */
  readonly keys: readonly string[]
  finding(oracle: string): ReportFinding
}

export async function explored(definition: ScenarioDefinition, options: GivenOptions = {}): Promise<Explored> {
  const report = await explore(defineScenario(definition), { auditPercent: 0, ...options })
  return {
    report,
    keys: report.findings.map(({ key }) => key).sort(),
    finding(oracle) {
      const found = report.findings.find((finding) => finding.oracle === oracle)
      if (found === undefined) throw new Error(`no finding of ${oracle}`)
      return found
    },
  }
}

/** What a replay of the first finding of an oracle says. */
export async function replayed(
  definition: ScenarioDefinition,
  oracle: string,
  options: GivenOptions = {},
): Promise<string> {
  const { finding } = await explored(definition, options)
  const file: CounterexampleFile = {
    formatVersion: 1,
    type: 'counterexample',
    scenario: '',
    set: {},
    profile: 'lagging',
    granularity: 'reconcile',
    options,
    finding: finding(oracle),
  }
  return (await replay(defineScenario(definition), file)).status
}

/** Where caches are late. */
export const LATE = ['lagging', 'read-your-writes', 'consistency-store', 'legacy-restart', 'legacy-fifo'] as const

/** Where caches are late, and a process may miss what it wrote itself. */
export const LATE_FOR_OWN = ['lagging', 'legacy-restart', 'legacy-fifo'] as const
