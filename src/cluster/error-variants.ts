/** The variants of a reconcile in which calls fail: one error for each unit of the budget, each at a later call. */
import { type ApiErrorChoice, errorTypesOf } from './api-error.ts'
import type { Run } from './run.ts'
import { placeOf, type RunPlace } from './walk.ts'
import type { World } from './world.ts'

export interface ErrorVariants {
  /** Most errors that the budget can pay. */
  readonly errorsMax: number
  /** Walks a variant; undefined: code must run first. */
  readonly walk: (place: RunPlace) => Run | undefined
  readonly use: (variant: Run) => void
}

/**
 * Walks every variant of `run`, whose calls must have been kept. What fails first is a call of the undisturbed run; what
 * fails next is a call of the run that the error has led to. False: code must run first.
 */
export function walkErrorVariants(world: World, run: Run, variants: ErrorVariants): boolean {
  return extend(world, run, run.errors, variants)
}

function extend(world: World, run: Run, errors: readonly ApiErrorChoice[], variants: ErrorVariants): boolean {
  if (errors.length >= variants.errorsMax) return true
  const last = errors.at(-1)?.call ?? -1
  for (const { place, operation, from, to } of run.calls) {
    if (place <= last) continue
    for (const type of errorTypesOf(world, operation, to > from)) {
      const longer = [...errors, { call: place, type }]
      const variant = variants.walk({ ...placeOf(run), errors: longer })
      if (variant === undefined) return false
      variants.use(variant)
      if (!extend(world, variant, longer, variants)) return false
    }
  }
  return true
}
