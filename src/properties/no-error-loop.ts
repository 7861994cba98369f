/**
 * no-error-loop: the same request fails in a fair cycle with nothing else writing; or the code itself breaks (a
 * TypeError, a ReferenceError, a RangeError, an unhandled rejection, a result that is none).
 *
 * Why it is a bug: nothing will ever change, so the retries never succeed: the object is stuck until somebody looks.
 * What it can miss: errors that something outside the scenario would end (a missing CRD that is installed later).
 * How to switch it off: `oracles: { 'no-error-loop': false }`.
 */
import { at } from '#checker/growable.ts'
import { fairCycles } from '#checker/liveness.ts'
import { FAILED, LONG_TIMER, UNFAIR, WROTE } from '#checker/model.ts'
import { fairClassOfLabel } from '#checker/recorded-graph.ts'
import { enabledClasses } from '#cluster/entry-state.ts'
import { requestOfClass } from '#cluster/fair-class.ts'
import type { Oracle, Violation } from './violation.ts'

export const noErrorLoop: Oracle = {
  name: 'no-error-loop',
  async check(level) {
    const cycles = await fairCycles(level.graph, {
      keep: (flags) => (flags & (UNFAIR | LONG_TIMER | WROTE)) === 0,
      marked: (flags) => (flags & FAILED) !== 0,
      enabledClasses: (state) => enabledClasses(level, state),
    })
    const violations = new Map<string, Violation>()
    for (const defect of level.defects) {
      const controller = defect.request.controller.definition.name
      const key = `no-error-loop defect ${controller} ${defect.site ?? defect.message}`
      violations.set(key, {
        oracle: 'no-error-loop',
        key,
        place: { type: 'path', entry: defect.entry, action: defect.action },
        message: () =>
          `the code of ${controller} breaks: ${defect.message}${defect.site === undefined ? '' : ` (${defect.site})`}`,
        objects: [],
        controllers: [controller],
      })
    }
    for (const cycle of cycles) {
      const failed = cycle.walk.find(({ label }) => (label & FAILED) !== 0)
      const request = failed === undefined ? undefined : requestOfClass(level.cluster, fairClassOfLabel(failed.label))
      if (request === undefined) continue
      const controller = request.controller.definition.name
      const key = `no-error-loop ${controller}`
      // Code that breaks also fails for ever: that is told once.
      const isBroken = level.defects.some(({ request: broken }) => broken.controller === request.controller)
      if (isBroken || violations.has(key)) continue
      violations.set(key, {
        oracle: 'no-error-loop',
        key,
        place: { type: 'lasso', entry: at(level.graph.stateEntry, cycle.state), walk: cycle.walk },
        message: (path) => {
          const error = path.steps.slice(path.cycleStart ?? 0).find((step) => step.result?.type === 'error')
            ?.result?.message
          return `${request.label} fails for ever, and nothing else happens: ${error ?? 'an error'}`
        },
        objects: [],
        controllers: [controller],
      })
    }
    return [...violations.values()]
  },
}
