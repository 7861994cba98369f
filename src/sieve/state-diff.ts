/**
 * Field diffs of a plan, compared with what a write changed. A plan holds, of the states before and after, only what
 * differs; a list has `SIEVE-SKIP` for items that are the same, and `SIEVE-NON-NIL` stands for any value.
 *
 * A change matches when it has at least the differences of the plan. Sieve asks for exactly those at some of its
 * observation points, after leaving out fields that its configuration names, which a plan does not tell.
 */
import type { StateDiff } from './plan.ts'

const SKIP = 'SIEVE-SKIP'
const ANY = 'SIEVE-NON-NIL'

type Fields = Readonly<Record<string, unknown>>

/** Whether the change from `before` to `after` has the differences that a plan expects. */
export function isChange(
  states: { readonly before: unknown; readonly after: unknown },
  expected: { readonly before: StateDiff | undefined; readonly after: StateDiff | undefined },
): boolean {
  const [before, after] = difference(states.before, states.after) ?? [{}, {}]
  return contains(before, expected.before ?? {}) && contains(after, expected.after ?? {})
}

/** Whether some field that is expected has another value, or none. */
export function isAnyOther(state: unknown, expected: StateDiff): boolean {
  return !contains(state, expected)
}

/** What differs, on each side; undefined when nothing does. */
function difference(before: unknown, after: unknown): readonly [unknown, unknown] | undefined {
  if (Array.isArray(before) && Array.isArray(after)) return listDifference(before, after)
  if (!isFields(before) || !isFields(after))
    return JSON.stringify(before) === JSON.stringify(after) ? undefined : [before, after]
  const left: Record<string, unknown> = {}
  const right: Record<string, unknown> = {}
  for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
    if (!(key in before)) right[key] = after[key]
    else if (!(key in after)) left[key] = before[key]
    else {
      const inner = difference(before[key], after[key])
      if (inner === undefined) continue
      left[key] = inner[0]
      right[key] = inner[1]
    }
  }
  return Object.keys(left).length + Object.keys(right).length === 0 ? undefined : [left, right]
}

function listDifference(
  before: readonly unknown[],
  after: readonly unknown[],
): readonly [unknown, unknown] | undefined {
  const pairs = Array.from({ length: Math.max(before.length, after.length) }, (_, index) =>
    index < before.length && index < after.length ? difference(before[index], after[index]) : 'end',
  )
  if (pairs.every((pair) => pair === undefined)) return undefined
  const side = (list: readonly unknown[], of: 0 | 1): readonly unknown[] =>
    list.map((item, index) => {
      const pair = pairs[index]
      return pair === undefined ? SKIP : pair === 'end' ? item : pair[of]
    })
  return [side(before, 0), side(after, 1)]
}

function contains(value: unknown, expected: unknown): boolean {
  if (expected === ANY) return value !== undefined && value !== null
  if (expected === SKIP) return true
  if (Array.isArray(expected))
    return (
      Array.isArray(value) &&
      value.length === expected.length &&
      expected.every((item, index) => contains(value[index], item))
    )
  if (isFields(expected))
    return (
      isFields(value) && Object.entries(expected).every(([key, item]) => key in value && contains(value[key], item))
    )
  return JSON.stringify(value) === JSON.stringify(expected)
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
