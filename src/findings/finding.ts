/** A case as people get it: with its shortest path, its name and what it needs. */
import type { PathRecord } from '#trace/path.ts'
import type { AcceptedFinding, ReportFinding } from '#trace/report.ts'
import { breakingWrite } from './breaking-write.ts'
import type { Case } from './case.ts'
import type { Smallest } from './drop.ts'
import { explain } from './explain.ts'
import { writersOf } from './finding-path.ts'
import { type GuiltyWrite, guiltyWrite } from './guilty-write.ts'
import { minimalPath, minimalPathTo } from './minimal-path.ts'

/**
 * @param numbers how many findings each oracle has so far
 * @param asFound leave the path as it was found: somebody waits for the report
 */
export async function findingOf(
  each: Case,
  { sighting, without, minimal }: Smallest,
  { numbers, asFound }: { readonly numbers: Map<string, number>; readonly asFound: boolean },
): Promise<ReportFinding> {
  const { violation, level } = sighting
  const number = (numbers.get(violation.oracle) ?? 0) + 1
  numbers.set(violation.oracle, number)
  const { path, minimisedFrom } = asFound
    ? { path: each.path, minimisedFrom: each.path.steps.length }
    : await minimalPath(level, violation)
  const isSmaller = without.actions.length + without.objects.length > 0
  const { fork } = violation
  const other = async () => {
    if (fork === undefined) return undefined
    return asFound ? each.other : (await minimalPathTo(level, violation, fork.leftEntry)).path
  }
  const left = await other()
  const id = `${violation.oracle}-${number}`
  const breaking =
    violation.oracle === 'always' ? await breakingWrite(level, violation.property ?? '', path) : undefined
  const guilty = guiltyWrite(violation, { path, other: left, breaking })
  const controllers = violation.controllers.length > 0 ? violation.controllers : culprits(guilty, path)
  return {
    id,
    oracle: violation.oracle,
    ...(violation.property === undefined ? {} : { property: violation.property }),
    message: violation.message(path),
    profiles: [...each.profiles],
    ...(each.undecided.size === 0 ? {} : { profilesUndecided: [...each.undecided] }),
    // What one unit pays for several times (a handover and what its standby has missed) is counted once.
    faults: path.steps.reduce((sum, step) => sum + step.faults.filter(({ free }) => free !== true).length, 0),
    steps: path.steps.length,
    minimisedFrom: Math.max(minimisedFrom, each.path.steps.length),
    ...(isSmaller ? { without } : {}),
    minimal: minimal && !asFound,
    objects: violation.objects.length > 0 || guilty === undefined ? violation.objects : [guilty.write.object],
    controllers,
    path,
    replay: `kamera replay .kamera/${level.cluster.scenario.name}/${id}.json`,
    explanation: await explain({ violation, level, path, other: left, guilty, controllers }),
    ...(fork === undefined || left === undefined
      ? {}
      : {
          fork: {
            commonSteps: commonSteps(left, path),
            left,
            right: path,
            differences: fork.differences,
          },
        }),
    key: each.key,
    level: { granularity: level.rules.granularity, profile: level.rules.profile, faults: sighting.faults },
  }
}

/** A finding that is known already is neither made small nor explained. */
export function acceptedFinding({ violation, key, path, profiles }: Case): AcceptedFinding {
  const { oracle, property } = violation
  const message = violation.message(path)
  return { key, oracle, ...(property === undefined ? {} : { property }), message, profiles: [...profiles] }
}

function culprits(guilty: GuiltyWrite | undefined, path: PathRecord): readonly string[] {
  return guilty?.controller === undefined ? writersOf(path) : [guilty.controller]
}

function commonSteps(left: PathRecord, right: PathRecord): number {
  let common = 0
  while (common < left.actions.length && left.actions[common] === right.actions[common]) common++
  return common
}
