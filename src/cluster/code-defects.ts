/** What the reconciles of a level have shown of their code: defects (a TypeError, nonsense returned) and random numbers. */
import type { Enabled } from './enabled.ts'
import type { RequestEntry } from './tables.ts'

/** A reconcile that ended in a defect of its code, with the first state it did so in. */
export interface Defect {
  readonly entry: number
  readonly action: number
  readonly request: RequestEntry
  readonly message: string
  readonly site: string | undefined
}

/** The first use of random numbers by a controller that does not declare them. */
export interface RandomUse {
  readonly entry: number
  readonly action: number
  readonly request: RequestEntry
}

export interface CodeDefects {
  readonly defects: Map<string, Defect>
  readonly randomUses: Map<string, RandomUse>
}

export function createCodeDefects(): CodeDefects {
  return { defects: new Map(), randomUses: new Map() }
}

/**
 * Looks at the actions of an entry. To be called for every entry of a state, not for the first alone: a reconcile with
 * an error of the API server is there only where the budget can pay it, and the first entry may have nothing left.
 */
export function noteCodeDefects(found: CodeDefects, enabled: Enabled, entry: number): void {
  for (let i = 0; i < enabled.count; i++) {
    const action = enabled.actions[i]
    const run = action?.run
    if (action === undefined || run === undefined) continue
    // Variants with a lag or a crash share the run of the action that they vary.
    if (action.lags.length > 0 || action.crashAfter >= 0) continue
    const { request, leaf } = run
    const { name, allowRandom } = request.controller.definition
    if (leaf?.defect === true) {
      const key = `${name} ${leaf.site ?? leaf.message}`
      if (!found.defects.has(key)) {
        found.defects.set(key, { entry, action: i, request, message: leaf.message, site: leaf.site })
      }
    }
    if (run.usedRandom && allowRandom !== true && !found.randomUses.has(name))
      found.randomUses.set(name, { entry, action: i, request })
  }
}
