/** Which answered reconciles are executed again: a seeded share, the same in every run of the same search. */
import type { Action } from '#cluster/action.ts'
import { execute } from '#cluster/execute.ts'
import { placeOf } from '#cluster/walk.ts'
import type { World } from '#cluster/world.ts'
import type { ExploreOptions } from './options.ts'

export function createAudit(
  options: ExploreOptions,
): (world: World, action: Action) => (() => Promise<unknown>) | undefined {
  let random = options.seed >>> 0 || 1
  let pending = false
  const threshold = Math.min(1, options.auditPercent / 100) * 4294967296
  return (world, action) => {
    const { run, request } = action
    if (run === undefined || request === undefined || run.inFlight !== undefined) return undefined
    if (pending) {
      pending = false
      return undefined
    }
    random = (Math.imul(random, 1664525) + 1013904223) >>> 0
    if (random >= threshold) return undefined
    pending = true
    const place = placeOf(run)
    return () => execute(world, request, place)
  }
}
