/**
 * A plan as a guide of random runs: the runs choose among what the plan leaves free, and the plan adds its faults.
 * A pause of the controller holds back its steps; a pause of the API server is a lag episode, and its end lets the
 * events through; a restart is a crash between two steps.
 */
import type { Crossroads, WalkStrategy } from '#checker/walks/walk-strategy.ts'
import type { Action } from '#cluster/action.ts'
import type { ClusterModel } from '#cluster/cluster-model.ts'
import { valueOf } from '#cluster/interner.ts'
import type { CommittedChange } from '#cluster/run.ts'
import { ScenarioError } from '#cluster/scenario-error.ts'
import type { Process, Slot } from '#cluster/tables.ts'
import { versionOf } from '#cluster/versions.ts'
import { LEADING_API_SERVER, type PausePoint, type PlannedAction, type SievePlan } from './plan.ts'
import {
  advance,
  beginPlan,
  fireTimeout,
  inScope,
  isTriggered,
  listsScope,
  nextPlanned,
  type Observation,
  observe,
  type PlanRun,
} from './plan-run.ts'

/** What the runs so far made of the plan. */
export interface PlanTally {
  runs: number
  /** Runs in which every action of the plan was carried out. */
  completed: number
  /** Most actions carried out in a run. */
  actionsMax: number
}

export function createTally(): PlanTally {
  return { runs: 0, completed: 0, actionsMax: 0 }
}

/** Faults that the plan needs: crashes, and a lag episode for each pause of the server that the controller is connected to. */
export function faultsOfPlan({ actions }: SievePlan): { readonly stale: number; readonly crash: number } {
  let connected = LEADING_API_SERVER
  let [stale, crash] = [0, 0]
  for (const action of actions) {
    if (action.type === 'pause-api-server' && action.apiServer === connected) stale++
    if (action.type !== 'restart') continue
    crash++
    connected = action.apiServer ?? connected
  }
  return { stale, crash }
}

export function guideBy(plan: SievePlan, tally: PlanTally) {
  return (model: ClusterModel): WalkStrategy => {
    const processes = processesOf(plan, model)
    refuseConsistentLists(plan, model)
    // A search that begins anew begins to count anew.
    Object.assign(tally, createTally())
    return ({ random }) => {
      tally.runs++
      const guide = new Guide(model, plan, processes)
      let counted = 0
      return (crossroads) => {
        const chosen = guide.choose(crossroads, (actions) => actions[random.below(actions.length)])
        if (guide.run.done > counted) {
          counted = guide.run.done
          tally.actionsMax = Math.max(tally.actionsMax, counted)
          if (counted === plan.actions.length) tally.completed++
        }
        return chosen
      }
    }
  }
}

/** Another API server than the leading one is one that is behind: only old clients take its list for the newest. */
function refuseConsistentLists({ actions }: SievePlan, { world }: ClusterModel): void {
  const other = actions.find(
    (action) => 'apiServer' in action && action.apiServer !== undefined && action.apiServer !== LEADING_API_SERVER,
  )
  if (other === undefined || world.rules.profile === 'legacy-restart') return
  throw new ScenarioError(
    `The plan speaks of the API server ${(other as { readonly apiServer: string }).apiServer}, and under ${world.rules.profile} a list never comes from one that is behind.\nSieve's time travel is what clients do that list from the watch cache of any server (client-go before 0.35).\nGive --profile legacy-restart.`,
  )
}

/** The process of each label; '' for actions that name none: that of the first label, or of the scenario's first controller. */
function processesOf(plan: SievePlan, { world }: ClusterModel): ReadonlyMap<string, Process> {
  const { controllers, processes } = world.cluster
  const labels = new Set(plan.actions.flatMap((action) => ('controller' in action && action.controller) || []))
  const found = new Map<string, Process>()
  for (const label of labels) {
    const process =
      controllers.find(({ definition }) => definition.name === label)?.process ??
      processes.find(({ name }) => name === label)
    if (process === undefined) {
      throw new ScenarioError(
        `The plan speaks of the controller ${label}, which the scenario does not have.\nPlans name a controller by a label of its pods.\nWrite one of ${controllers.map(({ definition }) => definition.name).join(', ')} as controllerLabel.`,
      )
    }
    found.set(label, process)
  }
  const first = [...found.values()][0] ?? controllers[0]?.process
  if (first !== undefined) found.set('', first)
  return found
}

type Pick = (actions: readonly number[]) => number | undefined

/** One run by a plan. */
class Guide {
  readonly run: PlanRun
  readonly #model: ClusterModel
  readonly #processes: ReadonlyMap<string, Process>
  /** Seen after the step taken last. */
  #seen: readonly Observation[] = []
  /** Requests that a pause after a read or a write holds. */
  readonly #held = new Map<string, PausePoint>()
  #waited = false

