import { describe, expect, test } from 'vitest'
import { builtin } from '../builtin.ts'
import { startTestCluster, type TestCluster } from '../test-support.ts'

const web = { type: { apiVersion: 'apps/v1', kind: 'Deployment' }, key: { namespace: 'default', name: 'web' } }

function deploymentObject(replicas: number, spec: object = {}, image = 'nginx:1'): object {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { namespace: 'default', name: 'web', annotations: { team: 'blue' } },
    spec: {
      replicas,
      selector: { matchLabels: { app: 'nginx' } },
      template: { metadata: { labels: { app: 'nginx' } }, spec: { containers: [{ name: 'nginx', image }] } },
      ...spec,
    },
  }
}

async function start(...objects: object[]): Promise<TestCluster> {
  return startTestCluster({ objects, controllers: [...builtin.workloads(), builtin.garbageCollector()] })
}

async function started(...objects: object[]): Promise<TestCluster> {
  const cluster = await start(...objects)
  await cluster.settle()
  return cluster
}

const patchSpec = (cluster: TestCluster, spec: object): Promise<unknown> =>
  cluster.user.patch(web, { spec }, { patchType: 'merge' })

const setImage = (cluster: TestCluster, image: string): Promise<unknown> =>
  patchSpec(cluster, { template: { spec: { containers: [{ name: 'nginx', image }] } } })

/** `image replicas` of the ReplicaSets, by revision. */
function history(cluster: TestCluster): readonly string[] {
  return replicaSets(cluster).map(({ metadata, spec }) => {
    const revision = metadata.annotations?.['deployment.kubernetes.io/revision']
    return `${revision}: ${spec.template.spec.containers[0].image} ${spec.replicas}`
  })
}

function replicaSets(cluster: TestCluster) {
  return cluster
    .objects()
    .filter((name) => name.startsWith('ReplicaSet '))
    .map(
      (name) => cluster.get('ReplicaSet', name.split('/')[1] as string) as NonNullable<ReturnType<TestCluster['get']>>,
    )
    .sort((left, right) => revisionOf(left) - revisionOf(right))
}

function revisionOf({
  metadata,
}: {
  readonly metadata: { readonly annotations?: Readonly<Record<string, string>> }
}): number {
  return Number(metadata.annotations?.['deployment.kubernetes.io/revision'])
}

function status(cluster: TestCluster): Record<string, unknown> {
  return cluster.get('Deployment', 'web')?.['status']
}

/** What was written, without generated and hashed parts of names, and without pods' lives. */
function steps(transcript: readonly string[]): readonly string[] {
  return transcript
    .filter((line) => !line.startsWith('pod-lifecycle') && !line.startsWith('user'))
    .map((line) => line.replace(/(Pod|ReplicaSet) default\/[^/]*/, '$1'))
}

// https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#creating-a-deployment
test('a new Deployment makes one ReplicaSet, named after the hash of its template', async () => {
  const cluster = await started(deploymentObject(2))
  const [set] = replicaSets(cluster)
  const hash = set?.metadata.labels?.['pod-template-hash']
  expect(set?.metadata.name).toBe(`web-${hash}`)
  expect(set?.['spec'].selector.matchLabels).toEqual({ app: 'nginx', 'pod-template-hash': hash })
  expect(set?.metadata.annotations).toMatchObject({ team: 'blue', 'deployment.kubernetes.io/desired-replicas': '2' })
  expect(cluster.get('Deployment', 'web')?.metadata.annotations).toMatchObject({
    'deployment.kubernetes.io/revision': '1',
  })
  expect(status(cluster)).toMatchObject({
    replicas: 2,
    updatedReplicas: 2,
    readyReplicas: 2,
    availableReplicas: 2,
    conditions: [
      { type: 'Available', status: 'True', reason: 'MinimumReplicasAvailable' },
      { type: 'Progressing', status: 'True', reason: 'NewReplicaSetAvailable' },
    ],
  })
  expect(status(cluster)['observedGeneration']).toBe(cluster.get('Deployment', 'web')?.metadata.generation)
})

