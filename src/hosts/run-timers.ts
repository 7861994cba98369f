/** The virtual timers of one run. They fire when the run has nothing else to do, earliest first, in no real time. */

interface RunTimer {
  readonly id: number
  readonly callback: () => void
  readonly delayMs: number
  readonly repeat: boolean
  dueMs: number
}

export class RunTimers {
  /** How far the run's own clock was moved on by sleeping. */
  sleptMs = 0
  private nextId = 1
  private pending: RunTimer[] = []

  get isEmpty(): boolean {
    return this.pending.length === 0
  }

  /** Node's rules: a delay below 1 ms, above 2^31-1 ms or no number is 1 ms. */
  start(callback: () => void, delayMs: number, repeat: boolean): number {
    const delay = delayMs >= 1 && delayMs <= 2_147_483_647 ? Math.trunc(delayMs) : 1
    const id = this.nextId++
    this.pending.push({ id, callback, delayMs: delay, repeat, dueMs: this.sleptMs + delay })
    return id
  }

  stop(id: number): void {
    this.pending = this.pending.filter((timer) => timer.id !== id)
  }

  clear(): void {
    this.pending = []
  }

  /** Moves the clock to the earliest timer and calls it back; of equal ones the first started. */
  fireEarliest(): void {
    let earliest = this.pending[0]
    if (earliest === undefined) return
    for (const timer of this.pending) if (timer.dueMs < earliest.dueMs) earliest = timer
    this.sleptMs = Math.max(this.sleptMs, earliest.dueMs)
    if (earliest.repeat) earliest.dueMs = this.sleptMs + earliest.delayMs
    else this.stop(earliest.id)
    earliest.callback()
  }
}
