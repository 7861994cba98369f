/** Draws what differs between two files, each line leading to what it is about. */
import { wrap } from '#inspect/plain-text.ts'
import type { ComparisonLine, ComparisonRecord } from '#trace/comparison.ts'
import type { Drawn, Line, Tone } from './lines.ts'

/** What can be chosen: all lines of all sections, one after the other. */
export function comparisonLines(comparison: ComparisonRecord | undefined): readonly ComparisonLine[] {
  return (comparison?.sections ?? []).flatMap(({ lines }) => lines)
}

const TONES: Readonly<Record<NonNullable<ComparisonLine['tone']>, Tone>> = {
  added: 'good',
  removed: 'bad',
  changed: 'plain',
}
/** It is seen without colour, too. */
const MARKS: Readonly<Record<NonNullable<ComparisonLine['tone']>, string>> = { added: '+ ', removed: '- ', changed: '' }

/** @param chosenLine number of the line that is chosen */
export function comparisonScreen(comparison: ComparisonRecord | undefined, chosenLine: number, width: number): Drawn {
  if (comparison === undefined) return { title: '', subtitle: '', body: [] }
  const { left, right, message, sections } = comparison
  const body: Line[] = []
  let chosen = 0
  let number = 0
  for (const { title, lines } of sections) {
    if (body.length > 0) body.push({ text: '', tone: 'plain' })
    for (const text of wrap(title, width)) body.push({ text, tone: 'title' })
    for (const { text, tone } of lines) {
      const isChosen = number++ === chosenLine
      if (isChosen) chosen = body.length
      const mark = tone === undefined ? '' : MARKS[tone]
      for (const [index, part] of wrap(`${mark}${text}`, Math.max(20, width - 4)).entries())
        body.push({
          text: `${isChosen && index === 0 ? ' ▸ ' : '   '}${part}`,
          tone: isChosen ? 'selected' : tone === undefined ? 'plain' : TONES[tone],
        })
    }
  }
  return { title: message, subtitle: `first: ${left} · second: ${right}`, body, chosen }
}
