/**
 * The builder of the README's getting-started text: reconcilers, whose objects they look after, what else they watch,
 * and an initial state, explored by the same search as a scenario file. Reconciles are taken whole, in every order,
 * without reductions, so that every path counts; faults are off unless asked for.
 */
import type { TypeReference } from '#api/object.ts'
import type { ResourceInfo } from '#api/resource.ts'
import type { Scenario } from '#cluster/scenario.ts'
import { ScenarioError } from '#cluster/scenario-error.ts'
import type { Client } from '#controller/client.ts'
import type { Reconciler, ReconcilerTools } from '#controller/controller.ts'
import { type Controller, defineController } from '#controller/define-controller.ts'
import { exploreInDetail } from '#explore.ts'
import type { ExploreReport, ReportFinding } from '#trace/report.ts'
import { type KindBound, type StuckViews, stuckViewsOf } from './bounds.ts'
import { type Emitter, MemoryEmitter } from './events.ts'
import { mergeResults, type PartialResult } from './merge.ts'
import type { Scheme } from './scheme.ts'
import { type InitialState, StateEventBuilder } from './start.ts'
import { type ExploredState, exploredStates, storedNames } from './states.ts'
import { type StrategyFactory, strategyReconciler } from './strategy.ts'
import { type StuckKind, stuckClient } from './stuck-view.ts'
import { watchesOf } from './watches.ts'

export type { ExploredState } from './states.ts'

/** A finding. It is replayed from a scenario file only, so it names no command. */
export type ExplorerFinding = Omit<ReportFinding, 'replay'>

export interface ExplorationResult extends Pick<ExploreReport, 'verdict' | 'exhaustive' | 'bounds' | 'statistics'> {
  /** The states in which the cluster comes to rest, each once. */
  readonly convergedStates: readonly ExploredState[]
  /** The states in which the search was cut off by `withMaxDepth`. */
  readonly abortedStates: readonly ExploredState[]
  readonly findings: readonly ExplorerFinding[]
}

export interface Explorer {
  /** Who is told of what happens: the one given, or a `MemoryEmitter`. */
  readonly emitter: Emitter
  /** Searches everything that can happen from the initial state on. */
  explore(initial: InitialState): Promise<ExplorationResult>
}

type ReconcilerFactory = (client: Client, tools: ReconcilerTools) => Reconciler

interface Registration {
  readonly id: string
  readonly reconciler: (tools: ReconcilerTools, types: readonly TypeReference[]) => Reconciler
}

export class ExplorerBuilder {
  readonly #scheme: Scheme
  readonly #registrations = new Map<string, Registration>()
  readonly #kinds = new Map<string, TypeReference>()
  readonly #dependencies = new Map<string, TypeReference[]>()
  readonly #bounds = new Map<string, KindBound>()
  #depthMax: number | undefined
  #faults = 0
  #emitter: Emitter = new MemoryEmitter()

  constructor(scheme: Scheme) {
    this.#scheme = scheme
  }

  /** A function that makes the reconciler from a client (and clock, API reader, recorder): called for each reconcile. */
  withReconciler(id: string, create: ReconcilerFactory): this {
    return this.#register(id, (tools) => create(tools.client, tools))
  }

  /** A controller of another shape: a function that makes it from the recorder of its writes, for each reconcile. */
  withStrategy(id: string, create: StrategyFactory): this {
    return this.#register(id, ({ client }, types) => strategyReconciler(client, types, create))
  }

  /**
   * The reconciler looks after this kind: a change of an object makes a reconcile of that object pending.
   * `kind` is group/Kind; 'core/Pod', '/Pod' or 'Pod' for the core group. A reconciler has one such kind.
   */
  assignReconcilerToKind(id: string, kind: string): this {
    const type = this.#scheme.resolve(kind)
    const before = this.#kinds.get(id)
    if (before !== undefined && (before.kind !== type.kind || before.apiVersion !== type.apiVersion)) {
      throw new ScenarioError(
        `${id} is assigned to ${before.kind} already, so it cannot be to ${kind}. What else it is to watch is declared by withResourceDep.`,
      )
    }
    this.#kinds.set(id, type)
    return this
  }

  /**
   * The reconcilers watch this kind. A change of an object makes pending: its own key for a reconciler assigned to the
   * kind; else the key of its owner of the kind that the reconciler is assigned to; else its own key.
   */
  withResourceDep(kind: string, ...ids: string[]): this {
    const type = this.#scheme.resolve(kind)
    for (const id of ids) this.#dependencies.set(id, [...(this.#dependencies.get(id) ?? []), type])
    return this
  }

  /**
   * The reconciler's view of each kind is stuck at one of the last so many versions in the initial state's history, the
   * newest included, and never catches up; all choices are explored. 1: it is not stuck. As the Go Kamera has it; views
   * of real caches lag and catch up (`kamera explore --profile`).
   */
  withKindBounds(id: string, versions: Readonly<Record<string, number>>): this {
    for (const [kind, versionsMax] of Object.entries(versions)) {
      if (!Number.isInteger(versionsMax) || versionsMax < 1)
        throw new ScenarioError(
          `withKindBounds got ${versionsMax} for ${kind}. It is a number of versions, 1 or more; 1 is the newest alone.`,
        )
      const type = this.#scheme.resolve(kind)
      const resource = this.#scheme.find(type.apiVersion, type.kind) as ResourceInfo
      this.#bounds.set(`${id} ${type.apiVersion} ${type.kind}`, { reconciler: id, type, resource, versionsMax })
    }
    return this
  }

  /** No path gets longer than this. Default: no limit. */
  withMaxDepth(steps: number): this {
    if (!Number.isInteger(steps) || steps < 1)
      throw new ScenarioError(`withMaxDepth got ${steps}. It is a number of steps, 1 or more.`)
    this.#depthMax = steps
    return this
  }

