/**
 * One controller rolls four services out, three replicas each; another one degrades a service now and then, by
 * chance. The chance is not declared, so it is reported as nondeterministic, with the controller and the line.
 * (Parity with the Go Kamera's chaos.)
 */
import { defineController, defineScenario } from 'kamera'

const orchestration = { apiVersion: 'apps.my.domain/v1', kind: 'Orchestration' }
const replicasWanted = 3
const healthChecksMax = 3
const failureProbability = 0.2

interface ServiceState {
  readonly name: string
  readonly version: string
  readonly replicas: number
  readonly health: 'pending' | 'healthy' | 'degraded'
}

const orchestrationController = defineController({
  name: 'OrchestrationReconciler',
  for: orchestration,
  reconciler: ({ client }) => ({
    async reconcile(request) {
      const object = await client.tryGet(orchestration, request)
      if (object === undefined) return
      const { status } = object
      const write = (change: object) => client.status().update({ ...object, status: { ...status, ...change } })

      if (status?.serviceStates === undefined) {
        const names: readonly string[] = object.spec.services
        const serviceStates = names.map(
          (name): ServiceState => ({ name, version: 'v1', replicas: 0, health: 'pending' }),
        )
        await write({ phase: 'preparing', progress: 0, serviceStates })
        return
      }
      const services: readonly ServiceState[] = status.serviceStates
      const behind = services.find((service) => service.replicas < replicasWanted)
      if (behind !== undefined) {
        await write({
          phase: 'in-progress',
          progress: status.progress + 10,
          serviceStates: services.map(addReplicaTo(behind)),
        })
      } else if (services.every((service) => service.health === 'healthy')) {
        await write({ phase: 'completed' })
      }
    },
  }),
})

function addReplicaTo(behind: ServiceState): (service: ServiceState) => ServiceState {
  return (service) => {
    if (service !== behind) return service
    const replicas = service.replicas + 1
    return { ...service, replicas, health: replicas === replicasWanted ? 'healthy' : service.health }
  }
}

const healthController = defineController({
  name: 'HealthReconciler',
  for: orchestration,
  reconciler: ({ client }) => ({
    async reconcile(request) {
      const object = await client.tryGet(orchestration, request)
      if (object?.status?.serviceStates === undefined) return
      const { status } = object
      const attempts: number = status.healthCheckAttempts ?? 0
      if (attempts >= healthChecksMax) return

      const services: readonly ServiceState[] = status.serviceStates
      const failing = services.find((service) => service.replicas > 0 && Math.random() < failureProbability)
      const serviceStates = services.map((service) =>
        service === failing ? { ...service, health: 'degraded' } : service,
      )
      const allHealthy = serviceStates.every((service) => service.health === 'healthy')
      const phase = allHealthy ? status.phase : 'failed'
      await client
        .status()
        .update({ ...object, status: { ...status, phase, serviceStates, healthCheckAttempts: attempts + 1 } })
    },
  }),
})

export default defineScenario({
  name: 'chaos',
  kinds: [orchestration],
  objects: [
    {
      ...orchestration,
      metadata: { namespace: 'default', name: 'orchestralmaneuvers' },
      spec: { services: ['users', 'auth', 'billing', 'shipping'] },
    },
  ],
  controllers: [orchestrationController, healthController],
})
