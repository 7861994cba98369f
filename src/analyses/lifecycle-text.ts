/** The changes of an object for people. */
import type { ObjectDifference } from '#inspect/diff.ts'
import { formatNumber } from '#inspect/plain-text.ts'
import { inlineValue } from '#inspect/value-text.ts'
import type { Lifecycle, LifecycleAttempt, LifecycleChange } from './lifecycle.ts'

export function lifecycleText({ object, changes, attempts }: Lifecycle, width: number): readonly string[] {
  return [
    object,
    ...changes.flatMap((change) => ['', changeTitle(change), ...changeLines(change, width)]),
    ...(attempts.length === 0 ? [] : ['', 'Attempts that changed nothing', ...attempts.map(attemptLine)]),
  ]
}

function changeTitle({
  change,
  resourceVersion,
  by,
  reconcile,
  verb,
  subresource,
  line,
  step,
}: LifecycleChange): string {
  const of = subresource === undefined ? '' : `/${subresource}`
  const author = by === undefined ? '' : ` by ${reconcile ?? by} (${verb}${of})`
  const version = resourceVersion === '' ? '' : ` → ${resourceVersion}`
  const what = change === 'seen' ? 'seen, written by nobody in the trace' : change
  return `step ${formatNumber(step)}, line ${formatNumber(line)}: ${what}${author}${version}`
}

function changeLines({ change, differences, content }: LifecycleChange, width: number): readonly string[] {
  if (change === 'removed') return []
  if (differences === undefined) return content === undefined ? ['  (its content is not in the trace)'] : []
  if (differences.length === 0) return ['  (no field differs)']
  return differences.map((difference) => `  ${differenceLine(difference, width - 2)}`)
}

export function differenceLine({ path, left, right }: ObjectDifference, width: number): string {
  const value = (side: unknown, share: number) => inlineValue(side, Math.floor((width - path.length - 6) * share))
  if (left === undefined) return `+ ${path}: ${value(right, 1)}`
  if (right === undefined) return `- ${path}: ${value(left, 1)}`
  return `~ ${path}: ${value(left, 0.5)} → ${value(right, 0.5)}`
}

function attemptLine({ step, line, by, reconcile, verb, subresource, outcome }: LifecycleAttempt): string {
  const of = subresource === undefined ? '' : `/${subresource}`
  return `  step ${formatNumber(step)}, line ${formatNumber(line)}: ${verb}${of} by ${reconcile ?? by}: ${outcome}`
}