  /** How many faults (crashes, stale caches) may happen on a path, 0 to 15. Default 0. */
  withFaults(faults: number): this {
    this.#faults = faults
    return this
  }

  withEmitter(emitter: Emitter): this {
    this.#emitter = emitter
    return this
  }

  newStateEventBuilder(): StateEventBuilder {
    return new StateEventBuilder(this.#scheme)
  }

  /** @throws ScenarioError when a kind or a dependency belongs to no reconciler, or a reconciler watches nothing. */
  build(): Explorer {
    const bounds = [...this.#bounds.values()]
    for (const id of [
      ...this.#kinds.keys(),
      ...this.#dependencies.keys(),
      ...bounds.map((bound) => bound.reconciler),
    ]) {
      if (!this.#registrations.has(id)) throw new ScenarioError(`there is no reconciler ${id}. ${this.#known()}`)
    }
    const controllersOf = ({ kinds }: StuckViews) =>
      [...this.#registrations.values()].map((registration) =>
        this.#controllerOf(registration, kinds.get(registration.id) ?? []),
      )
    controllersOf({ kinds: new Map(), descriptions: [] }) // refuses what is wrong before anything is explored
    const settings = {
      controllersOf,
      bounds,
      crds: this.#scheme.crds,
      kinds: this.#scheme.kinds,
      depthMax: this.#depthMax,
      faults: this.#faults,
      emitter: this.#emitter,
    }
    return {
      emitter: this.#emitter,
      explore: (initial) => exploreFrom(initial, settings),
    }
  }

  #register(id: string, reconciler: Registration['reconciler']): this {
    if (this.#registrations.has(id))
      throw new ScenarioError(`there are two reconcilers ${id}: give each an id of its own.`)
    this.#registrations.set(id, { id, reconciler })
    return this
  }

  #controllerOf({ id, reconciler }: Registration, stuck: readonly StuckKind[]): Controller {
    const primary = this.#kinds.get(id)
    const dependencies = this.#dependencies.get(id) ?? []
    if (primary === undefined && dependencies.length === 0) {
      throw new ScenarioError(
        `${id} watches nothing, so no change would ever wake it. Call assignReconcilerToKind('${id}', 'group/Kind') or withResourceDep.`,
      )
    }
    const types = [...(primary === undefined ? [] : [primary]), ...dependencies]
    return defineController({
      name: id,
      ...(primary === undefined ? {} : { for: primary }),
      watches: watchesOf(
        primary,
        dependencies,
        ({ apiVersion, kind }) => this.#scheme.find(apiVersion, kind)?.namespaced ?? true,
      ),
      reconciler: (tools) =>
        reconciler(
          stuck.length === 0 ? tools : { ...tools, client: stuckClient(tools.client, stuck) },
          uniqueTypes(types),
        ),
    })
  }

  #known(): string {
    const ids = [...this.#registrations.keys()]
    return ids.length === 0 ? 'There is none: call withReconciler first.' : `There are: ${ids.join(', ')}.`
  }
}

function uniqueTypes(types: readonly TypeReference[]): readonly TypeReference[] {
  return types.filter(
    (type, index) =>
      types.findIndex((other) => other.kind === type.kind && other.apiVersion === type.apiVersion) === index,
  )
}

interface Settings extends Pick<Scenario, 'crds' | 'kinds'> {
  readonly controllersOf: (views: StuckViews) => readonly Controller[]
  readonly bounds: readonly KindBound[]
  readonly depthMax: number | undefined
  readonly faults: number
  readonly emitter: Emitter
}

async function exploreFrom(initial: InitialState, settings: Settings): Promise<ExplorationResult> {
  const { objects, requests, history = [] } = initial
  const { bounds, emitter } = settings
  const results: PartialResult[] = []
  for (const views of stuckViewsOf(bounds, { objects, requests, history }))
    results.push(await exploreWith(views, { objects, requests }, settings))
  const result = mergeResults(results)
  for (const state of result.convergedStates) emitter.emit({ type: 'converged', state })
  for (const state of result.abortedStates) emitter.emit({ type: 'aborted', state })
  for (const finding of result.findings) emitter.emit({ type: 'finding', finding })
  emitter.emit({ type: 'end', verdict: result.verdict })
  return result
}

async function exploreWith(
  views: StuckViews,
  { objects, requests }: InitialState,
  { controllersOf, crds = [], kinds = [], depthMax, faults, emitter }: Settings,
): Promise<PartialResult> {
  const scenario: Scenario = {
    type: 'scenario',
    name: 'explorer',
    controllers: controllersOf(views),
    crds,
    kinds,
    objects,
    initialRequests: requests,
  }
  const { report, exploration } = await exploreInDetail(scenario, {
    faults,
    depthMax,
    granularity: 'reconcile',
    profiles: ['lagging'],
    reduction: 'none',
    onState: ({ cluster, state }, number) => {
      if (number === 0) emitter.emit({ type: 'search' })
      const pending = cluster.requests.filter(({ pendingPart }) => state[pendingPart] !== 0).map(({ label }) => label)
      emitter.emit({ type: 'state', state: number, objects: storedNames(cluster, state), pending })
    },
  })
  const level = exploration.levels.at(-1)?.level
  const states =
    level === undefined ? { convergedStates: [], abortedStates: [] } : await exploredStates(level, views.descriptions)
  const { verdict, exhaustive, bounds, statistics, outcomes } = report
  return {
    ...states,
    findings: report.findings.map(({ replay: _, ...finding }) => finding),
    fingerprints: outcomes.map(({ fingerprint }) => fingerprint),
    verdict,
    exhaustive,
    bounds,
    statistics,
  }
}
