/**
 * The environment history of a state: what the environment did by itself on the way to it (environment events, timers
 * passed by the fault `slow`), in order, each with the position in the user's script at which it happened. Together with
 * that position it says which user actions and events really happened, and in which order. It is part of a state's
 * identity, and outcomes are compared only within one history (`semantics.md`, At rest, and outcomes).
 */
import { intern, valueOf } from './interner.ts'
import { HISTORY, SCRIPT } from './tables.ts'
import type { World } from './world.ts'

/** What happened, oldest first: `after 2: node n1 is lost`. */
export type EnvironmentHistory = readonly string[]

/** Adds to the history of the successor being built (`world.next`). `entry` names what happened, the same in every run. */
export function remember(world: World, entry: string): void {
  const { next, cluster } = world
  const history = [...historyOf(world, next), `after ${next[SCRIPT]}: ${entry}`]
  next[HISTORY] = intern(cluster.histories, history.join('\n'), history)
}

/** What the environment has done in a state, beside the user. */
export function historyOf(world: World, state: Int32Array): EnvironmentHistory {
  const id = state[HISTORY] as number
  return id === 0 ? [] : valueOf(world.cluster.histories, id)
}

/** The whole history of the state being expanded, user actions included, as one line: equal texts are one history. */
export function historyText(world: World): string {
  return [`user ${world.state[SCRIPT]}`, ...historyOf(world, world.state)].join(', ')
}
