/** Which of many steps are in the page: a recording has tens of thousands, and a browser takes seconds to lay them out. */
import { count } from '#inspect/plain-text.ts'
import { element } from './element.ts'

/** Fewer than this are all shown. */
const SHOWN_MAX = 400

/** Places from `from` up to `to`, without it. */
export interface ShownPart {
  readonly from: number
  readonly to: number
}

/** @param chosen place that has to be among them */
export function shownPart(length: number, chosen: number): ShownPart {
  if (length <= SHOWN_MAX) return { from: 0, to: length }
  const from = Math.max(0, Math.min(chosen - SHOWN_MAX / 2, length - SHOWN_MAX))
  return { from, to: from + SHOWN_MAX }
}

/** A button that goes on to what is not shown; undefined where all is. */
export function moreButton(
  steps: number,
  where: 'before these' | 'after these',
  choose: () => void,
): HTMLElement | undefined {
  if (steps === 0) return undefined
  return element('button', { class: 'more', click: choose }, `${count(steps, 'step')} ${where}`)
}
