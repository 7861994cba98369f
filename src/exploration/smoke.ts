/**
 * The smoke run: one fair run without faults, made twice with tries of their own. Two runs that differ have memory or
 * chance that nobody declared. It is in no statistics.
 */
import { actionName } from '#cluster/action.ts'
import { createClusterModel } from '#cluster/cluster-model.ts'
import { titleOf } from '#cluster/describe-action.ts'
import { usesChance } from '#cluster/execute.ts'
import { enableNow, takeNow } from '#cluster/level.ts'
import { NondeterminismFound } from '#cluster/nondeterminism.ts'
import type { Scenario } from '#cluster/scenario.ts'
import type { RequestEntry } from '#cluster/tables.ts'
import type { Rules } from '#cluster/world.ts'
import type { ReconcileRequest } from '#controller/controller.ts'
import { atStep } from './failed-step.ts'
import { firstDifference } from './first-difference.ts'
import { clusterOf, type ScenarioHost } from './scenario-cluster.ts'

const STEPS_MAX = 500

interface SmokeStep {
  readonly name: string
  readonly print: string
  readonly request: RequestEntry | undefined
  /** What its reconcile called, as texts. */
  readonly calls: readonly string[]
}

/** Throws `NondeterminismFound` for the first step that differs. */
export async function smokeRun(scenario: Scenario, host: ScenarioHost, rules: Rules): Promise<void> {
  const first = await fairRun(scenario, host, rules)
  const second = await fairRun(scenario, host, rules)
  for (const [index, step] of first.entries()) {
    const other = second[index]
    if (other !== undefined && other.name === step.name && other.print === step.print) continue
    const request = step.request ?? other?.request
    if (request === undefined || usesChance(request)) return
    throw new NondeterminismFound(
      request.controller.definition.name,
      `two runs of the same scenario in the same order differ at step ${index + 1} (${step.name}): ${request.controller.definition.name} did not do the same again${difference(step.calls, other?.calls ?? [])}. ` +
        'Likely causes: a variable outside the reconciler that keeps memory between reconciles (declare it with memory), Date or Math.random captured before the run, the order of a Map or Set.',
      undefined,
    )
  }
}

/** What is different about the calls of the two runs, in words; empty where they are equal. */
function difference(first: readonly string[], second: readonly string[]): string {
  for (let place = 0; place < Math.max(first.length, second.length); place++) {
    const texts = firstDifference(first[place] ?? 'nothing', second[place] ?? 'nothing')
    if (texts !== undefined) return `: its call ${place + 1} was ${texts[0]} the first time, and ${texts[1]} then`
  }
  return ''
}

function keyOf(controller: string, { namespace = '', name }: ReconcileRequest): string {
  return `${controller} ${namespace}/${name}`
}

async function fairRun(scenario: Scenario, host: ScenarioHost, rules: Rules): Promise<readonly SmokeStep[]> {
  const titles: string[] = []
  try {
    return await fairSteps(scenario, host, rules, titles)
  } catch (error) {
    throw atStep(error, titles)
  }
}

/** `titles` gets those of the steps that were taken. */
async function fairSteps(
  scenario: Scenario,
  host: ScenarioHost,
  rules: Rules,
  titles: string[],
): Promise<readonly SmokeStep[]> {
  // By request: a reconcile is run as soon as it is due, which may be before its step.
  const called = new Map<string, string[]>()
  const heard: ScenarioHost = {
    ...host,
    run: (run) => {
      const calls: string[] = []
      called.set(keyOf(run.controller, run.request), calls)
      return host.run({
        ...run,
        respond(call, batch) {
          calls.push(JSON.stringify(call))
          return run.respond(call, batch)
        },
      })
    },
  }
  const cluster = clusterOf(scenario, heard)
  const model = createClusterModel(cluster, { ...rules, granularity: 'reconcile' })
  const steps: SmokeStep[] = []
  let state: Int32Array = await model.initial()
  let last = -1
  for (let step = 0; step < STEPS_MAX; step++) {
    const count = await enableNow(model, state, state.length, 0)
    if (count === 0) break
    // Round robin over requests; whatever is not a reconcile (user, timers) when no reconcile is due.
    const requests = model.enabled.actions
      .slice(0, count)
      .map((action) => (action.type === 'run' ? (action.request?.id ?? -1) : -1))
    const due = requests.filter((id) => id >= 0)
    const chosenId = due.find((id) => id > last) ?? due[0]
    const chosen = chosenId === undefined ? 0 : requests.indexOf(chosenId)
    if (chosenId !== undefined) last = chosenId
    const action = model.enabled.actions[chosen]
    const name = action === undefined ? '' : actionName(action, (kind) => String(kind))
    const request = action?.request
    const title = action === undefined ? '' : titleOf(cluster, action)
    state = await takeNow(model, state, 0, chosen)
    const calls = request && called.get(keyOf(request.controller.definition.name, request))
    titles.push(title)
    steps.push({ name, print: `${model.next.high} ${model.next.low}`, request, calls: calls ?? [] })
  }
  return steps
}