  constructor(model: ClusterModel, plan: SievePlan, processes: ReadonlyMap<string, Process>) {
    this.#model = model
    this.#processes = processes
    this.run = beginPlan(plan)
  }

  choose(crossroads: Crossroads, pick: Pick): number | undefined {
    for (const seen of this.#seen) observe(this.run, seen, 'after')
    this.#seen = []
    for (;;) {
      const step = this.#carryOut(crossroads)
      if (step !== undefined) return step
      const allowed = this.#allowed(crossroads)
      const busy = allowed.filter((action) => !isOutside(this.#action(action)))
      if (busy.length === 0 && this.#timePasses()) continue
      const chosen = pick(allowed)
      if (chosen === undefined) {
        if (this.run.pauses.length === 0) return undefined
        // What the plan waits for never comes: pauses end with the run, as they do when Sieve stops.
        this.#release()
        continue
      }
      const seen = this.#observations(this.#action(chosen))
      const before = this.run.left
      for (const each of seen) observe(this.run, each, 'before')
      if (this.run.left !== before && isTriggered(this.run)) continue
      this.#hold(this.#action(chosen))
      this.#seen = seen
      return this.#withLag(chosen, crossroads)
    }
  }

  /** Carries out actions that are triggered. A step, when one of them is a step. */
  #carryOut(crossroads: Crossroads): number | undefined {
    while (isTriggered(this.run)) {
      const action = nextPlanned(this.run) as PlannedAction
      if (action.waits && !this.#waited) return undefined
      this.#waited = false
      advance(this.run)
      if (action.type === 'restart') return this.#restart(crossroads, action)
      this.#switch(action)
    }
    return undefined
  }

  #switch(action: Exclude<PlannedAction, { readonly type: 'restart' }>): void {
    const { pauses } = this.run
    const at = 'at' in action ? action.at : 'api-server'
    const apiServer = 'apiServer' in action ? action.apiServer : undefined
    if (action.type === 'pause-controller' || action.type === 'pause-api-server')
      pauses.push({ at, scope: action.scope, apiServer })
    else {
      const index = pauses.findIndex(
        (pause) =>
          pause.at === at && pause.apiServer === apiServer && scopeText(pause.scope) === scopeText(action.scope),
      )
      if (index >= 0) pauses.splice(index, 1)
      this.#held.clear()
    }
  }

  #release(): void {
    this.run.pauses.length = 0
    this.#held.clear()
  }

  /** Nothing is left but what comes from outside: whoever waits for time has waited long enough. */
  #timePasses(): boolean {
    if (isTriggered(this.run) && !this.#waited) {
      this.#waited = true
      return true
    }
    return fireTimeout(this.run)
  }

  #action(index: number): Action {
    return this.#model.enabled.actions[index] as Action
  }

