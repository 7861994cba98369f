/** A violation as people get it: with its path, its name and what it needs. */
import type { Level } from '#cluster/level.ts'
import type { Violation } from '#properties/violation.ts'
import type { PathRecord } from '#trace/path.ts'
import type { ReportFinding } from '#trace/report.ts'
import { minimisedTo, pathOf, writersOf } from './finding-path.ts'

/** A violation with the level that it was found in. */
export interface FoundViolation {
  readonly violation: Violation
  readonly level: Level
  readonly faults: number
  readonly profiles: string[]
}

export async function findingOf(entry: FoundViolation, numbers: Map<string, number>): Promise<ReportFinding> {
  const { violation, level } = entry
  const number = (numbers.get(violation.oracle) ?? 0) + 1
  numbers.set(violation.oracle, number)
  const { path, minimisedFrom } = await pathOf(level, violation)
  const { fork } = violation
  const left = fork === undefined ? undefined : await minimisedTo(level, violation, fork.leftEntry)
  const id = `${violation.oracle}-${number}`
  const faults = path.steps.reduce((sum, step) => sum + step.faults.length, 0)
  const controllers = violation.controllers.length > 0 ? violation.controllers : writersOf(path)
  return {
    id,
    oracle: violation.oracle,
    ...(violation.property === undefined ? {} : { property: violation.property }),
    message: violation.message(path),
    profiles: entry.profiles,
    faults,
    steps: path.steps.length,
    minimisedFrom,
    objects: violation.objects,
    controllers,
    path,
    replay: `kamera replay .kamera/${level.cluster.scenario.name}/${id}.json`,
    ...(violation.explanation === undefined ? {} : { explanation: violation.explanation }),
    ...(fork === undefined || left === undefined
      ? {}
      : {
          fork: {
            commonSteps: commonSteps(left.path, path),
            left: left.path,
            right: path,
            differences: fork.differences,
          },
        }),
    key: violation.key,
    level: { granularity: level.rules.granularity, profile: level.rules.profile, faults: entry.faults },
  }
}

function commonSteps(left: PathRecord, right: PathRecord): number {
  let common = 0
  while (common < left.actions.length && left.actions[common] === right.actions[common]) common++
  return common
}
