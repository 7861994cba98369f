/** Draws two paths side by side: their steps from where they part, and what differs at rest. */
import { count, shorten, wrap } from '#inspect/plain-text.ts'
import { restDifferences, sharedSteps } from '#inspect/rest-differences.ts'
import { stepTitle } from '#inspect/step-text.ts'
import { inlineValue } from '#inspect/value-text.ts'
import type { PathStep } from '#trace/path.ts'
import type { FieldDifference } from '#trace/report.ts'
import { comparedOf } from './compared.ts'
import type { Drawn, Line } from './lines.ts'
import type { InspectorModel } from './model.ts'

/** Lines that a value takes at most. */
const VALUE_LINES_MAX = 6

export function compareScreen(model: InspectorModel, title: string, width: number): Drawn {
  const compared = comparedOf(model)
  const left = compared === undefined ? undefined : model.paths.get(compared.left.path.$path)
  const right = compared === undefined ? undefined : model.paths.get(compared.right.path.$path)
  if (compared === undefined || left === undefined || right === undefined)
    return { title, subtitle: '', body: [{ text: 'reading …', tone: 'dim' }] }
  const common = compared.commonSteps ?? sharedSteps(left, right)
  const cell = Math.max(1, Math.floor((width - 3) / 2))
  const row = (a: string, b: string, tone: Line['tone'] = 'plain'): Line => ({
    text: `${shorten(a, cell).padEnd(cell)} │ ${shorten(b, cell)}`,
    tone,
  })
  const beyond = (steps: readonly PathStep[]) => steps.filter(({ index }) => index >= common)
  const [ofLeft, ofRight] = [beyond(left.steps), beyond(right.steps)]
  const steps = Array.from({ length: Math.max(ofLeft.length, ofRight.length) }, (_, index) =>
    rows(stepText(ofLeft[index], cell), stepText(ofRight[index], cell), row),
  ).flat()
  const differences = compared.differences ?? restDifferences(left, right)
  const body: Line[] = [
    row(compared.left.name, compared.right.name, 'title'),
    { text: common === 0 ? 'No step is shared.' : `${count(common, 'step')} shared`, tone: 'dim' },
    { text: shorten(`┄┄ here they part ${'┄'.repeat(width)}`, width), tone: 'odd' },
    ...(steps.length === 0 ? [{ text: 'Both end here.', tone: 'dim' } as const] : steps),
    { text: '', tone: 'plain' },
    {
      text:
        differences.length === 0
          ? 'At rest both have written the same, apart from uids and times.'
          : 'At rest they differ in:',
      tone: 'title',
    },
    ...differences.flatMap((difference) => differenceLines(difference, cell, row)),
  ]
  return { title, subtitle: `${compared.left.name} beside ${compared.right.name}`, body }
}

function stepText(step: PathStep | undefined, cell: number): readonly string[] {
  if (step === undefined) return []
  const lines = wrap(`${step.faults.length > 0 ? '⚡ ' : ''}${stepTitle(step)}`, cell - 5)
  return lines.map((line, index) => `${index === 0 ? String(step.index + 1).padStart(3) : '   '}  ${line}`)
}

function rows(
  left: readonly string[],
  right: readonly string[],
  row: (left: string, right: string) => Line,
): readonly Line[] {
  const length = Math.max(left.length, right.length)
  return Array.from({ length }, (_, index) => row(left[index] ?? '', right[index] ?? ''))
}

function differenceLines(
  { object, path, left, right }: FieldDifference,
  cell: number,
  row: (left: string, right: string) => Line,
): readonly Line[] {
  const [ofLeft, ofRight] = [valueLines(left, path, cell - 2), valueLines(right, path, cell - 2)]
  const length = Math.max(ofLeft.length, ofRight.length)
  return [
    { text: path === '' ? object : `${object} · ${path}`, tone: 'odd' },
    ...Array.from({ length }, (_, index) => row(`  ${ofLeft[index] ?? ''}`, `  ${ofRight[index] ?? ''}`)),
  ]
}

function valueLines(value: unknown, path: string, width: number): readonly string[] {
  if (value === undefined || value === null) return ['(absent)']
  if (path === '' && typeof value === 'object') return ['(there)']
  const lines = wrap(inlineValue(value, 600), width)
  return lines.length <= VALUE_LINES_MAX ? lines : [...lines.slice(0, VALUE_LINES_MAX - 1), '…']
}
