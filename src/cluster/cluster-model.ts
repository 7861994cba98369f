/** The cluster as the checker's Model. */
import type { BudgetVector } from '#checker/budget.ts'
import { FAILED, LONG_TIMER, type Model, NEEDS_CODE, type Successor, UNFAIR, WROTE } from '#checker/model.ts'
import { type Action, neededFor } from './action.ts'
import { initialParts } from './cluster.ts'
import { enableActions } from './enable.ts'
import { createEnabled, type Enabled } from './enabled.ts'
import { deliveryClass, faultClass, reconcileClass, retiredClass, timerClass } from './fair-class.ts'
import { applyScript } from './final-spec.ts'
import { fingerprint, print, successorFingerprint } from './fingerprint.ts'
import { replaceStartRequests } from './initial-requests.ts'
import { createPrintCache, keepPrint, recallPrint } from './print-cache.ts'
import { startProcess } from './process-start.ts'
import { checkUncovered } from './reduction/no-op-absorption.ts'
import { settle } from './settle.ts'
import { computeSuccessor } from './successor.ts'
import { type Cluster, MONITOR, type Process, type RequestEntry } from './tables.ts'
import { takeFirst } from './take-first.ts'
import { type Flag, judge, type TransitionJudge } from './transition-judge.ts'
import { putUnheard } from './unheard.ts'
import { createWorld, loadState, type Rules, trimmedLength, type World } from './world.ts'

export interface ClusterModel extends Model {
  readonly world: World
  /** Actions of the state enabled last. */
  readonly enabled: Enabled
  /** What the judges say of the transition taken last. */
  readonly flags: readonly Flag[]
}

export interface ClusterModelOptions {
  /** The monitor part of a state, which holds that of the state before: what promises made on the way are open. */
  readonly monitor?: (world: World, state: Int32Array) => number
  /** Asked after each answered walk whether to execute it again and compare. */
  readonly audit?: (world: World, action: Action) => (() => Promise<unknown>) | undefined
  /** Judge the transitions. */
  readonly judges?: readonly TransitionJudge[]
  /** `final-spec`: the user's script is over before any process starts (`final-spec.ts`). Default: as the scenario says. */
  readonly start?: 'final-spec'
}

export function createClusterModel(cluster: Cluster, rules: Rules, options: ClusterModelOptions = {}): ClusterModel {
  const world = createWorld(cluster, rules)
  const enabled = createEnabled()
  const prints = createPrintCache()
  const next: Successor = {
    state: world.next,
    length: 0,
    high: 0,
    low: 0,
    flags: 0,
    fairClass: 0,
    cut: false,
    flagged: false,
  }
  const { monitor, audit, judges = [] } = options
  const flags: Flag[] = []

  let initialState: Int32Array | undefined

  /** Properties that were true stay so. */
  const mark = (): void => {
    if (monitor !== undefined) world.next[MONITOR] = monitor(world, world.next)
  }
  const stamp = (): void => {
    mark()
    next.state = world.next
    next.length = trimmedLength(world, world.next)
    if (!recallPrint(prints, world.next, next.length)) {
      successorFingerprint(cluster, world.state, world.next, { state: world.length, next: next.length }, world.stateSum)
      keepPrint(prints)
    }
    next.high = print.high
    next.low = print.low
  }

  return {
    world,
    enabled,
    next,
    flags,
    async initial() {
      // Causes of what is pending are told anew each time a path is described.
      if (initialState !== undefined && world.onEnqueue === undefined) return initialState.slice()
      world.next.fill(0)
      initialParts(cluster, world.next)
      if (options.start === 'final-spec') applyScript(world)
      const fallBehind = putUnheard(world)
      for (const process of cluster.processes) await startNow(world, process, fallBehind)
      if (options.start === undefined) {
        replaceStartRequests(world)
        if (cluster.scenario.settled === true) await settle(world, enabled)
        const { after: names = [] } = cluster.scenario
        if (names.length > 0) await takeFirst(world, enabled, { names, reached: mark })
      }
      stamp()
      initialState = world.next.slice(0, next.length)
      return initialState.slice()
    },
    fingerprint(state, length) {
      fingerprint(cluster, state, length)
      next.high = print.high
      next.low = print.low
    },
    enable(state, length, remaining: BudgetVector) {
      loadState(world, state, length)
      return enableActions(world, enabled, remaining) ? enabled.count : NEEDS_CODE
    },
    cost: (action) => (enabled.actions[action] as Action).cost,
    agent: (action) => agentOf(enabled.actions[action] as Action),
    needs: (action) => neededFor(enabled.actions[action] as Action),
    take(index) {
      const action = enabled.actions[index] as Action
      if (!computeSuccessor(world, action) || !checkUncovered(world, action)) return false
      if (audit !== undefined) {
        const again = audit(world, action)
        if (again !== undefined) {
          world.needed = again
          return false
        }
      }
      if (!judge(world, action, judges, flags)) return false
      next.flagged = flags.length > 0
      stamp()
      next.cut = world.cut
      next.flags = flagsOf(world, action)
      next.fairClass = fairClassOf(action)
      return true
    },
    async resolve() {
      const { needed } = world
      world.needed = undefined
      await needed?.()
    },
  }
}

/** Starts a process in `world.next`, running mapping functions as needed. */
async function startNow(world: World, process: Process, fallBehind: (process: Process) => void): Promise<void> {
  while (!startProcess(world, process, () => fallBehind(process))) {
    const { needed } = world
    world.needed = undefined
    await needed?.()
  }
}

function flagsOf(world: World, action: Action): number {
  if (action.cost !== 0 || action.type === 'user')
    return UNFAIR | (action.run !== undefined && action.run.changes.length > 0 ? WROTE : 0)
  if (action.type === 'timer') {
    const request = action.request
    return request !== undefined && (world.state[request.timerPart + 1] as number) - 1 >= 1000 ? LONG_TIMER : 0
  }
  if (action.run === undefined) return 0
  let flags = action.run.changes.length > 0 ? WROTE : 0
  if (action.run.leaf?.type === 'error' && action.run.stoppedAt === 'leaf') flags |= FAILED
  return flags
}

function fairClassOf(action: Action): number {
  switch (action.type) {
    case 'run':
    case 'begin':
    case 'write': {
      const retired = action.run?.retired ?? 0
      return retired === 0 ? reconcileClass(action.request as RequestEntry) : retiredClass(retired)
    }
    case 'catch-up':
    case 'list-again':
      return deliveryClass(action.process?.episodeParts.get(action.kind) ?? 0)
    case 'timer':
      return timerClass(action.request as RequestEntry)
    case 'user':
    case 'environment':
      return 0
    case 'restart':
    case 'handover':
      return faultClass(action.process as Process)
  }
}

/**
 * Who acts: a controller (its requests are not agents of their own, since one work queue orders them), a process for
 * what reaches it late, or the outside world. Numbers of one kind are a third of all.
 */
function agentOf({ request, process }: Action): number {
  if (request !== undefined) return 3 * request.controller.id + 1
  return process === undefined ? 0 : 3 * process.id + 2
}
