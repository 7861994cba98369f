/**
 * Puts a scenario's controllers and those that are always there behind a host, and builds the cluster's tables.
 * Programs are started here, since only they know their controllers.
 */
import { resolve } from 'node:path'
import type { ResourceTable } from '#api/resource.ts'
import { builtin } from '#builtin-controllers/builtin.ts'
import { controllerManagerProcess, garbageCollectionProcess, nodeProcess } from '#builtin-controllers/processes.ts'
import { runKubeConfig } from '#client-node/run-kube-config.ts'
import { createCluster, resourcesOf } from '#cluster/cluster.ts'
import type { Scenario } from '#cluster/scenario.ts'
import { ScenarioError } from '#cluster/scenario-error.ts'
import { type Cluster, START_MS } from '#cluster/tables.ts'
import { type Controller, isController } from '#controller/define-controller.ts'
import type { Host } from '#controller/host.ts'
import { isProgram, type Program } from '#controller/program.ts'
import { createInProcessHost } from '#hosts/in-process.ts'
import { openProgram, type ProgramHost } from '#hosts/program/program-host.ts'
import { permitCalls } from './permitted-calls.ts'

/** The host of a scenario: of its own controllers, those of its programs, and those that are always there. */
export interface ScenarioHost extends Host {
  readonly controllers: readonly Controller[]
  readonly programs: readonly ProgramHost[]
}

/**
 * Opens the host of a scenario; to be closed.
 * @throws ScenarioError when a program cannot be started, or what the scenario lists is no controller.
 */
export async function createHost(scenario: Scenario): Promise<ScenarioHost> {
  const own = scenario.controllers ?? []
  for (const [index, controller] of own.entries()) {
    if (!isController(controller) && !isProgram(controller)) {
      throw new ScenarioError(
        `scenario ${scenario.name}: controllers[${index}] is not a controller. Write defineController({ … }), goController({ … }) or builtin.workloads().`,
      )
    }
  }
  const programs = new Map<Program, ProgramHost>()
  try {
    for (const program of own.filter(isProgram)) programs.set(program, await open(program, scenario))
  } catch (error) {
    await closeAll(programs.values())
    throw new ScenarioError(error instanceof Error ? error.message : String(error), { cause: error })
  }
  const named = distinctNames(own, programs)
  const listed = own.flatMap((each) => (isProgram(each) ? (named.get(each) ?? []) : [each]))
  const names = new Set(listed.map(({ name }) => name))
  // The garbage collector and the namespace controller come last, so that they change no numbering.
  const always = scenario.garbageCollection === false ? [] : [builtin.garbageCollector(), builtin.namespace()]
  const controllers = [...listed, ...always.filter(({ name }) => !names.has(name))]
  try {
    return together(scenario, controllers, programs, named)
  } catch (error) {
    await closeAll(programs.values())
    throw error
  }
}

/**
 * The controllers of each program. Programs know nothing of each other, so two may have a controller of one name, as
 * two operators do that have a `deployment` each: these are called `program/name`.
 */
function distinctNames(
  listed: readonly (Controller | Program)[],
  opened: ReadonlyMap<Program, ProgramHost>,
): ReadonlyMap<Program, readonly Controller[]> {
  const owners = new Map<string, number>()
  for (const each of listed) {
    const controllers = isProgram(each) ? (opened.get(each)?.controllers ?? []) : [each]
    for (const name of new Set(controllers.map(({ name }) => name))) owners.set(name, (owners.get(name) ?? 0) + 1)
  }
  const rename = (program: Program, controller: Controller): Controller =>
    (owners.get(controller.name) ?? 0) > 1 ? { ...controller, name: `${program.name}/${controller.name}` } : controller
  return new Map(
    [...opened].map(([program, { controllers }]) => [program, controllers.map((each) => rename(program, each))]),
  )
}

function open(program: Program, scenario: Scenario): Promise<ProgramHost> {
  const directory = resolve(scenario.directory ?? '.', program.directory ?? '.')
  return openProgram({ program, directory, resources: resourcesOf(scenario), nowMs: START_MS })
}

function together(
  scenario: Scenario,
  controllers: readonly Controller[],
  opened: ReadonlyMap<Program, ProgramHost>,
  named: ReadonlyMap<Program, readonly Controller[]>,
): ScenarioHost {
  const programs = [...opened.values()]
  // Made when it is first asked for: most scenarios need it nowhere.
  let resources: ResourceTable | undefined
  const table = (): ResourceTable => {
    resources ??= resourcesOf(scenario)
    return resources
  }
  const permit = permitCalls(table, scenario.permissions ?? {})
  const own = controllers.filter(({ foreign }) => foreign === undefined)
  const inProcess = createInProcessHost(own, { kubeConfig: (hold) => runKubeConfig(table(), hold) })
  // A program knows its controllers by their own names.
  const hosts = new Map<string, { readonly host: Host; readonly ownName: string }>()
  for (const [program, host] of opened) {
    for (const [index, { name: ownName }] of host.controllers.entries())
      hosts.set(named.get(program)?.[index]?.name ?? ownName, { host, ownName })
  }
  return {
    ...inProcess,
    ...webhooksOf(programs),
    get notes() {
      return programs.flatMap(({ notes }) => notes)
    },
    controllers,
    programs,
    run: (request) => {
      const permitted = permit(request)
      const program = hosts.get(request.controller)
      return program === undefined
        ? inProcess.run(permitted)
        : program.host.run({ ...permitted, controller: program.ownName })
    },
    async close() {
      await Promise.all([inProcess.close(), closeAll(programs)])
    },
  }
}

/** Webhooks of all programs. They are told apart by their paths. */
function webhooksOf(programs: readonly ProgramHost[]): Pick<Host, 'webhooks'> {
  const serving = programs.flatMap(({ webhooks }) => (webhooks === undefined ? [] : [webhooks]))
  if (serving.length === 0) return {}
  return {
    webhooks: {
      served: serving.flatMap(({ served }) => served),
      review(path, request, answer) {
        const owner = serving.find(({ served }) => served.some((webhook) => webhook.path === path))
        if (owner === undefined) throw new Error(`no program serves the webhook ${path}`)
        try {
          return owner.review(path, request, answer)
        } catch (error) {
          throw new ScenarioError(error instanceof Error ? error.message : String(error), { cause: error })
        }
      },
    },
  }
}

async function closeAll(programs: Iterable<ProgramHost>): Promise<void> {
  await Promise.all([...programs].map((program) => program.close()))
}

export function clusterOf(scenario: Scenario, host: ScenarioHost): Cluster {
  return createCluster(scenario, {
    host,
    controllers: host.controllers,
    liveProcesses: [garbageCollectionProcess],
    currentProcesses: [controllerManagerProcess, nodeProcess],
  })
}
