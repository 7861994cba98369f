/**
 * nondeterministic: random numbers or uuids are used without being declared, or an audit saw a reconcile do something
 * else with the same answers.
 *
 * Why it is a bug: what the controller does cannot be repeated or predicted from what it read; retries after a crash
 * do something else. For the search it means that what was explored is not all there is.
 * What it can miss: nondeterminism that neither an audit nor the smoke run happened to show.
 * How to switch it off: `allowRandom: true` in the controller's definition.
 */
import type { Oracle } from './violation.ts'

export const nondeterministic: Oracle = {
  name: 'nondeterministic',
  async check(level) {
    return level.randomUses.map(({ entry, action, request }) => {
      const controller = request.controller.definition.name
      const use = [...level.cluster.counters.randomUses.values()].find(
        (candidate) => candidate.controller === controller,
      )
      const site = use?.site === undefined ? '' : ` at ${use.site}`
      return {
        oracle: 'nondeterministic',
        key: `nondeterministic ${controller}`,
        place: { type: 'path' as const, entry, action },
        message: () =>
          `${controller} uses ${randomText(use?.what)}${site}: what it does does not follow from what it read.`,
        objects: [],
        controllers: [controller],
      }
    })
  },
}

/** `a random number`, `random bytes`. */
function randomText(what = 'number'): string {
  return what.endsWith('s') ? `random ${what}` : `a random ${what}`
}
