/**
 * Regular expressions with RE2's syntax and linear time, as the API server's are.
 */
import { RE2JS } from 're2js'

/** Whether the text has a match anywhere. */
export type PatternTest = (text: string) => boolean

const RESULTS_REMEMBERED_MAX = 5000

/** A test that remembers its answers; throws an Error with RE2's complaint for a bad expression. */
export function compilePattern(pattern: string): PatternTest {
  const compiled = RE2JS.compile(pattern)
  let known = new Map<string, boolean>()
  return (text) => {
    const before = known.get(text)
    if (before !== undefined) return before
    const result = compiled.test(text)
    if (known.size >= RESULTS_REMEMBERED_MAX) known = new Map()
    known.set(text, result)
    return result
  }
}

/** What is wrong with a regular expression; undefined when it compiles. */
export function patternFault(pattern: string): string | undefined {
  try {
    RE2JS.compile(pattern)
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

/** All matches from left to right that do not overlap, at most `most`. */
export function findMatches(pattern: string, text: string, most?: number): string[] {
  const matcher = RE2JS.compile(pattern).matcher(text)
  const found: string[] = []
  while ((most === undefined || found.length < most) && matcher.find()) found.push(matcher.group() ?? '')
  return found
}