// https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#updating-a-deployment
describe('a rolling update', () => {
  test('goes up by the surge and down by what is available, step by step', async () => {
    const cluster = await started(deploymentObject(1))
    await setImage(cluster, 'nginx:2')
    expect(steps(await cluster.settle()).filter((line) => !line.includes('/status'))).toEqual([
      'deployment: create ReplicaSet',
      'replicaset: create Pod',
      'deployment: update ReplicaSet',
      'replicaset: delete Pod',
    ])
    expect(history(cluster)).toEqual(['1: nginx:1 0', '2: nginx:2 1'])
    expect(status(cluster)).toMatchObject({ replicas: 1, updatedReplicas: 1, availableReplicas: 1 })
  })

  test('without surge takes old pods away first', async () => {
    const strategy = { rollingUpdate: { maxSurge: 0, maxUnavailable: 1 } }
    const cluster = await started(deploymentObject(2, { strategy }))
    await setImage(cluster, 'nginx:2')
    const scaled = steps(await cluster.settle()).filter((line) => line.includes('Pod'))
    expect(scaled.slice(0, 2)).toEqual(['replicaset: delete Pod', 'replicaset: create Pod'])
    expect(history(cluster)).toEqual(['1: nginx:1 0', '2: nginx:2 2'])
  })

  // With no pod available the old ones may shrink only by what new ones, not available either, leave below the minimum.
  test('removes old pods that are not available although none may be missed', async () => {
    const cluster = await startTestCluster({
      objects: [deploymentObject(4, { strategy: { rollingUpdate: { maxSurge: 1, maxUnavailable: 1 } } })],
      controllers: [builtin.deployment(), builtin.replicaset()],
    })
    await cluster.settle()
    await setImage(cluster, 'nginx:2')
    await cluster.settle()
    expect(history(cluster)).toEqual(['1: nginx:1 3', '2: nginx:2 2'])
  })

  // https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#rollover-aka-multiple-updates-in-flight
  test('that is overtaken by the next leaves only the last template running', async () => {
    const cluster = await started(deploymentObject(2))
    await setImage(cluster, 'nginx:2')
    await cluster.step()
    await setImage(cluster, 'nginx:3')
    await cluster.settle()
    expect(history(cluster)).toEqual(['1: nginx:1 0', '2: nginx:2 0', '3: nginx:3 2'])
  })
})

// https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#recreate-deployment
test('with Recreate all old pods are gone before the first new one comes', async () => {
  const cluster = await started(deploymentObject(2, { strategy: { type: 'Recreate' } }))
  await setImage(cluster, 'nginx:2')
  const transcript = (await cluster.settle()).filter((line) => /(create|delete) Pod [^/]*\/[^/]*$/.test(line))
  expect(transcript.map((line) => line.split(' ').slice(0, 2).join(' '))).toEqual([
    'replicaset: delete',
    'replicaset: delete',
    'pod-lifecycle: delete',
    'pod-lifecycle: delete',
    'replicaset: create',
    'replicaset: create',
  ])
  expect(history(cluster)).toEqual(['1: nginx:1 0', '2: nginx:2 2'])
})

// https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#rolling-back-a-deployment
test('a template that comes back uses its old ReplicaSet, with the next revision', async () => {
  const cluster = await started(deploymentObject(1))
  await setImage(cluster, 'nginx:2')
  await cluster.settle()
  await setImage(cluster, 'nginx:1')
  await cluster.settle()
  expect(history(cluster)).toEqual(['2: nginx:2 0', '3: nginx:1 1'])
  expect(cluster.get('Deployment', 'web')?.metadata.annotations?.['deployment.kubernetes.io/revision']).toBe('3')
})

// https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#clean-up-policy
test('keeps as many old ReplicaSets as the history limit says', async () => {
  const cluster = await started(deploymentObject(1, { revisionHistoryLimit: 1 }))
  for (const image of ['nginx:2', 'nginx:3']) {
    await setImage(cluster, image)
    await cluster.settle()
  }
  expect(history(cluster)).toEqual(['2: nginx:2 0', '3: nginx:3 1'])
})

