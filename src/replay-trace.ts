/**
 * `replay` of a trace: every recorded reconcile is executed again on exactly what it was answered, and a trace also
 * as a whole: the simulator's step by step, a recorded cluster's write by write.
 */
import type { ResourceTable } from '#api/resource.ts'
import { createScheme } from '#api/scheme.ts'
import { createClusterModel } from '#cluster/cluster-model.ts'
import type { Scenario } from '#cluster/scenario.ts'
import { ScenarioError } from '#cluster/scenario-error.ts'
import { tracePath } from '#cluster/trace-path.ts'
import { type ProfileName, type Rules, UNREDUCED } from '#cluster/world.ts'
import { hostController } from '#controller/program.ts'
import { watchProperties } from '#properties/user-properties.ts'
import { shownTrace } from '#trace/shown-trace.ts'
import type { SimulatedTraceHeader, TraceEvent, TraceHeader } from '#trace/trace-event.ts'
import { rulesOf } from './exploration/exploration.ts'
import { budgetOf, type GivenOptions, resolveExploreOptions } from './exploration/options.ts'
import { clusterOf, createHost, type ScenarioHost } from './exploration/scenario-cluster.ts'
import { inTurn } from './exploration/turns.ts'
import { indexOfName } from './findings/shortest-path.ts'
import { recordedKinds } from './replays/recorded-kinds.ts'
import { recordedReconciles } from './replays/recorded-reconciles.ts'
import { type ReplayedCluster, replayCluster } from './replays/replay-cluster.ts'
import { type ReplayedReconcile, replayReconcile } from './replays/replay-reconcile.ts'

export interface TraceReplay {
  readonly identical: boolean
  /** One of each recorded reconcile whose controller the scenario has, and that was asked for. */
  readonly reconciles: readonly ReplayedReconcile[]
  /** Controllers of the trace that the scenario does not have. */
  readonly controllersUnknown: readonly string[]
  /** Reconciles that were left out, since the recorder had no room for events while they ran. */
  readonly reconcilesWithGaps: number
  /** The first step at which the whole run differs; absent where it does not, or was not repeated. */
  readonly divergedAt?: number
  readonly message?: string
  /** Whether the run, or the recorded cluster with all its controllers, was repeated as a whole. */
  readonly whole: boolean
  /** Of a recording as a whole: accepted writes and refusals, and how many of them it tells enough of to repeat them. */
  readonly cluster?: Omit<ReplayedCluster, 'divergedAt' | 'message'>
}

export interface ReplayTraceOptions {
  /** Only its reconciles, and not the run as a whole. */
  readonly controller?: string
  /** What the code calls that controller. Default: as the trace does. */
  readonly as?: string
}

/** A program that speaks the host protocol (docs/host-protocol.md), in place of a scenario. */
export interface ReplayedProgram {
  readonly command: readonly string[]
  /** Where it is started. */
  readonly directory: string
}

interface Trace {
  readonly header: TraceHeader
  readonly events: readonly TraceEvent[]
}

/**
 * Of a program what its cluster serves is known from the trace alone: of a recorded cluster, writes of kinds that are no
 * built-in ones are not judged.
 *
 * @throws ScenarioError where the scenario or program has none of the trace's controllers
 */
export async function replayTrace(
  code: Scenario | ReplayedProgram,
  trace: Trace,
  options: ReplayTraceOptions = {},
): Promise<TraceReplay> {
  const { controller } = options
  const isProgram = 'command' in code
  const scenario = isProgram ? scenarioOfProgram(code, trace) : code
  return inTurn(async () => {
    const host = await createHost(scenario)
    try {
      const isSimulated = trace.header.source === 'simulator'
      const { reconciles, controllersUnknown, reconcilesWithGaps } = await replayReconciles(
        host,
        trace.events,
        isProgram ? 'program' : 'scenario',
        options,
      )
      const isRepeated = controller === undefined && !(isProgram && isSimulated)
      const isWhole = isRepeated && (isSimulated || controllersUnknown.length === 0)
      const diverged = !isRepeated
        ? undefined
        : isSimulated
          ? await repeat(scenario, host, trace.header as SimulatedTraceHeader, trace.events)
          : repeatRecorded(isProgram ? createScheme() : clusterOf(scenario, host).resources, trace.events)
      return {
        identical: diverged?.divergedAt === undefined && reconciles.every(({ status }) => status === 'same'),
        reconciles,
        controllersUnknown,
        reconcilesWithGaps,
        whole: isWhole && reconcilesWithGaps === 0,
        ...diverged,
      }
    } finally {
      await host.close()
    }
  })
}

