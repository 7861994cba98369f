/**
 * Answers that wait until all requests that have come are decided. To wake a client that sleeps costs more than to
 * decide; the first of several answers wakes a client of many connections, the others find it awake.
 */

export interface AnswerQueue {
  /** Calls `write` when the event loop has read what there was. */
  send(write: () => void): void
}

export function createAnswerQueue(): AnswerQueue {
  let waiting: (() => void)[] = []
  const flush = (): void => {
    const due = waiting
    waiting = []
    for (const write of due) write()
  }
  return {
    send: (write) => {
      waiting.push(write)
      if (waiting.length === 1) setImmediate(flush)
    },
  }
}
