/**
 * The compound state machine of a scenario: its tables, made once, from the kinds, the processes with their
 * controllers, the initial objects and the user's script. `cluster-model.ts` presents it to the checker.
 */

import { resourcesOfCustomResourceDefinition } from '#api/crd.ts'
import type { KubernetesObject } from '#api/object.ts'
import type { ResourceInfo, ResourceTable } from '#api/resource.ts'
import { createScheme, declareKind } from '#api/scheme.ts'
import { registersWebhooks } from '#apiserver/admission/kinds.ts'
import { countedQuota } from '#apiserver/admission/quota-status.ts'
import { initialState } from '#apiserver/state.ts'
import type { Controller } from '#controller/define-controller.ts'
import { watchedTypes } from '#controller/enqueue.ts'
import type { Host } from '#controller/host.ts'
import { admissionOf, noteWebhooks } from './admission.ts'
import { coverageTable } from './coverage.ts'
import { declaredEvents } from './environment-events.ts'
import { addExternals } from './external-systems.ts'
import { interner } from './interner.ts'
import { operationTable } from './operation.ts'
import { oracleMemory } from './oracle-memory.ts'
import { noteProgramWebhooks } from './program-webhooks.ts'
import type { Scenario } from './scenario.ts'
import { ScenarioError } from './scenario-error.ts'
import {
  addFixedParts,
  addPart,
  type Cluster,
  type ControllerEntry,
  kindOf,
  kindOfResource,
  PART_MEMORY,
  type Process,
  REVISION,
  type RequestEntry,
  type Slot,
  START_MS,
  slotOf,
} from './tables.ts'
import { touchTable } from './touches.ts'
import { prepareActions } from './user-actions.ts'
import { internVersion, versionOf, versionTable } from './versions.ts'
import { registerUidOf } from './write.ts'

export interface ClusterOptions {
  readonly host: Host
  /** The scenario's controllers and those that are always there. */
  readonly controllers: readonly Controller[]
  /** Names of processes that read nothing through a cache: they are never behind. */
  readonly liveProcesses: readonly string[]
  /** Processes of a client stack of today, whose lists are consistent whatever the profile says of the others. */
  readonly currentProcesses: readonly string[]
}

/** The process of controllers that name none. */
const DEFAULT_PROCESS = 'controllers'

/** Builds the tables of a scenario whose manifests are objects. Throws `ScenarioError` for what cannot be served. */
export function createCluster(scenario: Scenario, options: ClusterOptions): Cluster {
  const resources = resourcesOf(scenario)
  const cluster: Cluster = {
    scenario,
    resources,
    admission: admissionOf(scenario, resources, options.host),
    host: options.host,
    versions: versionTable(),
    kinds: [],
    kindIds: new Map(),
    slots: [],
    slotIds: new Map(),
    requests: [],
    controllers: [],
    processes: [],
    episodes: interner(),
    shuffledSlots: new Map(),
    inFlights: interner(),
    memories: interner(),
    histories: interner(),
    remembered: oracleMemory(),
    partType: [],
    partHigh: [],
    partLow: [],
    partReference: [],
    partLabel: [],
    partNames: [],
    oddInstants: false,
    actsAtOnce: false,
    renamedHashes: new Map(),
    renamedMemories: new Map(),
    renamedLabels: new Map(),
    nameCounters: new Map(),
    operations: operationTable(),
    plans: new Map(),
    eventsAhead: new Map(),
    counters: {
      executed: 0,
      answered: 0,
      randomUses: new Map(),
      restartReason: undefined,
      timedKinds: new Set(),
      blindKinds: new Set(),
      turnovers: new Set(),
      turnoverKinds: new Set(),
      generationsAsData: new Set(),
      suspicions: new Map(),
      lints: new Map(),
    },
    coverage: coverageTable(),
    touches: touchTable(),
    learnt: 0,
    externals: new Map(),
    environment: [],
    environmentWrites: new Set(),
    initial: [],
    userRequest: undefined as unknown as RequestEntry,
    actions: [],
  }
  addFixedParts(cluster)
  addControllers(cluster, options)
  cluster.userRequest = userRequestOf()
  noteProgramWebhooks(cluster)
  addInitialObjects(cluster)
  addExternals(cluster)
  cluster.environment = declaredEvents(scenario)
  cluster.actions = prepareActions(cluster)
  cluster.oddInstants ||= mentionsInstant(scenario.actions ?? [])
  return cluster
}