/** @param resources whose rules are known: of a program those of Kubernetes itself, for a trace has no definitions */
function repeatRecorded(resources: ResourceTable, events: readonly TraceEvent[]) {
  const { divergedAt, message, ...cluster } = replayCluster(resources, events)
  return { cluster, ...(divergedAt === undefined || message === undefined ? {} : { divergedAt, message }) }
}

/** A cluster that serves what the trace shows, and has that program's controllers. */
function scenarioOfProgram({ command, directory }: ReplayedProgram, { header, events }: Trace): Scenario {
  const isLive = header.source === 'live'
  const program = hostController({
    name: 'replayed',
    command,
    // A recording has the time of each reconcile's begin; a run of the simulator what was asked of the clock.
    readsClock: isLive || events.some((event) => event.type === 'other-call' && event.what === 'clock'),
    allowRandom: true,
  })
  const kinds = recordedKinds(events)
  return { type: 'scenario', name: 'replay', directory, kinds, controllers: [program], garbageCollection: false }
}

async function replayReconciles(
  host: ScenarioHost,
  events: readonly TraceEvent[],
  code: 'scenario' | 'program',
  { controller, as: own = controller }: ReplayTraceOptions,
) {
  const known = new Set(host.controllers.map(({ name }) => name))
  const recorded = recordedReconciles(events)
  const asked = recorded.filter((each) => controller === undefined || each.controller === controller)
  const nameOf = (name: string): string => (controller === undefined || own === undefined ? name : own)
  const unknown = [...new Set(asked.map((each) => each.controller).filter((name) => !known.has(nameOf(name))))]
  if (controller !== undefined && (!known.has(nameOf(controller)) || asked.length === 0)) {
    const [where, name, names] = known.has(nameOf(controller))
      ? ['trace', controller, [...new Set(recorded.map((each) => each.controller))]]
      : [code, own, [...known]]
    throw new ScenarioError(`the ${where} has no controller ${name}. It has: ${names.join(', ')}.`)
  }
  if (asked.length > 0 && unknown.length === new Set(asked.map((each) => each.controller)).size)
    throw new ScenarioError(
      `the ${code} has none of the trace's controllers (${unknown.join(', ')}). It has: ${[...known].join(', ')}. Say which is which with --controller ${unknown[0]}=${[...known][0]}, or record with the same names (--client NAME, reconcile(NAME, …)).`,
    )
  const reconciles: ReplayedReconcile[] = []
  let reconcilesWithGaps = 0
  for (const each of asked) {
    const name = nameOf(each.controller)
    if (!known.has(name)) continue
    if (each.hasGaps) {
      reconcilesWithGaps++
      continue
    }
    const replayed = await replayReconcile(host, { ...each, controller: name })
    reconciles.push({ ...replayed, controller: each.controller })
  }
  return { reconciles, controllersUnknown: unknown, reconcilesWithGaps }
}

