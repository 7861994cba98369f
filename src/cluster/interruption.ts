/**
 * What comes after a search (judging it, shortening its paths) may take as long as the search: somebody who waits for
 * the report must get a turn then too.
 */
import type { Level } from './level.ts'

/** Why a search was ended by whoever waits for it. */
export const INTERRUPTED = 'interrupted'

/** Lets others run, when it is time for that. True: leave it at what there is, somebody waits for the report. */
export async function isInterrupted({ options, graph }: Pick<Level, 'options' | 'graph'>): Promise<boolean> {
  await options.progress?.(graph)
  return options.stop?.() === INTERRUPTED
}
