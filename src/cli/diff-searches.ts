/** `kamera analyze diff` of two searches. */
import { compareSearches, foundAlike } from '#analyses/compare-searches.ts'
import { searchComparisonText } from '#analyses/compare-searches-text.ts'
import { plainText } from '#inspect/plain-text.ts'
import { readSearches } from './read-searches.ts'
import { ExitStatus, type Terminal } from './terminal.ts'

export interface SearchFiles {
  readonly left: string
  readonly right: string
  readonly json: boolean
}

/** Throws a `DumpError` or a `UsageError`. */
export async function diffSearches({ left, right, json }: SearchFiles, terminal: Terminal): Promise<ExitStatus> {
  const { workingDirectory } = terminal
  const comparison = compareSearches(
    await readSearches(left, workingDirectory),
    await readSearches(right, workingDirectory),
  )
  const alike = foundAlike(comparison)
  if (json) {
    const result = { other: right, alike, ...comparison }
    terminal.out(`${JSON.stringify({ formatVersion: 1, analysis: 'diff', search: left, result })}\n`)
  } else terminal.out(`${searchComparisonText(comparison).map(plainText).join('\n')}\n`)
  return alike ? ExitStatus.holds : ExitStatus.violated
}
