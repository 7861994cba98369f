/** Pods that fail, containers that crash, nodes that are lost: the ReplicaSet's and the StatefulSet's controllers react. */
import { expect, test } from 'vitest'
import { builtin } from '#builtin-controllers/builtin.ts'
import { defineScenario } from '#cluster/scenario.ts'
import { explore } from '../../src/explore.ts'
import { object, workloadSpec } from './objects.ts'

const replicaSet = object('apps/v1', 'ReplicaSet', 'web', { spec: { replicas: 2, ...workloadSpec() } })
const statefulSet = object('apps/v1', 'StatefulSet', 'db', {
  spec: { replicas: 1, serviceName: 'db', ...workloadSpec() },
})
const events = {
  podFailure: builtin.podFailure,
  containerRestart: builtin.containerRestart,
  nodeLoss: builtin.nodeLoss,
}

test.each([
  // A ReplicaSet leaves the pod that failed where it is.
  ['podFailure', replicaSet, [2, 3]],
  ['containerRestart', replicaSet, [2, 2]],
  ['nodeLoss', replicaSet, [2, 2]],
  ['podFailure', statefulSet, [1, 1]],
  ['nodeLoss', statefulSet, [1, 1]],
] as const)('%s', async (name, workload, left) => {
  const scenario = defineScenario({
    name: 'pod-events',
    objects: [workload],
    settled: true,
    controllers: [builtin.replicaset(), builtin.statefulset(), builtin.podLifecycle()],
    environment: [events[name]()],
  })
  const report = await explore(scenario, { faults: 0, environment: 1, granularity: 'reconcile' })
  expect(report.findings).toEqual([])
  expect(report.verdict).toBe('holds')
  const pods = report.outcomes.map(({ objects }) => objects.filter((name) => name.startsWith('Pod ')).length)
  expect(pods.sort()).toEqual(left)
})

/** A status written while the cache is late may be what the late cache shows again: the own write must wake its writer. */
test.each([0, 1])('a ReplicaSet counts containers that crash and start again, with %i lags', async (lags) => {
  const scenario = defineScenario({
    name: 'own-status',
    objects: [object('apps/v1', 'ReplicaSet', 'web', { spec: { replicas: 1, ...workloadSpec() } })],
    settled: true,
    controllers: [builtin.replicaset(), builtin.podLifecycle()],
    environment: [events.containerRestart()],
  })
  const caps = { crash: 0, apiError: 0, relist: 0 }
  const report = await explore(scenario, { faults: lags, ...caps, environment: 1, granularity: 'reconcile' })
  expect(report.findings.map(({ oracle, message }) => `${oracle}: ${message}`)).toEqual([])
})
