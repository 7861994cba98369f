/**
 * Under which other profiles a finding is reachable. A label is the result of a search: that profile, with as many
 * faults, shows the same oracle, controller and write.
 *
 * Two short cuts, neither of which decides otherwise than the search would. A path that can be followed step by step
 * under the profile, within the budget, and at whose end the finding is there, is one that the search meets: it visits
 * all. And one search serves all findings that need as many faults. That a path cannot be followed says nothing; then
 * the search decides, unless it meets its limit: then the profile is undecided, and the report says so.
 */
import type { ClusterModel } from '#cluster/cluster-model.ts'
import type { Level } from '#cluster/level.ts'
import type { Violation } from '#properties/violation.ts'
import { type Case, isAmong } from './case.ts'
import { isFairCycle } from './fair-path.ts'
import { follow } from './follow.ts'
import { judgePath } from './judge-path.ts'

export interface ProfileSearch {
  /** A model without reductions for following paths, in the level's cluster. */
  model(profile: string, like: Level): ClusterModel
  budget(profile: string, faults: number): number
  /** Level by level as the driver goes, up to `faults` at each granularity; each level with what it violates. */
  levels(
    profile: string,
    faults: number,
  ): AsyncIterable<{ readonly level: Level; readonly violations: readonly Violation[] }>
}

/** Adds to the cases the profiles under which they are found too. */
export async function labelProfiles(
  cases: readonly Case[],
  profiles: readonly string[],
  search: ProfileSearch,
): Promise<void> {
  for (const profile of profiles) {
    const open: Case[] = []
    for (const each of cases) {
      if (each.profiles.has(profile) || each.violation.place.type === 'nowhere') continue
      if (await canBeFollowed(each, profile, search)) each.profiles.add(profile)
      else open.push(each)
    }
    for (const faults of new Set(open.map((each) => each.faults))) {
      await searchFor(
        open.filter((each) => each.faults === faults),
        profile,
        search,
      )
    }
  }
}

async function canBeFollowed(each: Case, profile: string, search: ProfileSearch): Promise<boolean> {
  if (each.violation.place.type === 'nowhere') return false
  const model = search.model(profile, each.level)
  const budget = search.budget(profile, each.faults)
  const here = await follow(model, budget, each.path.actions)
  if (here.missing !== undefined) return false
  const other = each.other === undefined ? undefined : await follow(model, budget, each.other.actions)
  if (other?.missing !== undefined) return false
  const { oracle, property, key } = each.violation
  const finding = {
    oracle,
    ...(property === undefined ? {} : { property }),
    key,
    message: each.violation.message(each.path),
    path: each.path,
    objects: each.violation.objects,
  }
  if (!(await judgePath(model, finding, here, other)).again) return false
  return each.path.cycleStart === undefined || isFairCycle(model, budget, each.path)
}

/**
 * Ends as soon as all are found. What a level that was cut did not show is undecided. What was never seen must not be
 * seen in any level.
 */
async function searchFor(wanted: readonly Case[], profile: string, search: ProfileSearch): Promise<void> {
  let missing = wanted
  let isCut = false
  const seen = new Set<Case>()
  for await (const { level, violations } of search.levels(profile, wanted[0]?.faults ?? 0)) {
    isCut ||= level.graph.cuts.size > 0
    const still: Case[] = []
    for (const each of missing) {
      const isThere = await isAmong(each, violations, level)
      if (each.violation.place.type === 'nowhere') {
        if (!isThere) seen.add(each)
        still.push(each)
      } else if (isThere) each.profiles.add(profile)
      else still.push(each)
    }
    missing = still
    if (missing.length === 0) return
  }
  for (const each of missing) {
    if (isCut) each.undecided.add(profile)
    else if (each.violation.place.type === 'nowhere' && !seen.has(each)) each.profiles.add(profile)
  }
}
