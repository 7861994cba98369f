/** Lines that analyses of a path are made of. */

export interface AnalysisLine {
  readonly text: string
  /** How far it is indented, from 0. */
  readonly depth: number
  /** Index of the step that it is about; its number stands before the text. */
  readonly step?: number
  /** Index of a step that the text speaks of. */
  readonly leadsTo?: number
  readonly isHeading?: true
  /** Of a field: added, removed or changed; `odd`: worth a look. */
  readonly tone?: 'added' | 'removed' | 'changed' | 'odd'
}

export interface Analysis {
  readonly title: string
  readonly lines: readonly AnalysisLine[]
}

/** More are not read by anybody, and a recording may have millions. */
export const LINES_MAX = 400

interface LineOptions {
  readonly depth?: number
  readonly step?: number
  readonly leadsTo?: number
  readonly isHeading?: true
  readonly tone?: AnalysisLine['tone']
}

export function line(text: string, { depth = 0, tone, ...more }: LineOptions = {}): AnalysisLine {
  return { text, depth, ...(tone === undefined ? {} : { tone }), ...more }
}

/** @param keep which of them stay where there are too many */
export function shortened(
  lines: readonly AnalysisLine[],
  keep: 'oldest' | 'newest' = 'oldest',
): readonly AnalysisLine[] {
  const left = lines.length - LINES_MAX
  if (left <= 0) return lines
  return keep === 'oldest'
    ? [...lines.slice(0, LINES_MAX), line(`… and ${left} more lines`)]
    : [line(`${left} lines before these are left out …`), ...lines.slice(left)]
}
