/**
 * Whether code reads the clock though its program is not declared to: the first reconciles of each controller are run
 * once more in a child that lives years later, with the same answers. Where it does something else there, twice alike,
 * it is the clock; what is different every time is chance or memory, which audits find.
 */
import type { Child } from './child.ts'
import { startProbeChild } from './probe-child.ts'
import { type PlayedRun, type Replayed, replayRun } from './replayed-run.ts'
import type { ChildOptions } from './start-message.ts'

/** Some three years, and a time of day and a weekday of their own. */
const LATER_MS = 1_000 * 86_400_000 + 7 * 3_600_000 + 13 * 60_000 + 29_000
const RUNS_OF_EACH = 12
/** Code that may use chance can do the same some times in a row without any clock. */
const MORE_OF_CHANCE = 8

export class ClockProbe {
  readonly #options: ChildOptions
  readonly #played = new Map<string, number>()
  #child: Child | undefined
  readonly notes: string[] = []

  constructor(options: ChildOptions) {
    this.#options = { ...options, nowMs: options.nowMs + LATER_MS }
  }

  wants(controller: string): boolean {
    return (this.#played.get(controller) ?? 0) < RUNS_OF_EACH
  }

  async play(run: PlayedRun): Promise<void> {
    const { controller } = run.request
    this.#played.set(controller, (this.#played.get(controller) ?? 0) + 1)
    const first = await this.#replay(run)
    if (first === undefined) return
    for (let more = this.#options.program.allowRandom === true ? MORE_OF_CHANCE : 1; more > 0; more--)
      if (first !== (await this.#replay(run))) return
    this.#played.set(controller, RUNS_OF_EACH)
    this.notes.push(
      `controller ${controller} of program ${this.#options.program.name} reads the clock: at a later time it ${first}. For it time stands still at the start of the scenario, so what it decides by time is not explored. If it decides by time, say readsClock: true of the program; if it only writes the time down, all is well.`,
    )
  }

  async close(): Promise<void> {
    await this.#child?.close()
    this.#child = undefined
  }

  /** What the code does otherwise; undefined: nothing, or the child cannot tell. */
  async #replay(run: PlayedRun): Promise<string | undefined> {
    let replayed = await this.#replayOnce(run)
    if (replayed.type === 'past') {
      // The child before has slept.
      await this.close()
      replayed = await this.#replayOnce(run)
    }
    if (replayed.type !== 'other') return undefined
    // What it would be answered nobody knows: the next replay needs another child.
    if (replayed.isOpen) await this.close()
    return replayed.does
  }

  async #replayOnce(run: PlayedRun): Promise<Replayed> {
    this.#child ??= await startProbeChild(this.#options, 'fresh')
    if (this.#child?.isAlive !== true) return { type: 'untold' }
    return replayRun(this.#child, run, { nowMs: this.#options.nowMs, limitMs: this.#options.stepLimitMs })
  }
}
