/** The HorizontalPodAutoscaler controller with the ReplicaSet it scales, in every order and with one fault. */
import { expect, test } from 'vitest'
import { builtin } from '#builtin-controllers/builtin.ts'
import { defineScenario, patch } from '#cluster/scenario.ts'
import { eventually } from '#properties/user.ts'
import { explore } from '../../src/explore.ts'
import { explored, holds, object, replicaSetType, workloadSpec } from './objects.ts'

const containers = [{ name: 'main', image: 'web:1', resources: { requests: { cpu: '200m' } } }]
const web = object('apps/v1', 'ReplicaSet', 'web', { spec: { replicas: 1, ...workloadSpec('web:1', { containers }) } })
const metrics = { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'default', name: 'metrics' }

function load(cpu: string): ReturnType<typeof object> {
  return object('v1', 'ConfigMap', 'metrics', { data: { 'ReplicaSet.web.cpu': cpu } })
}

function autoscaler(spec: object = {}): ReturnType<typeof object> {
  const target = { type: 'Utilization', averageUtilization: 50 }
  return object('autoscaling/v2', 'HorizontalPodAutoscaler', 'web', {
    spec: {
      scaleTargetRef: { ...replicaSetType, name: 'web' },
      maxReplicas: 3,
      metrics: [{ type: 'Resource', resource: { name: 'cpu', target } }],
      ...spec,
    },
  })
}

function replicasAre(count: number): ReturnType<typeof eventually> {
  return eventually(
    `${count} replicas`,
    (cluster) =>
      cluster.get<{ spec: { replicas: number } }>(replicaSetType, { namespace: 'default', name: 'web' })?.spec
        .replicas === count,
  )
}

const controllers = [builtin.replicaset(), builtin.podLifecycle(), builtin.horizontalpodautoscaler()]

/** As upstream: after a crash between the scale and the status nobody knows when it was. */
const ignoreInOutcomes = [
  {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    path: 'status.lastScaleTime',
    reason: 'it is lost when the controller crashes before it writes the status',
  },
]

test.each([0, 1])('follows a load that grows, with %i faults', async (faults) => {
  const objects = [web, autoscaler(), load('100m')]
  const actions = [patch(metrics, { data: { 'ReplicaSet.web.cpu': '190m' } })]
  const properties = [replicasAre(2)]
  const scenario = { objects, settled: true, controllers, actions, properties, ignoreInOutcomes }
  expect(await explored(scenario, faults)).toEqual(holds)
})

// Twenty periods pass before a pod goes.
test('takes a pod away when the window of stabilisation is over', async () => {
  const objects = [web, autoscaler(), load('190m')]
  const actions = [patch(metrics, { data: { 'ReplicaSet.web.cpu': '90m' } })]
  const properties = [replicasAre(1)]
  expect(await explored({ objects, settled: true, controllers, actions, properties }, 0)).toEqual(holds)
})

test('follows what the environment does to the load', async () => {
  const scenario = defineScenario({
    name: 'load',
    objects: [web, autoscaler({ behavior: { scaleDown: { stabilizationWindowSeconds: 0 } } }), load('100m')],
    settled: true,
    controllers,
    environment: [builtin.metricChange('ReplicaSet.web.cpu', ['100m', '290m'])],
  })
  const report = await explore(scenario, { faults: 0, environment: 1, granularity: 'reconcile' })
  expect(report.findings).toEqual([])
  expect(report.verdict).toBe('holds')
  const pods = report.outcomes.map(({ objects }) => objects.filter((name) => name.startsWith('Pod ')).length)
  expect([...new Set(pods)].sort()).toEqual([1, 3])
})
