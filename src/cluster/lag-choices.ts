/**
 * What may begin for a process and a kind in a transition that commits events: a lag episode, a broken watch, a
 * bookmark, or that its standby falls behind. And the lists to which a process that crashes may go back.
 *
 * The standby falls behind at no cost, but only while a handover could still be paid after the transition: nobody else
 * ever looks at its caches.
 */
import { type BudgetVector, budgetField, dominates } from '#checker/budget.ts'
import { CRASH_COST, HANDOVER_COST, NO_KINDS, NO_LAGS, RELIST_COST, STALE_COST } from './action.ts'
import type { LagChoice } from './deliver.ts'
import { valueOf } from './interner.ts'
import type { Run } from './run.ts'
import { EXTERNAL_KIND, type Process } from './tables.ts'
import type { World } from './world.ts'

/** A transition of which variants are looked for. */
export interface LagTransition {
  readonly run: Run
  /** Its process dies after so many changes; -1: it lives. */
  readonly crashAfter: number
  readonly cost: BudgetVector
}

const COSTS: Readonly<Record<LagChoice['type'], BudgetVector>> = {
  stale: STALE_COST,
  relist: RELIST_COST,
  bookmark: 0,
  standby: 0,
}

/** Whether any fault or bookmark is left that could begin. */
export function canBegin(world: World, cost: BudgetVector, remaining: BudgetVector): boolean {
  const { profile } = world.rules
  if (profile === 'linearizable') return false
  if (dominates(remaining, cost + STALE_COST) || dominates(remaining, cost + RELIST_COST)) return true
  if (dominates(remaining, cost + HANDOVER_COST)) return true
  return profile === 'legacy-restart' && (cost === CRASH_COST || dominates(remaining, cost + CRASH_COST))
}

/** Calls `take` for each set of choices but the empty one: at most one of each group a process and kind. */
export function eachLagSet(
  world: World,
  base: LagTransition,
  remaining: BudgetVector,
  take: (lags: readonly LagChoice[], cost: BudgetVector) => void,
): void {
  const choices = lagChoices(world, base, remaining)
  const extend = (start: number, lags: readonly LagChoice[], cost: BudgetVector): void => {
    for (let i = start; i < choices.length; i++) {
      const choice = choices[i] as LagChoice
      const total = cost + COSTS[choice.type]
      if (!dominates(remaining, total) || lags.some((lag) => excludes(lag, choice))) continue
      if (choice.type === 'bookmark' && !isOfUse(world, base, lags, choice.process, (remaining - total) | 0)) continue
      const chosen = [...lags, choice]
      if (chosen.some(({ type }) => type === 'standby') && !dominates(remaining, total + HANDOVER_COST)) continue
      take(chosen, total)
      extend(i + 1, chosen, total)
    }
  }
  extend(0, NO_LAGS, base.cost)
}

/**
 * A bookmark is of use to a crash of its process alone: so no more processes hold some than crashes are left, but for
 * the one that dies in this very transition.
 */
function isOfUse(
  world: World,
  { run, crashAfter }: LagTransition,
  lags: readonly LagChoice[],
  process: Process,
  left: BudgetVector,
): boolean {
  if (crashAfter >= 0 && process === run.request.controller.process) return true
  const crashes = Math.min(budgetField(left, 0), budgetField(left, 2))
  if (crashes === 0) return false
  const holders = new Set(lags.flatMap((lag) => (lag.type === 'bookmark' ? [lag.process] : [])))
  for (const other of world.cluster.processes) {
    for (const part of other.bookmarkParts.values()) if (world.state[part] !== 0) holders.add(other)
  }
  return holders.has(process) || holders.size < crashes
}

/** Of each group at most one. */
const GROUPS = { stale: 'watch', relist: 'watch', bookmark: 'bookmark', standby: 'standby' } as const

function excludes(lag: LagChoice, choice: LagChoice): boolean {
  if (lag.process !== choice.process || lag.kind !== choice.kind) return false
  return GROUPS[lag.type] === GROUPS[choice.type]
}

function lagChoices(world: World, base: LagTransition, remaining: BudgetVector): readonly LagChoice[] {
  const { run, crashAfter, cost } = base
  const choices: LagChoice[] = []
  const count = crashAfter >= 0 ? crashAfter : run.changes.length
  for (const process of world.cluster.processes) {
    if (process.alwaysLive) continue
    const dies = crashAfter >= 0 && process === run.request.controller.process
    for (let from = 0; from < count; from++) {
      const kind = run.changes[from]?.slot.kind.id as number
      if (kind === EXTERNAL_KIND || (!process.watchesAll && !process.informers.has(kind))) continue
      const open = openEpisode(world, process, kind)
      if (!dies) {
        if (open === 'none' && dominates(remaining, cost + STALE_COST))
          choices.push({ type: 'stale', process, kind, from })
        if (open !== 'broken' && dominates(remaining, cost + RELIST_COST))
          choices.push({ type: 'relist', process, kind, from })
      }
      if (standbyIsCurrent(world, process, kind) && dominates(remaining, cost + HANDOVER_COST))
        choices.push({ type: 'standby', process, kind, from })
      if (mayBookmark(world, process, kind, dies || dominates(remaining, cost + CRASH_COST)))
        choices.push({ type: 'bookmark', process, kind, from })
    }
  }
  return choices
}

function standbyIsCurrent(world: World, process: Process, kind: number): boolean {
  const part = process.standbyParts.get(kind)
  return part === undefined || world.state[part] === 0
}

function openEpisode(world: World, process: Process, kind: number): 'none' | 'late' | 'broken' {
  const part = process.episodeParts.get(kind)
  const id = part === undefined ? 0 : (world.state[part] as number)
  if (id === 0) return 'none'
  return valueOf(world.cluster.episodes, id).broken ? 'broken' : 'late'
}

/** At most one bookmark a process and kind, and only while a crash is left (or strikes in this very transition). */
function mayBookmark(world: World, process: Process, kind: number, crashIsLeft: boolean): boolean {
  if (world.rules.profile !== 'legacy-restart' || process.listsConsistently || !crashIsLeft) return false
  const part = process.bookmarkParts.get(kind)
  return part === undefined || world.state[part] === 0
}

/**
 * Calls `take` for each set of kinds that a process which starts anew may list at their bookmarks, the empty one
 * first: those bookmarked in the state, and those whose bookmark begins in the transition in which it dies. One that
 * begins there and is not gone back to is of use to a later crash alone.
 */
export function eachOldLists(
  world: World,
  process: Process,
  lags: readonly LagChoice[],
  crashIsLeft: boolean,
  take: (oldLists: readonly number[]) => void,
): void {
  if (world.rules.profile !== 'legacy-restart') return take(NO_KINDS)
  const begun = lags.flatMap((lag) => (lag.type === 'bookmark' && lag.process === process ? [lag.kind] : []))
  const held = [...process.bookmarkParts].flatMap(([kind, part]) => (world.state[part] !== 0 ? [kind] : []))
  const kinds = [...new Set([...held, ...begun])].sort((a, b) => a - b)
  for (let chosen = 0; chosen < 2 ** kinds.length; chosen++) {
    const oldLists = kinds.filter((_, index) => (chosen >> index) % 2 === 1)
    if (crashIsLeft || begun.every((kind) => oldLists.includes(kind))) take(oldLists)
  }
}
