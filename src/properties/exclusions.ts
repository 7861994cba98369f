/** Objects and kinds that a scenario takes out of an oracle: `oracles: { name: { exclude: ['Kind ns/name', 'Kind'] } }`. */
import type { Scenario } from '#cluster/scenario.ts'
import type { Violation } from './violation.ts'

/** `object` is `Kind namespace/name`. */
export function isExcluded(scenario: Scenario, oracle: string, object: string): boolean {
  const setting = scenario.oracles?.[oracle]
  if (typeof setting !== 'object') return false
  return setting.exclude.includes(object) || setting.exclude.includes(object.slice(0, object.indexOf(' ')))
}

/** Whether a violation is about excluded objects alone. */
export function isLeftOut(scenario: Scenario, { oracle, objects }: Pick<Violation, 'oracle' | 'objects'>): boolean {
  return objects.length > 0 && objects.every((object) => isExcluded(scenario, oracle, object))
}
