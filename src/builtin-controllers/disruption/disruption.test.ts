import { describe, expect, test } from 'vitest'
import { builtin } from '../builtin.ts'
import { startTestCluster, type TestCluster } from '../test-support.ts'

function budgetObject(spec: object): object {
  return {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { namespace: 'default', name: 'web' },
    spec: { selector: { matchLabels: { app: 'web' } }, ...spec },
  }
}

function deploymentObject(replicas: number): object {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { namespace: 'default', name: 'web' },
    spec: {
      replicas,
      selector: { matchLabels: { app: 'web' } },
      template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'main', image: 'web' }] } },
    },
  }
}

async function settled(...objects: object[]): Promise<TestCluster> {
  const cluster = await startTestCluster({ objects, controllers: [...builtin.workloads(), builtin.disruption()] })
  await cluster.settle()
  return cluster
}

function status(cluster: TestCluster): unknown {
  return cluster.get('PodDisruptionBudget', 'web')?.['status']
}

function podReference(cluster: TestCluster) {
  const name =
    cluster
      .objects()
      .find((object) => object.startsWith('Pod '))
      ?.split('/')[1] ?? ''
  return { type: { apiVersion: 'v1', kind: 'Pod' }, key: { namespace: 'default', name } }
}

const evict = (cluster: TestCluster): Promise<unknown> => {
  const { key } = podReference(cluster)
  return cluster.user
    .subResource('eviction')
    .create(podReference(cluster), { apiVersion: 'policy/v1', kind: 'Eviction', metadata: key })
}

// https://kubernetes.io/docs/tasks/run-application/configure-pdb/#specifying-a-poddisruptionbudget
describe('a budget', () => {
  test.each([
    [{ minAvailable: 2 }, { disruptionsAllowed: 1, desiredHealthy: 2, expectedPods: 3 }],
    [{ minAvailable: '50%' }, { disruptionsAllowed: 1, desiredHealthy: 2, expectedPods: 3 }],
    [{ maxUnavailable: 1 }, { disruptionsAllowed: 1, desiredHealthy: 2, expectedPods: 3 }],
    [{ maxUnavailable: '30%' }, { disruptionsAllowed: 1, desiredHealthy: 2, expectedPods: 3 }],
    [{ minAvailable: 3 }, { disruptionsAllowed: 0, desiredHealthy: 3, expectedPods: 3 }],
  ])('of %j', async (spec, counted) => {
    const cluster = await settled(budgetObject(spec), deploymentObject(3))
    expect(status(cluster)).toMatchObject({ ...counted, currentHealthy: 3, observedGeneration: 1 })
  })

  test('without pods allows nothing', async () => {
    const cluster = await settled(budgetObject({ minAvailable: 0 }))
    expect(status(cluster)).toMatchObject({
      disruptionsAllowed: 0,
      conditions: [{ type: 'DisruptionAllowed', status: 'False', reason: 'InsufficientPods' }],
    })
  })

  test('in percent of pods whose controller has no known scale allows nothing', async () => {
    const owner = { apiVersion: 'example.com/v1', kind: 'Set', name: 'x', uid: 'x', controller: true }
    const pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { namespace: 'default', name: 'a', labels: { app: 'web' }, ownerReferences: [owner] },
      spec: { containers: [{ name: 'main', image: 'web' }] },
    }
    const cluster = await settled(budgetObject({ minAvailable: '50%' }), pod)
    expect(status(cluster)).toMatchObject({ disruptionsAllowed: 0, conditions: [{ reason: 'SyncFailed' }] })
  })
})

// https://kubernetes.io/docs/concepts/scheduling-eviction/api-eviction/
test('an eviction takes from the allowance, which comes back with the next healthy pod', async () => {
  const cluster = await settled(budgetObject({ minAvailable: 1 }), deploymentObject(2))
  await evict(cluster)
  expect(status(cluster)).toMatchObject({ disruptionsAllowed: 0 })
  await cluster.settle()
  expect(status(cluster)).toMatchObject({ disruptionsAllowed: 1, currentHealthy: 2 })
  expect(status(cluster)).not.toHaveProperty('disruptedPods')
})
