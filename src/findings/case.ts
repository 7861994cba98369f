/**
 * A finding in the making: what several levels, granularities and profiles saw of the same bug, with the smallest
 * sighting of it. A bug is the same when oracle, controller and write are.
 */
import { isInterrupted } from '#cluster/interruption.ts'
import type { Level } from '#cluster/level.ts'
import type { Violation } from '#properties/violation.ts'
import type { PathRecord } from '#trace/path.ts'
import { breakingWrite } from './breaking-write.ts'
import { describeEntry, pathAsFound } from './finding-path.ts'
import { findingKey, type GuiltyWrite, guiltyWrite } from './guilty-write.ts'

/** A violation with the level that it was found in. */
export interface Sighting {
  readonly violation: Violation
  readonly level: Level
  /** Budget of the level. */
  readonly faults: number
}

export interface Case extends Sighting {
  readonly key: string
  /** As found, not minimised; for a fork also the run that it is compared with. */
  readonly path: PathRecord
  readonly other: PathRecord | undefined
  readonly guilty: GuiltyWrite | undefined
  /** Profiles under which as many faults show it. */
  readonly profiles: Set<string>
  /** Profiles whose search for it ended at a limit. */
  readonly undecided: Set<string>
}

/** One case for each key, of the sighting with the fewest faults; another where a profile needs more of them. */
export async function casesOf(sightings: Iterable<Sighting>): Promise<readonly Case[]> {
  const cases: Case[] = []
  const ordered = [...sightings].map((sighting, index) => ({ sighting, index }))
  ordered.sort((a, b) => a.sighting.faults - b.sighting.faults || a.index - b.index)
  const first = new Map<Case, number>()
  for (const { sighting, index } of ordered) {
    // Every finding is told, also to somebody who waits.
    await isInterrupted(sighting.level)
    const candidate = await caseOf(sighting)
    const profile = sighting.level.rules.profile
    const same = cases.filter(({ key }) => key === candidate.key)
    const known = same.find(({ profiles, faults }) => profiles.has(profile) || faults === candidate.faults)
    if (known !== undefined) {
      known.profiles.add(profile)
      first.set(known, Math.min(first.get(known) ?? index, index))
      continue
    }
    // With more faults than others need: those profiles show it with as many, too.
    for (const { profiles } of same) for (const each of profiles) candidate.profiles.add(each)
    cases.push(candidate)
    first.set(candidate, index)
  }
  return cases.sort((a, b) => (first.get(a) ?? 0) - (first.get(b) ?? 0))
}

async function caseOf(sighting: Sighting): Promise<Case> {
  const { violation, level } = sighting
  const path = await pathAsFound(level, violation)
  const { fork } = violation
  const other = fork === undefined ? undefined : (await describeEntry(level, fork.leftEntry)).record
  const breaking =
    violation.oracle === 'always' ? await breakingWrite(level, violation.property ?? '', path) : undefined
  const guilty = guiltyWrite(violation, { path, other, breaking })
  const key = findingKey(violation, guilty)
  const profiles = new Set<string>([level.rules.profile])
  return { ...sighting, key, path, other, guilty, profiles, undecided: new Set() }
}

/** Whether one of the violations is the case: that oracle, controller and write. */
export async function isAmong(wanted: Case, violations: readonly Violation[], level: Level): Promise<boolean> {
  return (await sightingOf(wanted.key, wanted.violation, violations, level)) !== undefined
}

/** The first of the violations with this key; `like` spares describing those of other oracles. */
export async function sightingOf(
  key: string,
  like: Violation,
  violations: readonly Violation[],
  level: Level,
): Promise<Violation | undefined> {
  for (const violation of violations) {
    if (violation.oracle !== like.oracle || violation.property !== like.property) continue
    if ((await caseOf({ violation, level, faults: 0 })).key === key) return violation
  }
  return undefined
}
