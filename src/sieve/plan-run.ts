/** A plan while one run carries it out: which triggers have fired, which action is next, what is paused. */
import type { PausePoint, PlannedAction, ResourceKey, Scope, SievePlan, Trigger } from './plan.ts'
import { isOf, LEADING_API_SERVER } from './plan.ts'
import { isAnyOther, isChange } from './state-diff.ts'
import { afterTrigger, awaited, type Expression } from './trigger-expression.ts'

/** Something that happened to an object, at the places where it was seen. */
export interface Observation {
  readonly kind: string
  readonly namespace: string
  readonly name: string
  /** Whole objects; undefined where there was none. */
  readonly before: unknown
  readonly after: unknown
  readonly where: 'APIServerRecv' | 'ControllerRecv' | 'ControllerWrite'
}

export interface Pause {
  readonly at: PausePoint | 'api-server'
  readonly scope: Scope
  /** Which server, where it is one. */
  readonly apiServer: string | undefined
}

export interface PlanRun {
  readonly plan: SievePlan
  /** Actions carried out. */
  done: number
  /** What is left of the next action's expression; undefined: it is triggered. */
  left: Expression | undefined
  /** Times that triggers of the next action were seen. */
  readonly seen: Map<string, number>
  readonly pauses: Pause[]
  /** The API server that the controller is connected to. */
  connected: string
}

export function beginPlan(plan: SievePlan): PlanRun {
  return {
    plan,
    done: 0,
    left: plan.actions[0]?.expression,
    seen: new Map(),
    pauses: [],
    connected: LEADING_API_SERVER,
  }
}

export function nextPlanned({ plan, done }: PlanRun): PlannedAction | undefined {
  return plan.actions[done]
}

/** Whether all that the next action waits for has happened. */
export function isTriggered(run: PlanRun): boolean {
  return nextPlanned(run) !== undefined && run.left === undefined
}

/** The next action is carried out: the one after it is waited for. */
export function advance(run: PlanRun): void {
  run.done++
  run.left = nextPlanned(run)?.expression
  run.seen.clear()
}

/** Takes note of what happened. */
export function observe(run: PlanRun, observation: Observation, moment: 'before' | 'after'): void {
  const action = nextPlanned(run)
  if (action === undefined || run.left === undefined) return
  for (const name of awaited(run.left)) {
    const trigger = action.triggers.get(name)
    if (trigger === undefined || trigger.type === 'timeout' || trigger.when !== `${moment}${observation.where}`)
      continue
    if (!matches(trigger, observation)) continue
    const seen = (run.seen.get(name) ?? 0) + 1
    run.seen.set(name, seen)
    if (seen < trigger.occurrence) continue
    run.left = afterTrigger(run.left, name)
    if (run.left === undefined) return
  }
}

/** Nothing else is left to do: a timeout that is waited for is over. False: none is. */
export function fireTimeout(run: PlanRun): boolean {
  const action = nextPlanned(run)
  if (action === undefined || run.left === undefined) return false
  const name = awaited(run.left).find((each) => action.triggers.get(each)?.type === 'timeout')
  if (name === undefined) return false
  run.left = afterTrigger(run.left, name)
  return true
}

function matches(trigger: Exclude<Trigger, { readonly type: 'timeout' }>, observation: Observation): boolean {
  const { kind, namespace, name, before, after } = observation
  if (!isOf(trigger.key, kind, namespace, name)) return false
  switch (trigger.type) {
    case 'create':
      return before === undefined && after !== undefined
    case 'delete':
      return before !== undefined && after === undefined
    case 'update':
      if (before === undefined || after === undefined) return false
      if (trigger.before === undefined && trigger.after === undefined) return true
      return isChange({ before, after }, { before: trigger.before, after: trigger.after })
    case 'any-field':
      return before !== undefined && after !== undefined && isAnyOther(after, trigger.fields)
  }
}

/** Whether an object is in the scope of a pause. */
export function inScope(scope: Scope, kind: string, namespace: string, name: string): boolean {
  return scope === 'all' || isOf(scope, kind, namespace, name)
}

/** Whether a list of a kind may show what is in scope. */
export function listsScope(scope: Scope, kind: string | undefined): boolean {
  return scope === 'all' || kind === undefined || (scope as ResourceKey).kind === kind.toLowerCase()
}