  #process(label = ''): Process | undefined {
    return this.#processes.get(label)
  }

  /** A start that lists what the server has: of the kinds that are paused there all that were when they were. */
  #restart(
    { count }: Crossroads,
    { controller, apiServer = this.run.connected }: Extract<PlannedAction, { readonly type: 'restart' }>,
  ): number | undefined {
    const process = this.#process(controller)
    let best: number | undefined
    for (let index = 0; index < count; index++) {
      const action = this.#action(index)
      if (action.type !== 'restart' || action.process !== process) continue
      const isOfServer = action.oldLists.every((kind) => this.#pausesOf(apiServer, this.#kindName(kind)))
      if (isOfServer && (best === undefined || action.oldLists.length > this.#action(best).oldLists.length))
        best = index
    }
    if (best !== undefined) this.run.connected = apiServer
    return best
  }

  /** Whether a server gets no events of a kind. */
  #pausesOf(apiServer: string, kind: string | undefined): boolean {
    return this.run.pauses.some(
      (pause) => pause.at === 'api-server' && pause.apiServer === apiServer && listsScope(pause.scope, kind),
    )
  }

  /** Free actions that no pause holds back; what is to be bookmarked is the plan's to say. */
  #allowed({ count, cost }: Crossroads): readonly number[] {
    const allowed: number[] = []
    for (let index = 0; index < count; index++)
      if (cost(index) === 0 && this.#action(index).lags.length === 0 && !this.#isHeld(this.#action(index)))
        allowed.push(index)
    return allowed
  }

  #isHeld(action: Action): boolean {
    const process = action.process ?? action.request?.controller.process
    if (process === undefined || process !== this.#process()) return false
    if (action.type === 'catch-up') return this.#pausesOf(this.run.connected, this.#kindName(action.kind))
    if (action.run === undefined) return false
    if (action.request !== undefined && this.#held.has(action.request.label)) return true
    return this.run.pauses.some(
      ({ at, scope }) =>
        (at === 'beforeControllerRead' && readsScope(action, scope)) ||
        (at === 'beforeControllerWrite' && writesScope(action, scope)),
    )
  }

  /** Pauses after a read or a write hold the rest of the reconcile. */
  #hold(action: Action): void {
    const { request } = action
    if (request === undefined || request.controller.process !== this.#process()) return
    for (const { at, scope } of this.run.pauses) {
      if (at === 'afterControllerRead' && readsScope(action, scope)) this.#held.set(request.label, at)
      if (at === 'afterControllerWrite' && writesScope(action, scope)) this.#held.set(request.label, at)
    }
  }

  /**
   * The variant of a step with which the paused API server's events begin to queue, or with which another server's list
   * is kept; the step itself when neither begins.
   */
  #withLag(chosen: number, { count }: Crossroads): number {
    const base = this.#action(chosen)
    const process = this.#process()
    if (base.run === undefined || process === undefined) return chosen
    for (const { at, scope, apiServer } of this.run.pauses) {
      if (at !== 'api-server') continue
      const begins = apiServer === this.run.connected ? 'stale' : 'bookmark'
      const from = base.run.changes.findIndex(({ slot }) => listsScope(scope, slot.kind.resource.kind))
      const kind = base.run.changes[from]?.slot.kind.id
      if (kind === undefined) continue
      for (let index = 0; index < count; index++) {
        const { run, type, crashAfter, lags } = this.#action(index)
        const [lag] = lags
        if (run !== base.run || type !== base.type || crashAfter !== -1 || lags.length !== 1) continue
        if (lag?.type === begins && lag.process === process && lag.kind === kind && lag.from === from) return index
      }
    }
    return chosen
  }

  /** What a step shows, and where. */
  #observations(action: Action): readonly Observation[] {
    const { world } = this.#model
    const process = this.#process()
    if (action.type === 'catch-up') {
      const part = action.process?.episodeParts.get(action.kind)
      const oldest =
        part === undefined ? undefined : valueOf(world.cluster.episodes, world.state[part] as number).events[0]
      const slot = oldest === undefined ? undefined : world.cluster.slots[oldest.slot]
      if (oldest === undefined || slot === undefined || action.process !== process) return []
      return [this.#observation(slot, oldest, 'ControllerRecv')]
    }
    const own = action.request !== undefined && action.request.controller.process === process
    return (action.run?.changes ?? []).flatMap((change) => {
      const seen = [this.#observation(change.slot, change, 'APIServerRecv')]
      if (own) seen.unshift(this.#observation(change.slot, change, 'ControllerWrite'))
      if (this.#isDelivered(change)) seen.push(this.#observation(change.slot, change, 'ControllerRecv'))
      return seen
    })
  }

  /** Whether the controller receives a change with its commit. */
  #isDelivered({ slot }: CommittedChange): boolean {
    const process = this.#process()
    if (process === undefined || !(process.watchesAll || process.informers.has(slot.kind.id))) return false
    const part = process.episodeParts.get(slot.kind.id)
    if (part !== undefined && this.#model.world.state[part] !== 0) return false
    return !this.#pausesOf(this.run.connected, slot.kind.resource.kind)
  }

  #observation(
    slot: Slot,
    { before, after }: { readonly before: number; readonly after: number },
    where: Observation['where'],
  ): Observation {
    const { versions } = this.#model.world.cluster
    const body = (version: number): unknown => (version === 0 ? undefined : versionOf(versions, version).body)
    const { kind, namespace, name } = slot
    return { kind: kind.resource.kind, namespace, name, before: body(before), after: body(after), where }
  }

  #kindName(kind: number): string | undefined {
    return this.#model.world.cluster.kinds[kind]?.resource.kind
  }
}

/** The user and timers: not what the cluster has to do by itself. */
function isOutside({ type }: Action): boolean {
  return type === 'user' || type === 'timer'
}

function scopeText(scope: PlanRun['pauses'][number]['scope']): string {
  return scope === 'all' ? scope : scope.text
}

function readsScope({ run }: Action, scope: PlanRun['pauses'][number]['scope']): boolean {
  return (run?.reads ?? []).some((read) => {
    if (read.op === 'get') return inScope(scope, read.slot.kind.resource.kind, read.slot.namespace, read.slot.name)
    return read.op === 'list' && listsScope(scope, read.kind?.resource.kind)
  })
}

function writesScope({ run }: Action, scope: PlanRun['pauses'][number]['scope']): boolean {
  return (run?.changes ?? []).some(({ slot }) => inScope(scope, slot.kind.resource.kind, slot.namespace, slot.name))
}
