/**
 * Whether instances keep memory between reconciles, which is forgotten where each reconcile has a fresh one: the first
 * reconciles of each controller are run once more in a child whose one instance lives on, with the same answers. Where
 * it does something else there, it does the same in a new child, and something else again after the same reconciles as
 * before, it is memory. What is different without a history is chance, which audits find.
 */
import type { Child } from './child.ts'
import { startProbeChild } from './probe-child.ts'
import { type PlayedRun, type Replayed, replayRun } from './replayed-run.ts'
import type { ChildOptions } from './start-message.ts'

const RUNS_OF_EACH = 12

export class MemoryProbe {
  readonly #options: ChildOptions
  readonly #played = new Map<string, number>()
  /** What the child that lives on has run. */
  #history: PlayedRun[] = []
  #child: Child | undefined
  readonly notes: string[] = []

  constructor(options: ChildOptions) {
    this.#options = options
  }

  wants(controller: string): boolean {
    return (this.#played.get(controller) ?? 0) < RUNS_OF_EACH
  }

  async play(run: PlayedRun): Promise<void> {
    const { controller } = run.request
    this.#played.set(controller, (this.#played.get(controller) ?? 0) + 1)
    this.#child ??= await startProbeChild(this.#options, 'kept')
    const replayed = await this.#replay(this.#child, run)
    if (replayed.type === 'same') {
      this.#history.push(run)
      return
    }
    const history = this.#history
    await this.close()
    if (replayed.type !== 'other') return
    // Once is enough to know, and once in vain to give up.
    this.#played.set(controller, RUNS_OF_EACH)
    if (!(await this.#isMemory(history, run))) return
    this.notes.push(
      `controller ${controller} of program ${this.#options.program.name} keeps memory between reconciles: in an instance that lives on it ${replayed.does}, after the same reads, which a new one does not. Each reconcile here has a new instance, so what it does by its memory is not explored.`,
    )
  }

  async close(): Promise<void> {
    this.#history = []
    await this.#child?.close()
    this.#child = undefined
  }

  async #isMemory(history: readonly PlayedRun[], run: PlayedRun): Promise<boolean> {
    const alone = await startProbeChild(this.#options, 'kept')
    const without = await this.#replay(alone, run)
    await alone?.close()
    if (without.type !== 'same') return false
    const again = await startProbeChild(this.#options, 'kept')
    for (const earlier of history) if ((await this.#replay(again, earlier)).type !== 'same') break
    const after = await this.#replay(again, run)
    await again?.close()
    return after.type === 'other'
  }

  async #replay(child: Child | undefined, run: PlayedRun): Promise<Replayed> {
    if (child?.isAlive !== true) return { type: 'untold' }
    return replayRun(child, run, { nowMs: this.#options.nowMs, limitMs: this.#options.stepLimitMs })
  }
}
