/** Controllers that run at once end as those of the normal mode do, in fewer states, and leave to others what is theirs. */
import { expect, test } from 'vitest'
import { builtin } from '#builtin-controllers/builtin.ts'
import { defineScenario, patch, remove, type ScenarioDefinition } from '#cluster/scenario.ts'
import { type Controller, defineController } from '#controller/define-controller.ts'
import { explore } from '../../src/explore.ts'
import { deploymentType, object, replicaSetType, workloadSpec } from './objects.ts'

const web = object('apps/v1', 'Deployment', 'web', { spec: { replicas: 1, ...workloadSpec() } })
const db = object('apps/v1', 'StatefulSet', 'db', { spec: { replicas: 2, serviceName: 'db', ...workloadSpec() } })
const sum = object('batch/v1', 'Job', 'sum', {
  spec: { template: { spec: { restartPolicy: 'Never', containers: [{ name: 'main', image: 'sum:1' }] } } },
})
const configMapType = { apiVersion: 'v1', kind: 'ConfigMap' }
const target = { ...deploymentType, namespace: 'default', name: 'web' }
const newImage = patch(target, { spec: { template: { spec: { containers: [{ name: 'main', image: 'web:2' }] } } } })

async function searched(
  definition: Omit<ScenarioDefinition, 'name' | 'controllers'>,
  controllers: readonly Controller[],
  {
    faults = 0,
    granularity = 'reconcile',
  }: { readonly faults?: number; readonly granularity?: 'reconcile' | 'write' } = {},
) {
  const report = await explore(defineScenario({ name: 'at-once', ...definition, controllers }), { faults, granularity })
  return {
    verdict: report.verdict,
    findings: report.findings.map(({ oracle, message }) => `${oracle}: ${message}`),
    outcomes: report.outcomes.map(({ objects }) => [...objects].sort().join(' ')).sort(),
    /** Of the level that was searched last. */
    states: report.levels.at(-1)?.statesDistinct ?? 0,
  }
}

test.each([
  ['a Deployment', { objects: [web] }, builtin.workloads()],
  ['a rollout', { objects: [web], settled: true, actions: [newImage] }, builtin.workloads()],
  ['a StatefulSet', { objects: [db] }, builtin.workloads()],
  ['a deletion', { objects: [web], settled: true, actions: [remove(target)] }, builtin.workloads()],
  ['a Job', { objects: [sum] }, [builtin.job(), builtin.podLifecycle()]],
] as const)('%s has the same outcomes in fewer states', async (_name, definition, controllers) => {
  const normal = await searched(definition, controllers)
  const collapsed = await searched(definition, builtin.atOnce(controllers))
  expect({ ...collapsed, states: 0 }).toEqual({ ...normal, states: 0 })
  expect(normal.verdict).toBe('holds')
  expect(collapsed.states).toBeLessThanOrEqual(normal.states)
})

/** An operator that reads a ReplicaSet's status from its cache: its own lateness is searched, the ReplicaSet's is not. */
const reporter = defineController({
  name: 'reporter',
  for: replicaSetType,
  reconciler: ({ client }) => ({
    async reconcile(request) {
      const set = await client.tryGet(replicaSetType, request)
      if (set === undefined) return
      const ready = String(set.status?.readyReplicas ?? 0)
      const known = await client.tryGet(configMapType, request)
      if (known === undefined) await client.create({ ...configMapType, metadata: request, data: { ready } })
      else if (known.data.ready !== ready) await client.update({ ...known, data: { ready } })
    },
  }),
})

test.each([
  ['reconcile', 0],
  ['reconcile', 1],
  ['write', 1],
] as const)('a controller beside them meets its faults as ever, by %s, with %i faults', async (granularity, faults) => {
  const set = object('apps/v1', 'ReplicaSet', 'web', { spec: { replicas: 2, ...workloadSpec() } })
  const controllers = [builtin.replicaset(), builtin.podLifecycle()]
  const bounds = { faults, granularity }
  const normal = await searched({ objects: [set] }, [...controllers, reporter], { ...bounds, granularity: 'reconcile' })
  const collapsed = await searched({ objects: [set] }, [...builtin.atOnce(controllers), reporter], bounds)
  expect({ ...collapsed, states: 0 }).toEqual({ ...normal, states: 0 })
  expect(collapsed.verdict).toBe('holds')
  if (granularity === 'reconcile') expect(collapsed.states).toBeLessThan(normal.states)
})

test('what runs at once has a process of its own', async () => {
  const controllers = [{ ...builtin.replicaset(), atOnce: true }, builtin.deployment()]
  await expect(searched({}, controllers)).rejects.toThrow(/does not run at once, unlike others of the process/)
})
