/**
 * Leaves out of a scenario what a finding does not need: first faults, then user actions, then objects, one by one,
 * until none can go. Whether one can is decided by a search of what is left, to its end: so removing any one fault or
 * user action from the result makes the finding go away. Where such a search meets a limit, the part stays, and the
 * result is said to be perhaps not minimal.
 */
import type { Level } from '#cluster/level.ts'
import type { Violation } from '#properties/violation.ts'
import type { LeftOut } from '#trace/report.ts'
import { type Case, type Sighting, sightingOf } from './case.ts'
import { NOTHING_LEFT_OUT, partsOf } from './without.ts'

export interface VariantSearch {
  /**
   * The scenario without the parts, searched with a budget of `faults` under the level's profile and granularity.
   * Undefined: it cannot be explored without them, or no search is left to be spent.
   */
  level(
    without: LeftOut,
    like: Level,
    faults: number,
  ): Promise<{ readonly level: Level; readonly violations: readonly Violation[] } | 'impossible' | 'spent'>
}

export interface Smallest {
  readonly sighting: Sighting
  readonly without: LeftOut
  /** Removing any one fault or user action makes the finding go away. */
  readonly minimal: boolean
}

/**
 * What is promised is promised of the whole script: where the user does nothing, nothing comes true, and a
 * counterexample of that would say nothing of the bug.
 */
const PROMISES: readonly string[] = ['eventually', 'leadsTo']

export async function dropParts(each: Case, search: VariantSearch): Promise<Smallest> {
  if (each.violation.place.type === 'nowhere') return { sighting: each, without: NOTHING_LEFT_OUT, minimal: true }
  let sighting: Sighting = each
  let without = NOTHING_LEFT_OUT
  let minimal = true
  const seen = async (left: LeftOut, faults: number): Promise<Sighting | undefined> => {
    const searched = await search.level(left, each.level, faults)
    if (searched === 'spent') minimal = false
    if (searched === 'spent' || searched === 'impossible') return undefined
    const { level, violations } = searched
    const violation = await sightingOf(each.key, each.violation, violations, level)
    if (violation === undefined && level.graph.cuts.size > 0) minimal = false
    return violation === undefined ? undefined : { violation, level, faults }
  }
  const { scenario, actions } = each.level.cluster
  const all = partsOf(
    scenario,
    actions.map(({ title }) => title),
  )
  const drop = async (kind: 'actions' | 'objects', parts: LeftOut['actions']): Promise<boolean> => {
    const left = { ...without, [kind]: [...without[kind], ...parts].sort((a, b) => a.index - b.index) }
    const smaller = await seen(left, each.faults)
    if (smaller === undefined) return false
    sighting = smaller
    without = left
    return true
  }
  // What the user does after the path is over is left out at once.
  const taken = each.path.actions.filter((name) => name === 'user' || name.startsWith('user ')).length
  const after = all.actions.filter(({ index }) => index >= taken)
  if (after.length > 1 && !PROMISES.includes(each.violation.oracle)) await drop('actions', after)
  for (let again = !PROMISES.includes(each.violation.oracle); again; ) {
    again = false
    minimal = true
    for (const kind of ['actions', 'objects'] as const) {
      for (const part of all[kind]) {
        if (without[kind].some(({ index }) => index === part.index)) continue
        if (await drop(kind, [part])) again = true
      }
    }
  }
  for (let faults = 0; faults < each.faults; faults++) {
    const cheaper = await seen(without, faults)
    if (cheaper === undefined) continue
    sighting = cheaper
    break
  }
  return { sighting, without, minimal }
}