// https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#pausing-and-resuming-a-deployment
describe('a paused Deployment', () => {
  test('starts no rollout until it is resumed', async () => {
    const cluster = await started(deploymentObject(1))
    await patchSpec(cluster, { paused: true })
    await setImage(cluster, 'nginx:2')
    await cluster.settle()
    expect(history(cluster)).toEqual(['1: nginx:1 1'])
    expect(status(cluster)['conditions']).toContainEqual({
      type: 'Progressing',
      status: 'Unknown',
      reason: 'DeploymentPaused',
    })
    await patchSpec(cluster, { paused: false })
    await cluster.settle()
    expect(history(cluster)).toEqual(['1: nginx:1 0', '2: nginx:2 1'])
    expect(status(cluster)['conditions']).toContainEqual({
      type: 'Progressing',
      status: 'True',
      reason: 'NewReplicaSetAvailable',
    })
  })

  test('can be scaled', async () => {
    const cluster = await started(deploymentObject(1, { paused: false }))
    await patchSpec(cluster, { paused: true, replicas: 3 })
    await cluster.settle()
    expect(history(cluster)).toEqual(['1: nginx:1 3'])
  })
})

// https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#proportional-scaling
test('a Deployment that is scaled in the middle of a rollout shares the difference in proportion', async () => {
  const cluster = await startTestCluster({
    objects: [deploymentObject(10, { strategy: { rollingUpdate: { maxSurge: 3, maxUnavailable: 2 } } })],
    controllers: [...builtin.workloads()],
  })
  await cluster.settle()
  // As in the documentation: the new image cannot be pulled, so the rollout stops at 8 old and 5 new pods.
  const stuck = await startTestCluster({
    objects: storedObjects(cluster),
    controllers: [builtin.deployment(), builtin.replicaset()],
  })
  await stuck.settle()
  await setImage(stuck, 'nginx:sometag')
  await stuck.settle()
  expect(history(stuck)).toEqual(['1: nginx:1 8', '2: nginx:sometag 5'])
  await patchSpec(stuck, { replicas: 15 })
  await stuck.settle()
  expect(history(stuck)).toEqual(['1: nginx:1 11', '2: nginx:sometag 7'])
})

/** The workloads of a cluster, as they would be found by controllers that start anew. */
function storedObjects(cluster: TestCluster): readonly object[] {
  return cluster
    .objects()
    .map((name) => {
      const [kind = '', key = ''] = name.split(' ')
      return cluster.get(kind, key.split('/')[1] ?? '')
    })
    .filter((object) => object !== undefined)
}

test('two Deployments with the same labels never take each other’s pods', async () => {
  const other = deploymentObject(1, {}, 'nginx:other') as { metadata: object }
  const cluster = await started(deploymentObject(1), {
    ...other,
    metadata: { namespace: 'default', name: 'other' },
  })
  expect(replicaSets(cluster).map(({ spec, status: counted }) => [spec.replicas, counted.readyReplicas])).toEqual([
    [1, 1],
    [1, 1],
  ])
})

test('deleting a Deployment in the foreground takes its ReplicaSets and pods', async () => {
  const cluster = await started(deploymentObject(2))
  await cluster.user.delete(web, { propagationPolicy: 'Foreground' })
  await cluster.settle()
  expect(cluster.objects()).toEqual([])
})

// https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#rolling-back-to-a-previous-revision (orphaned sets)
test('adopts a ReplicaSet of its template that has no controller', async () => {
  const cluster = await started(deploymentObject(1))
  const uid = replicaSets(cluster)[0]?.metadata.uid
  await cluster.user.delete(web, { propagationPolicy: 'Orphan' })
  await cluster.settle()
  await cluster.user.create(deploymentObject(1))
  await cluster.settle()
  expect(replicaSets(cluster)).toMatchObject([{ metadata: { uid, ownerReferences: [{ name: 'web' }] } }])
})