/** Takes the trace's actions once more, and compares what happens event by event. */
async function repeat(
  scenario: Scenario,
  host: ScenarioHost,
  header: SimulatedTraceHeader,
  recorded: readonly TraceEvent[],
): Promise<{ readonly divergedAt: number; readonly message: string } | undefined> {
  const { actions, options: given, profile, granularity } = header
  if (actions === undefined || given === undefined)
    return {
      divergedAt: 0,
      message: 'the trace does not say which actions it took: an older Kamera wrote it. Simulate again.',
    }
  const options = resolveExploreOptions(given as GivenOptions)
  const rules: Rules = {
    ...rulesOf(options, profile as ProfileName, granularity as Rules['granularity']),
    ...UNREDUCED,
  }
  const cluster = clusterOf(scenario, host)
  const { monitor } = watchProperties(cluster, scenario)
  const model = createClusterModel(cluster, rules, monitor === undefined ? {} : { monitor })
  let missing: number | undefined
  const { events } = await tracePath(model, budgetOf(options, options.faults, rules.profile), (step) => {
    const index = indexOfName(model, actions[step])
    if (index === undefined && step < actions.length) missing = step
    return index
  })
  const difference = firstDifference(recorded, shownTrace(events))
  if (difference !== undefined) return difference
  if (missing === undefined) return undefined
  return { divergedAt: missing, message: `${actions[missing]} cannot be done any more` }
}

function firstDifference(then: readonly TraceEvent[], now: readonly TraceEvent[]) {
  const isCutOff = then.at(-1)?.type !== 'end'
  const length = isCutOff ? then.length : Math.max(then.length, now.length)
  // What no event of ours has is another version's, or somebody's own: it tells nothing of the run.
  const fields = new Set(now.flatMap((event) => Object.keys(event)))
  const differ = (i: number, j: number): string | undefined => {
    const known = Object.fromEntries(Object.entries(then[i] ?? {}).filter(([name]) => fields.has(name)))
    return pathOfDifference(then[i] === undefined ? undefined : known, now[j])
  }
  for (let i = 0; i < length; i++) {
    const path = differ(i, i)
    if (path === undefined) continue
    const [recorded, repeated] = [then[i], now[i]]
    const divergedAt = recorded?.step ?? repeated?.step ?? 0
    // The header is line 1.
    const line = `line ${i + 2}`
    if (recorded === undefined) return { divergedAt, message: `there is now one more event: ${textOf(repeated)}` }
    if (repeated === undefined) return { divergedAt, message: `${line} does not happen any more: ${textOf(recorded)}` }
    if (i + 1 < then.length && differ(i + 1, i) === undefined)
      return { divergedAt, message: `${line} does not happen, or was there already: ${textOf(recorded)}` }
    if (i + 1 < now.length && differ(i, i + 1) === undefined)
      return { divergedAt, message: `before ${line} there is now one more event: ${textOf(repeated)}` }
    return { divergedAt, message: `${line}, ${textOf(recorded)}: ${path}` }
  }
  return undefined
}

function textOf(event: TraceEvent | undefined): string {
  if (event === undefined) return 'nothing'
  switch (event.type) {
    case 'call':
      return `${event.verb} ${event.object.kind} ${event.name ?? ''} by ${event.by}`
    case 'reconcile-begin':
    case 'reconcile-end':
      return `${event.type} of ${event.reconcile}`
    case 'delivery':
      return `delivery of ${event.event} ${event.object} to ${event.process}`
    default:
      return event.type
  }
}

/** Where two values differ, and how: `response.object.spec.replicas was 1, and is 2`. */
function pathOfDifference(then: unknown, now: unknown, path = ''): string | undefined {
  if (then === now) return undefined
  if (typeof then === 'object' && typeof now === 'object' && then !== null && now !== null) {
    const [left, right] = [then as Record<string, unknown>, now as Record<string, unknown>]
    for (const name of new Set([...Object.keys(left), ...Object.keys(right)])) {
      const found = pathOfDifference(left[name], right[name], path === '' ? name : `${path}.${name}`)
      if (found !== undefined) return found
    }
    return undefined
  }
  return `${path} was ${JSON.stringify(then) ?? 'absent'}, and is ${JSON.stringify(now) ?? 'absent'} now`
}
