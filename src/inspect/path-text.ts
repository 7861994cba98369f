/** A whole path, a lasso with its cycle marked, and the two runs of a fork. */

import type { PathRecord, PathStep } from '#trace/path.ts'
import type { FieldDifference, ReportFinding } from '#trace/report.ts'
import { differences, type ObjectDifference } from './diff.ts'
import { count, shorten } from './plain-text.ts'
import { briefStepLines, diffLine, stepLines, stepTitle } from './step-text.ts'
import { type TextOptions, type TextStyle, textStyle } from './text-style.ts'
import { inlineValue } from './value-text.ts'
import { fieldDiff } from './write-text.ts'

/** A path by itself, as `replay` prints it. Ends with a line feed; the data must be safe to print (`plainData`). */
export function pathText(path: PathRecord, options: TextOptions): string {
  const lines = pathLines(path, textStyle(options))
  return lines.length === 0 ? '' : `${lines.join('\n')}\n`
}

/** The steps of a path, numbered as in the whole path; a cycle is marked where it begins and where it closes. */
function pathLines(path: PathRecord, style: TextStyle): readonly string[] {
  return [...stepsWithCycle(path.steps, cycleStart(path), style), ...restLine(path, style)]
}

/** As `pathLines`, each step in brief but the one at `full`. */
export function briefPathLines(path: PathRecord, full: number | undefined, style: TextStyle): readonly string[] {
  const lines = (step: PathStep, numberWidth: number) =>
    step.index === full ? stepLines(step, style, numberWidth) : briefStepLines(step, style, numberWidth)
  return [...stepsWithCycle(path.steps, cycleStart(path), style, lines), ...restLine(path, style)]
}

/** The reconciles that a path leaves out because they would change nothing. */
function restLine({ idle }: PathRecord, style: TextStyle): readonly string[] {
  if (idle === undefined || idle.length === 0) return []
  const requests = idle.length > 3 ? count(idle.length, 'request') : idle.join(', ')
  return [style.colours.dim(`    then at rest, once what is pending has run and changed nothing: ${requests}`)]
}

function stepsWithCycle(
  steps: readonly PathStep[],
  start: number | undefined,
  style: TextStyle,
  linesOf = (step: PathStep, numberWidth: number) => stepLines(step, style, numberWidth),
): readonly string[] {
  const mark = style.colours.magenta
  const numberWidth = Math.max(2, String((steps.at(-1)?.index ?? 0) + 1).length)
  const lines = steps.flatMap((step) => {
    const opening =
      step.index === start ? [mark(`${' '.repeat(numberWidth)}↻ from here the run repeats for ever:`)] : []
    return [...opening, ...linesOf(step, numberWidth)]
  })
  const closes = start !== undefined && steps.some((step) => step.index === start)
  return closes ? [...lines, mark(`${' '.repeat(numberWidth)}↻ and again from step ${start + 1}`)] : lines
}

/** The `index` of the step at which a lasso's cycle begins. */
function cycleStart(path: PathRecord): number | undefined {
  return path.steps.find((step) => step.cycleStart === true)?.index ?? path.cycleStart
}

/**
 * The steps both runs share, both runs side by side from there on, what differs when both are at rest, and those steps
 * that make the difference: the faults, what was read late, the guilty write.
 */
export function forkLines(
  path: PathRecord,
  fork: NonNullable<ReportFinding['fork']>,
  guilty: NonNullable<ReportFinding['explanation']>['write'],
  style: TextStyle,
): readonly string[] {
  const { colours } = style
  const left = tail(fork.left, fork.commonSteps)
  const right = tail(fork.right, fork.commonSteps)
  const brief = (step: PathStep, numberWidth: number) => briefStepLines(step, style, numberWidth)
  const common =
    fork.commonSteps === 0 ? [] : stepsWithCycle(path.steps.slice(0, fork.commonSteps), undefined, style, brief)
  const parting =
    fork.commonSteps === 0
      ? 'The two runs part at once:'
      : `After ${count(fork.commonSteps, 'common step')} the runs part:`
  const telling = (steps: readonly PathStep[], isGuilty: (step: PathStep) => boolean): readonly string[] =>
    steps.flatMap((step) =>
      isGuilty(step) ? stepLines(step, style) : step.faults.length > 0 ? briefStepLines(step, style) : [],
    )
  const inLeft = telling(left, ({ index }) => guilty?.run === 'other' && guilty.step === index)
  const inRight = telling(right, ({ index }) => guilty?.run === 'here' && guilty.step === index)
  return [
    ...common,
    ...(common.length === 0 ? [] : ['']),
    colours.bold(parting),
    '',
    ...sideBySide(left, right, style),
    '',
    colours.bold('At rest they differ in (run A → run B):'),
    ...restLines(fork.differences, style),
    ...(inLeft.length === 0 ? [] : ['', colours.cyan('Of run A'), ...inLeft]),
    ...(inRight.length === 0 ? [] : ['', colours.cyan('Of run B'), ...inRight]),
  ]
}

/** A run of a fork may be recorded whole or from the fork on; its step numbers tell which. */
function tail(path: PathRecord, commonSteps: number): readonly PathStep[] {
  const steps = path.steps.filter((step) => step.index >= commonSteps)
  const isNumberedFromFork = (path.steps[0]?.index ?? 0) === 0 && path.steps.length <= commonSteps
  return isNumberedFromFork ? path.steps.map((step) => ({ ...step, index: step.index + commonSteps })) : steps
}

function sideBySide(left: readonly PathStep[], right: readonly PathStep[], style: TextStyle): readonly string[] {
  const width = Math.floor((style.columns - 3) / 2)
  const cell = (step: PathStep | undefined) => {
    if (step === undefined) return ''
    const fault = step.faults.length > 0 ? '⚡ ' : ''
    return shorten(`${String(step.index + 1).padStart(2)}  ${fault}${stepTitle(step)}`, width)
  }
  const rows = Array.from({ length: Math.max(left.length, right.length) }, (_, index) => {
    return `${cell(left[index]).padEnd(width)} │ ${cell(right[index])}`.trimEnd()
  })
  const { colours } = style
  return [`${colours.cyan('Run A'.padEnd(width))} │ ${colours.cyan('Run B')}`, ...rows]
}

export function restLines(fields: readonly FieldDifference[], style: TextStyle): readonly string[] {
  const lines: string[] = []
  let object: string | undefined
  for (const field of fields) {
    if (field.path === '') {
      lines.push(`  ${existence(field)}`)
      object = undefined
      continue
    }
    if (field.object !== object) lines.push(`  ${field.object}`)
    object = field.object
    for (const difference of narrowed(field)) {
      lines.push(...fieldDiff(difference, style.columns - 6).map((line) => diffLine(line, style, 4)))
    }
  }
  return lines
}

function existence(field: FieldDifference): string {
  const isPresent = (side: unknown) => side !== undefined && side !== null && side !== false && side !== 'absent'
  if (isPresent(field.left) && !isPresent(field.right)) return `${field.object}: only in run A`
  if (isPresent(field.right) && !isPresent(field.left)) return `${field.object}: only in run B`
  return `${field.object}: ${inlineValue(field.left, 60)} → ${inlineValue(field.right, 60)}`
}

/** A difference of a whole map or list, down to the fields that really differ. */
function narrowed(field: FieldDifference): readonly ObjectDifference[] {
  return differences(field.left, field.right, []).map(({ path, left, right }) => {
    const separator = path === '' || path.startsWith('[') || path.startsWith(' ') ? '' : '.'
    return { path: `${field.path}${separator}${path}`, left, right }
  })
}
