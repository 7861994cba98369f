/** From what the levels showed to findings: one case a bug, its profiles, as little as shows it. */
import type { ProfileName } from '#cluster/world.ts'
import { casesOf, type Sighting } from '#findings/case.ts'
import { dropParts } from '#findings/drop.ts'
import { acceptedFinding, findingOf } from '#findings/finding.ts'
import { labelProfiles } from '#findings/profile-labels.ts'
import type { ReportFinding } from '#trace/report.ts'
import type { Exploration, LevelRecord } from './exploration.ts'
import { SEARCHED_PROFILES } from './options.ts'
import { profileSearch } from './profile-search.ts'
import type { ScenarioHost } from './scenario-cluster.ts'
import { variantSearch } from './variant-search.ts'

/** Searched to its end, so that what it does not show is not there. */
function isComplete({ level }: LevelRecord): boolean {
  return level.graph.cuts.size === 0
}

/** What should be true sometimes, and is in another level of the profile. */
function isReached({ levels }: Exploration, { violation, level }: Sighting): boolean {
  if (violation.oracle !== 'sometimes') return false
  const { profile } = level.rules
  return levels.some((other) => other.profile === profile && isComplete(other) && !other.keys.has(violation.key))
}

/** Without `--profile` the other profiles are searched for what was found. */
export async function settleCases(
  exploration: Exploration,
  searched: readonly ProfileName[],
  host: ScenarioHost,
): Promise<void> {
  const { options, found } = exploration
  const all = await casesOf([...found.values()].filter((sighting) => !isReached(exploration, sighting)))
  const known = new Set(options.baseline)
  exploration.accepted = all.filter(({ key }) => known.has(key)).map(acceptedFinding)
  exploration.cases = all.filter(({ key }) => !known.has(key))
  if (options.profiles === undefined && options.signal?.aborted !== true) {
    const others = SEARCHED_PROFILES.filter((profile) => !searched.includes(profile))
    await labelProfiles(exploration.cases, others, profileSearch(exploration))
  }
  const variants = variantSearch(exploration, host)
  const numbers = new Map<string, number>()
  const findings: ReportFinding[] = []
  for (const each of exploration.cases) {
    const smallest = await dropParts(each, variants)
    // After Ctrl-C somebody waits for what was found.
    findings.push(await findingOf(each, smallest, { numbers, asFound: options.signal?.aborted === true }))
  }
  exploration.findings = findings
}
