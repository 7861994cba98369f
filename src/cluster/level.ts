/**
 * One level of an exploration: everything reachable under one profile, granularity and budget, with what was seen on
 * the way. When the search learns something that changes what a state is (a kind that a process caches, a read that
 * no watch covers), it starts again; the effect trie keeps what was executed.
 */
import { NEEDS_CODE } from '#checker/model.ts'
import { type SearchGraph, type SearchOptions, search, startGraph } from '#checker/search.ts'
import { findOrAdd, visitedSet } from '#checker/visited-set.ts'
import { type Awaiting, finish } from './awaiting.ts'
import { restartSearch } from './cluster.ts'
import { type ClusterModel, type ClusterModelOptions, createClusterModel } from './cluster-model.ts'
import { createCodeDefects, type Defect, noteCodeDefects, type RandomUse } from './code-defects.ts'
import { historyText } from './environment-history.ts'
import { deliveryClass, reconcileClass, retiredClass, timerClass } from './fair-class.ts'
import { print, storeFingerprint } from './fingerprint.ts'
import { type Leftover, leftoversIn } from './leftovers.ts'
import { type OutcomeObject, outcomeObjects } from './outcome-form.ts'
import { createPrintCache, keepPrint, recallStorePrint } from './print-cache.ts'
import { type Cluster, MONITOR } from './tables.ts'
import type { Flag } from './transition-judge.ts'
import { nextAction, type PreparedAction, stuckAction } from './user-actions.ts'
import { type LevelWalks, type WalksWanted, walkLevel } from './walk-level.ts'
import { loadState, type Rules, type World } from './world.ts'

export interface RestState {
  readonly state: number
  readonly entry: number
  /** The state itself, as it was met. */
  readonly encoded: Int32Array
  readonly objects: readonly OutcomeObject[]
  /** Canonical text of the outcome. */
  readonly text: string
  /** The environment history that led to it. */
  readonly history: string
  /** What is left of roots that are gone. */
  readonly leftovers: readonly Leftover[]
  /** A timer lies beyond the horizon. */
  readonly horizon: boolean
  readonly monitor: number
}

export interface StuckState {
  readonly entry: number
  readonly prepared: PreparedAction
  readonly why: string
}

/** Something that a judge said of a transition: the action `action` of `entry`. */
export interface FlaggedTransition {
  readonly flag: Flag
  readonly entry: number
  readonly action: number
}

export interface Level {
  readonly cluster: Cluster
  readonly rules: Rules
  readonly model: ClusterModel
  readonly graph: SearchGraph
  readonly options: SearchOptions
  readonly monitor: ClusterModelOptions['monitor']
  readonly rests: readonly RestState[]
  readonly stuck: readonly StuckState[]
  readonly defects: readonly Defect[]
  readonly randomUses: readonly RandomUse[]
  /** What is wrong with single transitions: the first of each key. */
  readonly flagged: readonly FlaggedTransition[]
  readonly storesDistinct: number
  /** What walks came to: after the limit of the search, or instead of one. */
  readonly walks: LevelWalks | undefined
}

export interface LevelOptions extends Omit<SearchOptions, 'visit' | 'flagged' | 'expanded' | 'failed'> {
  readonly model?: ClusterModelOptions
  /** Called for each distinct state, with the world holding it. True: stop the search. */
  readonly visit?: (world: World, state: number, entry: number) => boolean
  /** What to throw where code failed while an entry of the graph was expanded. */
  readonly failed?: (error: unknown, at: Pick<Level, 'model' | 'graph'>, entry: number) => Promise<unknown>
  /** The search starts again; what `visit` saw does not count. */
  readonly restart?: () => void
  /** What to walk: after a search that met a limit, or instead of a search. */
  readonly walks?: WalksWanted
}

export async function searchLevel(cluster: Cluster, rules: Rules, options: LevelOptions): Promise<Level> {
  for (;;) {
    cluster.counters.restartReason = undefined
    cluster.touches.relied.clear()
    const level = await searchOnce(cluster, rules, options)
    if (cluster.counters.restartReason === undefined) return level
    restartSearch(cluster)
    options.restart?.()
  }
}

