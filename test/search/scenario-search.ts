/** Searches one level of a hand-written scenario and judges it by the oracles that are on by default. */

import type { KubernetesObject } from '#api/object.ts'
import { packBudget } from '#checker/budget.ts'
import { statesDistinct } from '#checker/search.ts'
import { createCluster } from '#cluster/cluster.ts'
import { type Level, searchLevel } from '#cluster/level.ts'
import { defineScenario, type KindDeclaration, type UserAction } from '#cluster/scenario.ts'
import type { Cluster } from '#cluster/tables.ts'
import type { Rules, World } from '#cluster/world.ts'
import type { Client } from '#controller/client.ts'
import type {
  ControllerDefinition,
  ReconcileRequest,
  ReconcileResult,
  ReconcilerTools,
} from '#controller/controller.ts'
import { type Controller, defineController } from '#controller/define-controller.ts'
import { createInProcessHost } from '#hosts/in-process.ts'
import { judgesOf, oraclesOf } from '#properties/oracles.ts'
import type { Violation } from '#properties/violation.ts'

const API_VERSION = 'test.kamera.dev/v1'

export const appType = { apiVersion: API_VERSION, kind: 'App' }
export const partType = { apiVersion: API_VERSION, kind: 'Part' }

// biome-ignore lint/suspicious/noExplicitAny: fields of the tests' kinds
export type AnyObject = KubernetesObject & { spec?: any; status?: any }

export function app(name: string, spec: object = {}): AnyObject {
  return { ...appType, metadata: { namespace: 'default', name }, spec } as AnyObject
}

export function part(name: string, spec: object = {}): AnyObject {
  return { ...partType, metadata: { namespace: 'default', name }, spec } as AnyObject
}

// biome-ignore lint/suspicious/noConfusingVoidType: as reconcilers are
type Reconcile = (client: Client, request: ReconcileRequest, tools: ReconcilerTools) => Promise<ReconcileResult | void>

/** A controller of Apps whose reconciler is one function. */
export function controllerOf(
  name: string,
  reconcile: Reconcile,
  definition: Partial<ControllerDefinition> = {},
): Controller {
  return defineController({
    name,
    for: appType,
    reconciler: (tools) => ({ reconcile: (request) => reconcile(tools.client, request, tools) }),
    ...definition,
  })
}

export interface TestScenario {
  readonly controllers: readonly Controller[]
  readonly objects?: readonly AnyObject[]
  readonly actions?: readonly UserAction[]
  readonly kinds?: readonly KindDeclaration[]
}

export interface TestOptions extends Partial<Rules> {
  readonly faults?: number
  readonly stale?: number
  readonly crash?: number
  /** Default 0. */
  readonly apiError?: number
  readonly handover?: number
  readonly slow?: number
  readonly statesMax?: number
  readonly visit?: (world: World, state: number) => boolean
}

export interface Searched {
  readonly cluster: Cluster
  readonly level: Level
  readonly states: number
  readonly transitions: number
  /** Distinct outcomes, as the objects of the test's kinds by name. */
  readonly outcomes: readonly Readonly<Record<string, unknown>>[]
  readonly violations: readonly Violation[]
  /** Names of the oracles that are violated, each once. */
  readonly violated: readonly string[]
  readonly cuts: readonly string[]
}

const everyKind: readonly KindDeclaration[] = [appType, partType].map((type) => ({ ...type, statusSubresource: true }))

export async function searchScenario(scenario: TestScenario, options: TestOptions = {}): Promise<Searched> {
  const {
    faults = 0,
    stale = faults,
    crash = faults,
    apiError = 0,
    handover = 0,
    slow = 0,
    statesMax = 20_000,
    visit,
    ...rules
  } = options
  const definition = defineScenario({
    name: 'test',
    kinds: everyKind,
    objects: [app('a')],
    garbageCollection: false,
    ...scenario,
  })
  const { controllers } = scenario
  const host = createInProcessHost(controllers)
  try {
    const cluster = createCluster(definition, { host, controllers, liveProcesses: [], currentProcesses: [] })
    const completeRules: Rules = {
      granularity: 'reconcile',
      profile: 'lagging',
      queue: 'fifo',
      lagMax: 8,
      timeMaxMs: 24 * 3_600_000,
      absorbNoOps: false,
      ...rules,
    }
    const level = await searchLevel(cluster, completeRules, {
      budget: packBudget([faults, stale, crash, apiError, 0, handover, slow]),
      order: 'breadth-first',
      model: { judges: judgesOf(definition) },
      statesMax,
      ...(visit === undefined ? {} : { visit }),
    })
    const violations: Violation[] = []
    for (const oracle of oraclesOf(definition)) violations.push(...(await oracle.check(level)))
    return {
      cluster,
      level,
      states: statesDistinct(level.graph),
      transitions: level.graph.transitions,
      outcomes: outcomesOf(level),
      violations,
      violated: [...new Set(violations.map(({ oracle }) => oracle))].sort(),
      cuts: [...level.graph.cuts],
    }
  } finally {
    await host.close()
  }
}

function outcomesOf(level: Level): Readonly<Record<string, unknown>>[] {
  const byText = new Map(level.rests.map((rest) => [`${rest.history} ${rest.text}`, rest.objects]))
  return [...byText.values()].map((objects) =>
    Object.fromEntries(
      objects.filter(({ apiVersion }) => apiVersion === API_VERSION).map(({ name, fields }) => [name, fields]),
    ),
  )
}
