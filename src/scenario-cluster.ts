/** Puts a scenario's controllers and those that are always there behind a host, and builds the cluster's tables. */
import type { ResourceTable } from '#api/resource.ts'
import { builtin } from '#builtin-controllers/builtin.ts'
import { garbageCollectionProcess } from '#builtin-controllers/processes.ts'
import { runKubeConfig } from '#client-node/run-kube-config.ts'
import { createCluster, resourcesOf } from '#cluster/cluster.ts'
import type { Scenario } from '#cluster/scenario.ts'
import { ScenarioError } from '#cluster/scenario-error.ts'
import type { Cluster } from '#cluster/tables.ts'
import { type Controller, isController } from '#controller/define-controller.ts'
import type { Host } from '#controller/host.ts'
import { createInProcessHost } from '#hosts/in-process.ts'

/** The garbage collector and the namespace controller come last, so that they change no numbering. */
function controllersOf(scenario: Scenario): readonly Controller[] {
  const own = scenario.controllers ?? []
  for (const [index, controller] of own.entries()) {
    if (!isController(controller)) {
      throw new ScenarioError(
        `scenario ${scenario.name}: controllers[${index}] is not a controller. Write defineController({ … }) or builtin.workloads().`,
      )
    }
  }
  const names = new Set(own.map(({ name }) => name))
  const always = scenario.garbageCollection === false ? [] : [builtin.garbageCollector(), builtin.namespace()]
  return [...own, ...always.filter(({ name }) => !names.has(name))]
}

export function createHost(scenario: Scenario): Host {
  // Made when the first reconcile asks for a kubeConfig: most never do.
  let resources: ResourceTable | undefined
  return createInProcessHost(controllersOf(scenario), {
    kubeConfig: (hold) => {
      resources ??= resourcesOf(scenario)
      return runKubeConfig(resources, hold)
    },
  })
}

export function clusterOf(scenario: Scenario, host: Host): Cluster {
  return createCluster(scenario, {
    host,
    controllers: controllersOf(scenario),
    liveProcesses: [garbageCollectionProcess],
  })
}