async function searchOnce(cluster: Cluster, rules: Rules, options: LevelOptions): Promise<Level> {
  const model = createClusterModel(cluster, rules, options.model)
  const { world, enabled } = model
  const rests: RestState[] = []
  const stuck: StuckState[] = []
  const found = createCodeDefects()
  const flagged = new Map<string, FlaggedTransition>()
  const stores = visitedSet()
  const storePrints = createPrintCache()
  const exclusions = cluster.scenario.ignoreInOutcomes ?? []
  let ended = false

  const visit = (state: number, entry: number): boolean => {
    if (!recallStorePrint(storePrints, cluster, world.state, world.length)) {
      storeFingerprint(cluster, world.state, world.length)
      keepPrint(storePrints)
    }
    findOrAdd(stores, print.high, print.low)
    if (enabled.quiet) {
      const held = stuckAction(world)
      if (held !== undefined) stuck.push({ entry, ...held })
      if (nextAction(world) === undefined)
        rests.push(restState(world, state, entry, outcomeObjects(cluster, world.state, exclusions), enabled.horizon))
    }
    const stop = options.visit?.(world, state, entry) === true
    ended = stop || cluster.counters.restartReason !== undefined
    return ended
  }
  const expanded = (entry: number): void => noteCodeDefects(found, enabled, entry)
  const noteFlags = (entry: number, action: number): void => {
    for (const flag of model.flags) if (!flagged.has(flag.key)) flagged.set(flag.key, { flag, entry, action })
  }
  const { failed, ...limits } = options
  const failedAt = failed && {
    failed: (error: unknown, graph: SearchGraph, entry: number) => failed(error, { model, graph }, entry),
  }
  const searchOptions: SearchOptions = { ...limits, ...failedAt, visit, expanded, flagged: noteFlags }
  const walked = options.walks
  const isWalk = walked?.when === 'instead'
  const graph = isWalk ? await startGraph(model, searchOptions.budget) : await search(model, searchOptions)
  const walks =
    walked === undefined || ended ? undefined : await walkLevel({ model, options: searchOptions, graph }, walked)
  world.learntUpTo = cluster.learnt
  return {
    cluster,
    rules,
    model,
    graph,
    options: searchOptions,
    monitor: options.model?.monitor,
    rests,
    stuck,
    defects: [...found.defects.values()],
    randomUses: [...found.randomUses.values()],
    flagged: [...flagged.values()],
    storesDistinct: stores.size,
    walks,
  }
}

function restState(
  world: World,
  state: number,
  entry: number,
  objects: readonly OutcomeObject[],
  horizon: boolean,
): RestState {
  return {
    state,
    entry,
    encoded: world.state.slice(0, world.length),
    objects,
    leftovers: leftoversIn(world.cluster, world.state),
    text: JSON.stringify(objects),
    history: `${historyText(world)}${horizon ? ', within the time horizon' : ''}`,
    horizon,
    monitor: world.state[MONITOR] as number,
  }
}

/** Enables a state, having run what code that needs; the number of actions. */
export function* enabling(model: ClusterModel, state: Int32Array, length: number, budget: number): Awaiting<number> {
  let count = model.enable(state, length, budget)
  while (count === NEEDS_CODE) {
    yield model.resolve()
    count = model.enable(state, length, budget)
  }
  return count
}

/** Takes an action of the state just enabled; `state` is needed to enable it again after code has run. */
export function* taking(model: ClusterModel, state: Int32Array, budget: number, action: number): Awaiting<Int32Array> {
  while (!model.take(action)) {
    yield model.resolve()
    yield* enabling(model, state, state.length, budget)
  }
  return model.next.state.slice(0, model.next.length)
}

/** As `enabling`, awaiting the code. */
export function enableNow(model: ClusterModel, state: Int32Array, length: number, budget: number): Promise<number> {
  return finish(enabling(model, state, length, budget))
}

/** As `taking`, awaiting the code. */
export function takeNow(model: ClusterModel, state: Int32Array, budget: number, action: number): Promise<Int32Array> {
  return finish(taking(model, state, budget, action))
}

/** The fairness classes enabled in an encoded state. */
export async function classesIn(model: ClusterModel, encoded: Int32Array): Promise<ReadonlySet<number>> {
  const { cluster } = model.world
  const classes = new Set<number>()
  await enableNow(model, encoded, encoded.length, 0)
  for (let i = 0; i < model.enabled.count; i++) {
    const action = model.enabled.actions[i]
    if (action?.type === 'timer' && action.request !== undefined) classes.add(timerClass(action.request))
  }
  loadState(model.world, encoded, encoded.length)
  const { state: parts } = model.world
  for (const request of cluster.requests) {
    const flying = request.inFlightPart !== 0 && parts[request.inFlightPart] !== 0
    if (parts[request.pendingPart] !== 0 || flying) classes.add(reconcileClass(request))
    for (const part of request.retiredParts) if (parts[part] !== 0) classes.add(retiredClass(part))
  }
  for (const process of cluster.processes) {
    for (const part of process.episodeParts.values()) if (parts[part] !== 0) classes.add(deliveryClass(part))
  }
  return classes
}
