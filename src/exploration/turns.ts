/**
 * Searches and replays of one process take turns. The code under test sees a virtual clock, chance and timers through
 * the globals of the process while a reconcile runs; a second search going on meanwhile would see them too. One thread
 * does not become faster by two searches at once, so nothing is lost.
 */

let last: Promise<unknown> = Promise.resolve()

/** Does the work when all work that was asked for before is over, well or badly. Work must not wait for other work. */
export function inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
  const turn = last.then(work)
  last = turn.catch(() => {})
  return turn
}
