/**
 * The write of a path without which the finding would not be there, and the identity of a finding made from it: the
 * same oracle, controller and write are the same finding, whatever the path, the profile or the search.
 */
import type { Violation } from '#properties/violation.ts'
import type { PathRecord, PathStep, WriteRecord } from '#trace/path.ts'

export interface GuiltyWrite {
  /** `here`: on the path of the finding; `other`: on the run that rests otherwise, because this one does not make it. */
  readonly run: 'here' | 'other'
  /** Index of the step. */
  readonly step: number
  /** Undefined: the user's. */
  readonly controller: string | undefined
  readonly write: WriteRecord
}

export interface Runs {
  readonly path: PathRecord
  /** For a fork: the run that it is compared with. */
  readonly other?: PathRecord | undefined
  /** The write after which a property was first false, when it is known. */
  readonly breaking?: WriteRecord | undefined
}

/** Undefined where no write is to blame: something was never done, or nothing was seen. */
export function guiltyWrite(violation: Violation, { path, other, breaking }: Runs): GuiltyWrite | undefined {
  const { fork, place, objects } = violation
  if (fork !== undefined && other !== undefined) return writeOfFork(fork.differences, path, other)
  if (
    place.type === 'nowhere' ||
    violation.oracle === 'eventually' ||
    violation.oracle === 'leadsTo' ||
    // Errors that repeat write nothing, and code that breaks does so in a step of its own.
    violation.oracle === 'no-error-loop' ||
    violation.oracle === 'rest-is-stable'
  )
    return undefined
  if (path.cycleStart !== undefined) {
    const cycle = path.steps.filter(({ index }) => index >= (path.cycleStart ?? 0))
    return committed(cycle).find(({ controller }) => controller !== undefined)
  }
  const writes = committed(path.steps).reverse()
  const broke = breaking === undefined ? undefined : writes.find(({ write }) => write === breaking)
  if (broke !== undefined) return broke
  const ofController = writes.filter(({ controller }) => controller !== undefined)
  const ofObject = ofController.find(({ write }) => objects.includes(write.object))
  // What is left at rest may have been made before the path begins; what is missing there was made by nobody.
  if (violation.oracle === 'no-leak') return ofObject
  if (violation.oracle === 'history-independent')
    return ofController.find(({ write }) => objects.some((object) => sameObject(write.object, object)))
  return ofObject ?? ofController[0] ?? writes[0]
}

/** Of the fields and objects that differ the telling one: an object that is there in one run only, then a spec. */
function writeOfFork(
  differences: NonNullable<Violation['fork']>['differences'],
  path: PathRecord,
  other: PathRecord,
): GuiltyWrite | undefined {
  const rank = (field: string): number => (field === '' ? 0 : field.startsWith('status') ? 2 : 1)
  const ordered = [...differences].sort((a, b) => rank(a.path) - rank(b.path))
  for (const { object, path: field, left, right } of ordered) {
    const here = lastWriteOf(path, object, field === '' && right !== undefined)
    if (here !== undefined && !sameInBoth(here, other)) return here
    const there = lastWriteOf(other, object, field === '' && left !== undefined)
    if (there !== undefined) return { ...there, run: 'other' }
    if (here !== undefined) return here
  }
  return undefined
}

/** The last change of an object, or its creation when it is there at the end. */
function lastWriteOf(path: PathRecord, object: string, isThere: boolean): GuiltyWrite | undefined {
  const writes = committed(path.steps).filter(({ write }) => sameObject(write.object, object))
  const creations = isThere ? writes.filter(({ write }) => write.before === undefined) : []
  return creations.at(-1) ?? writes.at(-1)
}

/** The step is one that both runs have. */
function sameInBoth(guilty: GuiltyWrite, other: PathRecord): boolean {
  return committed(other.steps).some(
    ({ step, write, controller }) =>
      step === guilty.step &&
      controller === guilty.controller &&
      JSON.stringify(write) === JSON.stringify(guilty.write),
  )
}

/** Outcomes number generated names (`web-<2>`), writes have them spelt out (`web-zbbbc`). */
function sameObject(written: string, named: string): boolean {
  if (written === named) return true
  const generated = named.indexOf('<')
  return generated > 0 && written.startsWith(named.slice(0, generated))
}

function committed(steps: readonly PathStep[]): GuiltyWrite[] {
  return steps.flatMap(({ index, controller, writes }) =>
    writes
      .filter(({ outcome }) => outcome === 'committed')
      .map((write): GuiltyWrite => ({ run: 'here', step: index, controller, write })),
  )
}

/** What a finding is called in baselines and in labels: the same for the same bug in every search. */
export function findingKey(violation: Violation, guilty: GuiltyWrite | undefined): string {
  const name = violation.property === undefined ? violation.oracle : `${violation.oracle} "${violation.property}"`
  if (guilty === undefined)
    return violation.key.startsWith(violation.oracle) ? violation.key : `${name} ${violation.key}`
  const { write } = guilty
  const kind = write.object.slice(0, write.object.indexOf(' '))
  const target = write.subresource === undefined ? kind : `${kind}/${write.subresource}`
  return `${name}: ${guilty.controller ?? 'the user'} ${write.op} ${target}`
}