/** Runs of the user have a request like all others; its controller exists in no process. */
function userRequestOf(): RequestEntry {
  const process: Process = {
    id: -1,
    name: 'user',
    controllers: [],
    informers: new Set(),
    watchesAll: false,
    episodeParts: new Map(),
    bookmarkParts: new Map(),
    standbyParts: new Map(),
    alwaysLive: true,
    listsConsistently: true,
    atOnce: false,
  }
  const controller = { id: -1, process, memoryPart: 0, requests: new Map(), readsAfterWrite: new Set() }
  return {
    id: -1,
    controller: {
      ...controller,
      definition: { name: 'user' },
      absorbedUpTo: -1,
    } as unknown as ControllerEntry,
    namespace: '',
    name: 'user',
    pendingPart: 0,
    handles: undefined,
    timerPart: 0,
    inFlightPart: 0,
    retiredParts: [],
    roots: new Map(),
    label: 'user',
  }
}

/** The kinds that a scenario's API server serves. Throws `ScenarioError` for a definition that cannot be read. */
export function resourcesOf(scenario: Scenario): ResourceTable {
  const extra: ResourceInfo[] = []
  for (const [index, crd] of (scenario.crds ?? []).entries()) {
    const definition = crd as KubernetesObject
    const found = resourcesOfCustomResourceDefinition(definition)
    if ('errors' in found) {
      const errors = found.errors.map((error) => `${error.field}: ${error.message}`).join('; ')
      throw new ScenarioError(
        `crds[${index}] (${definition.metadata?.name ?? 'without a name'}) is not a valid CustomResourceDefinition: ${errors}`,
      )
    }
    for (const { group, kind, resource } of found.resources) {
      const other = extra.find((each) => each.group === group && each.kind === kind && each.resource !== resource)
      if (other === undefined) continue
      throw new ScenarioError(
        `crds[${index}] (${definition.metadata.name}) defines the kind ${kind}, which ${other.resource}.${group} has: an API server serves the first of them alone. Leave one out.`,
      )
    }
    extra.push(...found.resources)
  }
  for (const kind of scenario.kinds ?? []) extra.push(declareKind(kind))
  return createScheme(extra)
}

function addControllers(cluster: Cluster, options: ClusterOptions): void {
  const names = new Set<string>()
  for (const definition of options.controllers) {
    if (names.has(definition.name)) {
      throw new ScenarioError(
        `two controllers are named ${definition.name}. Work queues, reports and tries are told apart by name: rename one.`,
      )
    }
    names.add(definition.name)
    addController(cluster, definition, options)
  }
}

