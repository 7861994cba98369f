/** The name that was probably meant. */

/** ` (did you mean "lagging"?)`, or nothing when no candidate is near. */
export function suggestion(given: string, candidates: readonly string[]): string {
  const nearest = nearestName(given, candidates)
  return nearest === undefined ? '' : ` (did you mean "${nearest}"?)`
}

/** The candidate that begins with `given` or is at most a third of its length away; undefined when there is none. */
export function nearestName(given: string, candidates: readonly string[]): string | undefined {
  const wanted = given.toLowerCase()
  const starting = candidates.filter((candidate) => wanted !== '' && candidate.toLowerCase().startsWith(wanted))
  if (starting.length === 1) return starting[0]
  const ranked = candidates
    .map((candidate) => ({ candidate, distance: editDistance(wanted, candidate.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance)
  const best = ranked[0]
  return best !== undefined && best.distance <= Math.max(1, Math.floor(wanted.length / 3)) ? best.candidate : undefined
}

/** Insertions, deletions, replacements of a character and swaps of two neighbours (optimal string alignment). */
function editDistance(a: string, b: string): number {
  let before: readonly number[] = []
  let row: readonly number[] = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      const isSwap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      const swapped = isSwap ? (before[j - 2] ?? 0) + 1 : Number.POSITIVE_INFINITY
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, replaced, swapped))
    }
    before = row
    row = next
  }
  return row[b.length] ?? 0
}
