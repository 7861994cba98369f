/** What oracles say of single transitions, where a look at states would not show it. */
import type { PathRecord } from '#trace/path.ts'
import type { Action } from './action.ts'
import type { World } from './world.ts'

/** Something wrong with a transition, by an oracle. */
export interface Flag {
  readonly oracle: string
  /** The same for the same bug in another level or profile. */
  readonly key: string
  /** `Kind namespace/name`. */
  readonly objects: readonly string[]
  readonly controllers: readonly string[]
  /** One or two sentences, about a path that ends with the transition. */
  readonly message: (path: PathRecord) => string
}

/**
 * Judges the transition whose successor has just been computed: `world.state` is where it begins, `world.next` where it
 * ends. Undefined: code must run first (`world.needed`).
 */
export type TransitionJudge = (world: World, action: Action) => readonly Flag[] | undefined

/** Fills `flags`. False: code must run first. */
export function judge(world: World, action: Action, judges: readonly TransitionJudge[], flags: Flag[]): boolean {
  flags.length = 0
  if (action.run === undefined) return true
  for (const one of judges) {
    const found = one(world, action)
    if (found === undefined) return false
    flags.push(...found)
  }
  return true
}
