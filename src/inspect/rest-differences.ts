/** What two paths of one search left behind at rest, compared as outcomes are: without uids, versions and times. */
import type { KubernetesObject } from '#api/object.ts'
import type { PathRecord } from '#trace/path.ts'
import type { FieldDifference } from '#trace/report.ts'
import { differences } from './diff.ts'

/** Steps that both begin with. */
export function sharedSteps(left: PathRecord, right: PathRecord): number {
  const length = Math.min(left.steps.length, right.steps.length)
  for (let step = 0; step < length; step++) if (left.actions[step] !== right.actions[step]) return step
  return length
}

/** What neither path wrote is as it was at the start in both. */
export function restDifferences(left: PathRecord, right: PathRecord): readonly FieldDifference[] {
  const [ofLeft, ofRight] = [touched(left), touched(right)]
  const names = [...new Set([...ofLeft.keys(), ...ofRight.keys()])].sort()
  return names.flatMap((object) => {
    const [inLeft, inRight] = [ofLeft.get(object), ofRight.get(object)]
    // Where one path did not touch it, it has what the other one found.
    const atLeft = inLeft === undefined ? inRight?.first : inLeft.last
    const atRight = inRight === undefined ? inLeft?.first : inRight.last
    if (atLeft === undefined || atRight === undefined)
      return atLeft === atRight ? [] : [{ object, path: '', left: atLeft, right: atRight }]
    return differences(atLeft, atRight)
      .filter((difference) => !isForgotten(difference.path, difference.left, difference.right))
      .map((difference) => ({ object, ...difference }))
  })
}

interface Touched {
  /** Before the first write of the path. */
  readonly first: KubernetesObject | undefined
  /** After the last one. */
  readonly last: KubernetesObject | undefined
}

function touched(path: PathRecord): ReadonlyMap<string, Touched> {
  const objects = new Map<string, Touched>()
  for (const { writes } of path.steps) {
    for (const { op, outcome, object, before, after } of writes) {
      if (outcome !== 'committed' || op === 'call') continue
      const known = objects.get(object)
      objects.set(object, { first: known === undefined ? before : known.first, last: after })
    }
  }
  return objects
}

const FORGOTTEN = /(^|[.\]])(uid|resourceVersion|generation|observedGeneration|managedFields)$/
const TIME = /^\d{4}-\d\d-\d\dT[\d:.]+Z$/

function isForgotten(path: string, left: unknown, right: unknown): boolean {
  return FORGOTTEN.test(path) || (isTime(left) && isTime(right))
}

function isTime(value: unknown): boolean {
  return typeof value === 'string' && TIME.test(value)
}