function addController(
  cluster: Cluster,
  definition: Controller,
  { liveProcesses, currentProcesses }: Pick<ClusterOptions, 'liveProcesses' | 'currentProcesses'>,
): void {
  const processName = definition.process ?? DEFAULT_PROCESS
  const atOnce = definition.atOnce === true
  let process = cluster.processes.find(({ name }) => name === processName)
  if (process === undefined) {
    process = {
      id: cluster.processes.length,
      name: processName,
      controllers: [],
      informers: new Set(),
      watchesAll: false,
      episodeParts: new Map(),
      bookmarkParts: new Map(),
      standbyParts: new Map(),
      listsConsistently: currentProcesses.includes(processName),
      alwaysLive: atOnce || liveProcesses.includes(processName),
      atOnce,
    }
    cluster.processes.push(process)
  }
  if (process.atOnce !== atOnce) {
    throw new ScenarioError(
      `controller ${definition.name} ${atOnce ? 'runs' : 'does not run'} at once, unlike others of the process ${processName}. ` +
        'Processes share caches and crash together: give those that run at once a process of their own.',
    )
  }
  cluster.actsAtOnce ||= atOnce
  for (const { apiVersion, kind } of watchedTypes(definition)) {
    if (kind === '*') {
      process.watchesAll = true
      continue
    }
    const known = kindOf(cluster, apiVersion, kind)
    if (known === undefined) {
      throw new ScenarioError(
        `controller ${definition.name} watches ${kind} of ${apiVersion}, which nobody serves. ` +
          'The simulated API server knows the built-in kinds and those of the scenario. Add its CRD to crds, or { apiVersion, kind } to kinds.',
      )
    }
    process.informers.add(known.id)
  }
  const entry: ControllerEntry = {
    id: cluster.controllers.length,
    definition,
    process,
    requests: new Map(),
    memoryPart:
      definition.memory === undefined
        ? 0
        : addPart(cluster, PART_MEMORY, cluster.controllers.length, `memory ${definition.name}`),
    readsAfterWrite: new Set(),
    deletes: false,
    absorbedUpTo: Number.POSITIVE_INFINITY,
  }
  process.controllers.push(entry)
  cluster.controllers.push(entry)
}

function addInitialObjects(cluster: Cluster): void {
  let state: ReturnType<typeof initialState>
  try {
    state = initialState(cluster.resources, (cluster.scenario.objects ?? []) as object[], { nowMs: START_MS })
  } catch (error) {
    throw new ScenarioError(`objects: ${error instanceof Error ? error.message : String(error)}`)
  }
  const stored = cluster.resources.all.flatMap((resource) =>
    state.list(resource, undefined).map((object) => ({ resource, object })),
  )
  const seen = new Set<string>()
  const toIntern: { readonly slot: Slot; readonly body: KubernetesObject; readonly revision: number }[] = []
  let revision = 0
  for (const { resource, object } of stored) {
    const { namespace = '', name = '' } = object.body.metadata
    const slot = slotOf(cluster, kindOfResource(cluster, resource), resource.namespaced ? namespace : '', name)
    const key = `${slot.id}`
    if (seen.has(key)) continue
    seen.add(key)
    if (object.body.metadata.uid !== undefined) registerUidOf(cluster, slot, object.body.metadata.uid, 0)
    if (registersWebhooks(resource)) noteWebhooks(cluster, object.body)
    const isCounted = cluster.admission?.enforcesQuotas === true && resource.key === cluster.admission.kinds.quotas.key
    const body = isCounted ? countedQuota(cluster.resources, state, object.body) : object.body
    toIntern.push({ slot, body, revision: ++revision })
  }
  // All uids are known before the first body that may mention them is interned.
  for (const { slot, body, revision } of toIntern) {
    const version = internVersion(cluster.versions, body)
    if (versionOf(cluster.versions, version).instants.some((instant) => instant !== START_MS))
      cluster.oddInstants = true
    cluster.initial.push({ slot, version, revision })
  }
}

function mentionsInstant(value: unknown): boolean {
  if (typeof value === 'string') return /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/.test(value)
  if (typeof value !== 'object' || value === null) return false
  return Object.values(value).some(mentionsInstant)
}

/** The store of the initial state, as parts; the processes have not started yet. */
export function initialParts(cluster: Cluster, into: Int32Array): void {
  for (const { slot, version, revision } of cluster.initial) {
    into[slot.part] = version
    into[slot.part + 1] = revision
    into[REVISION] = Math.max(into[REVISION] as number, revision)
  }
}

/** Forgets what depends on the processes' informers, after something new was learnt: the search starts again. */
export function restartSearch(cluster: Cluster): void {
  cluster.plans.clear()
  cluster.eventsAhead.clear()
  cluster.coverage.uncovered.clear()
  cluster.coverage.reads.clear()
  cluster.renamedHashes.clear()
  for (const version of cluster.versions.byId) if (version !== undefined) version.localDone = false
  cluster.counters.restartReason = undefined
}
