/** Where two texts part, with what is around it: the rest of what two runs said is of no interest. */

const BEFORE = 40
const AFTER = 60

/** Undefined: they are equal. */
export function firstDifference(one: string, other: string): readonly [string, string] | undefined {
  if (one === other) return undefined
  let place = 0
  while (place < one.length && one[place] === other[place]) place++
  const start = Math.max(0, place - BEFORE)
  return [excerpt(one, start, place + AFTER), excerpt(other, start, place + AFTER)]
}

function excerpt(text: string, start: number, end: number): string {
  return `${start > 0 ? '…' : ''}${text.slice(start, end)}${end < text.length ? '…' : ''}`
}
