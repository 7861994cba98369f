/** Fields and names of a scenario that would have no effect, or two meanings: told before anything is searched. */
import type { Scenario } from '#cluster/scenario.ts'
import { oracleNames } from '#inspect/explanations.ts'
import { suggestion } from './suggest.ts'
import { UsageError } from './usage-error.ts'

/** A record, so that the compiler misses a field that is new. */
const KNOWN_FIELDS: Readonly<Record<keyof Scenario, true>> = {
  type: true,
  directory: true,
  name: true,
  crds: true,
  kinds: true,
  objects: true,
  settled: true,
  controllers: true,
  externals: true,
  initialRequests: true,
  actions: true,
  environment: true,
  properties: true,
  oracles: true,
  ignoreInOutcomes: true,
  garbageCollection: true,
  webhooks: true,
  quotas: true,
  permissions: true,
  after: true,
  unheard: true,
}

/** Warns of unknown fields; throws a `UsageError` for names that are there twice and oracles that do not exist. */
export function checkDefinition(scenario: Scenario, path: string, warn: ((message: string) => void) | undefined): void {
  for (const field of Object.keys(scenario)) {
    if (Object.hasOwn(KNOWN_FIELDS, field)) continue
    warn?.(
      `The scenario ${path} has a field ${field}, which has no effect${suggestion(field, Object.keys(KNOWN_FIELDS))}.`,
    )
  }
  checkControllerNames(scenario, path)
  checkOracles(scenario, path)
}

function checkControllerNames({ controllers }: Scenario, path: string): void {
  const first = new Map<string, number>()
  for (const [index, { name }] of controllers.entries()) {
    const before = first.get(name)
    if (before !== undefined) {
      throw new UsageError({
        what: `The scenario ${path} has two controllers named ${name}: controllers[${before}] and controllers[${index}].`,
        why: 'Work queues, reports and counterexamples tell controllers apart by name.',
        fix: 'Give one of them another name.',
      })
    }
    first.set(name, index)
  }
}

function checkOracles({ oracles = {} }: Scenario, path: string): void {
  for (const [name, setting] of Object.entries(oracles)) {
    if (!oracleNames.includes(name)) {
      throw new UsageError({
        what: `The scenario ${path} has a setting for the oracle ${name}, which does not exist${suggestion(name, oracleNames)}.`,
        why: 'The name is misspelt, or of another version.',
        fix: `Oracles are ${oracleNames.join(', ')}.`,
      })
    }
    if (typeof setting !== 'boolean' && !isExclusion(setting)) {
      throw new UsageError({
        what: `The scenario ${path} has a setting for the oracle ${name} that means nothing: ${JSON.stringify(setting)}.`,
        why: 'An oracle is on or off, or leaves out objects and kinds.',
        fix: `Write oracles: { '${name}': false } or { '${name}': { exclude: ['Kind namespace/name', 'Kind'] } }.`,
      })
    }
  }
}

function isExclusion(setting: unknown): boolean {
  const { exclude } = (setting ?? {}) as { readonly exclude?: unknown }
  return Array.isArray(exclude) && exclude.every((entry) => typeof entry === 'string')
}
