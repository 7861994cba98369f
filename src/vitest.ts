/**
 * The front door for tests (`kamera/vitest`): a scenario is a unit test, with the report of what was found as the
 * message of its failure. Nothing here needs vitest; any runner that takes a rejection for a failure will do.
 */
import { resolveManifests } from '#cli/resolve-manifests.ts'
import type { Scenario } from '#cluster/scenario.ts'
import { textReport } from '#inspect/text-report.ts'
import type { ExploreReport } from '#trace/report.ts'
import type { GivenOptions } from './exploration/options.ts'
import { explore } from './explore.ts'

export interface ExpectScenarioOptions extends GivenOptions {
  /** Where the scenario's manifest files are: `import.meta.dirname` of its module. Default: the working directory. */
  readonly directory?: string
}

/**
 * Explores a scenario; options as for `explore`. Resolves to the report when the scenario holds within its bounds.
 * @throws ScenarioNotHolding when something is violated, or the search was cut off.
 */
export async function expectScenario(scenario: Scenario, options: ExpectScenarioOptions = {}): Promise<ExploreReport> {
  const { directory = scenario.directory ?? process.cwd(), ...given } = options
  const report = await explore(resolveManifests(scenario, directory, scenario.name), given)
  assertHolds(report)
  return report
}

/**
 * Checks what `explore` resolved to. A search that was cut off proves nothing, so it does not hold either.
 * @throws ScenarioNotHolding with the report as its message.
 */
export function assertHolds(report: ExploreReport): void {
  if (report.verdict !== 'holds') throw new ScenarioNotHolding(report)
}

/** The message is the report as text; `report` has it as data. */
export class ScenarioNotHolding extends Error {
  override readonly name = 'ScenarioNotHolding'
  readonly report: ExploreReport

  constructor(report: ExploreReport) {
    // The command line writes the files that `kamera replay` reads; here there are none to name.
    const findings = report.findings.map((finding) => ({ ...finding, replay: '' }))
    super(`\n${textReport({ ...report, findings }, { colour: false })}`)
    this.report = report
  }
}
