/** Runs the explorer's search on a described system, and gives what it found in the terms of the reference search. */
import { type BudgetVector, packBudget } from '#checker/budget.ts'
import { statesDistinct } from '#checker/search.ts'
import { createCluster } from '#cluster/cluster.ts'
import { type Level, searchLevel } from '#cluster/level.ts'
import { defineScenario } from '#cluster/scenario.ts'
import type { Cluster } from '#cluster/tables.ts'
import { versionOf } from '#cluster/versions.ts'
import type { Rules } from '#cluster/world.ts'
import { defineController } from '#controller/define-controller.ts'
import { createInProcessHost } from '#hosts/in-process.ts'
import { judgesOf, oraclesOf } from '#properties/oracles.ts'
import type { Violation } from '#properties/violation.ts'
import type { ReferenceOptions, ReferenceResult } from '../reference/search.ts'
import { storeFormOfObjects } from '../reference/store-form.ts'
import { API_VERSION, type System } from '../reference/system.ts'
import { toScenario } from '../reference/to-scenario.ts'

export interface RealOptions extends ReferenceOptions {
  readonly absorbNoOps?: boolean
  readonly privateWrites?: boolean
}

export interface RealResult extends ReferenceResult {
  readonly level: Level
  readonly found: readonly Violation[]
  /** As the search counts them, by fingerprint. */
  readonly storesDistinct: number
}

/** The same options, the same result as `referenceSearch`, by the real engine. */
export async function realSearch(system: System, options: RealOptions = {}): Promise<RealResult> {
  const { granularity = 'reconcile', profile = 'lagging', lagMax = 8 } = options
  const parts = toScenario(system)
  const controllers = parts.controllers.map((definition) => defineController(definition))
  // What oracles remember of the past makes more states, and is no part of the reference.
  const isJudged = granularity === 'reconcile' || options.remembersTruths === true
  const oracles = {
    'no-delete-on-stale-evidence': isJudged,
    'no-leak': false,
    'no-create-for-dead-owner': false,
    'no-lost-update': false,
    'no-churn': false,
  }
  const scenario = defineScenario({ ...parts, controllers, garbageCollection: false, oracles })
  const host = createInProcessHost(controllers)
  try {
    const cluster = createCluster(scenario, { host, controllers, liveProcesses: [], currentProcesses: [] })
    const rules: Rules = {
      granularity,
      profile: profile as Rules['profile'],
      queue: 'fifo',
      lagMax,
      timeMaxMs: 24 * 3_600_000,
      absorbNoOps: options.absorbNoOps ?? false,
      privateWrites: options.privateWrites ?? false,
    }
    const forms: string[] = []
    const level = await searchLevel(cluster, rules, {
      budget: budgetOf(options),
      order: 'breadth-first',
      model: { judges: judgesOf(scenario) },
      ...(options.statesMax === undefined ? {} : { statesMax: options.statesMax }),
      visit: (world, state) => {
        // The search may start again: then states are numbered anew.
        if (state === 0) forms.length = 0
        forms[state] = storeFormOf(cluster, world.state)
        return false
      },
    })
    const found: Violation[] = []
    for (const oracle of oraclesOf(scenario)) found.push(...(await oracle.check(level)))
    const { cuts } = level.graph
    return {
      states: statesDistinct(level.graph),
      transitions: level.graph.transitions,
      stores: new Set(forms),
      outcomes: new Set(level.rests.map(({ state }) => forms[state] as string)),
      outcomesByHistory: outcomesByHistory(level, forms),
      violations: {
        sameOutcome: found.some(({ oracle }) => oracle === 'same-outcome'),
        fairCycleWrites: found.some(({ oracle, place }) => oracle === 'comes-to-rest' && place.type === 'lasso'),
        errorLoop: found.some(({ oracle }) => oracle === 'no-error-loop'),
        stuckUserAction: level.stuck.length > 0,
        restUnstable: found.some(({ oracle }) => oracle === 'rest-is-stable'),
      },
      findings: new Set(found.flatMap(findingOf)),
      cut: cuts.has('lag-max'),
      complete: [...cuts].every((cut) => cut === 'lag-max'),
      level,
      found,
      storesDistinct: level.storesDistinct,
    }
  } finally {
    await host.close()
  }
}

/** Of an oracle that judges single steps: its name, the controller, the kinds of the objects. */
function findingOf({ oracle, controllers, objects }: Violation): string[] {
  if (oracle !== 'no-delete-on-stale-evidence') return []
  return objects.map((object) => [oracle, controllers.join(' '), object.split(' ')[0]].join(' '))
}

/** In the order of the fields of `checker/budget.ts`. */
function budgetOf(options: RealOptions): BudgetVector {
  const { faults = 0, stale = faults, crash = faults, apiError = 0, relist = 0, handover = 0, slow = 0 } = options
  return packBudget([faults, stale, crash, apiError, relist, handover, slow, options.environment ?? 0])
}

function outcomesByHistory(level: Level, forms: readonly string[]): Set<string> {
  const byHistory = new Map<unknown, Set<string>>()
  for (const { history, state } of level.rests) {
    byHistory.set(history, (byHistory.get(history) ?? new Set()).add(forms[state] as string))
  }
  return new Set([...byHistory.values()].map((outcomes) => JSON.stringify([...outcomes].sort())))
}

/** The described objects of a state; Namespaces and the like are left out. */
function storeFormOf(cluster: Cluster, state: Int32Array): string {
  const versions = cluster.slots.map((slot) => state[slot.part] as number).filter((version) => version !== 0)
  const objects = versions.map((version) => versionOf(cluster.versions, version).body)
  return storeFormOfObjects(objects.filter(({ apiVersion }) => apiVersion === API_VERSION))
}
