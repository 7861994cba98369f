import { describe, expect, test } from 'vitest'
import type { KubernetesObject } from '#api/object.ts'
import { builtin } from '../builtin.ts'
import { startTestCluster, type TestCluster } from '../test-support.ts'
import { statefulSet } from './statefulset.ts'

const web = { type: { apiVersion: 'apps/v1', kind: 'StatefulSet' }, key: { namespace: 'default', name: 'web' } }

function statefulSetObject(replicas: number, spec: object = {}): object {
  return {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: { namespace: 'default', name: 'web' },
    spec: {
      replicas,
      serviceName: 'nginx',
      selector: { matchLabels: { app: 'nginx' } },
      template: {
        metadata: { labels: { app: 'nginx' } },
        spec: { containers: [{ name: 'nginx', image: 'nginx:1', volumeMounts: [{ name: 'www', mountPath: '/www' }] }] },
      },
      volumeClaimTemplates: [
        {
          metadata: { name: 'www' },
          spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
        },
      ],
      ...spec,
    },
  }
}

/** The pods' side of the transcript: what was created, removed or asked to go, without status writes. */
function podWrites(transcript: readonly string[]): readonly string[] {
  return transcript.filter((line) => /(create|delete) (Pod|PersistentVolumeClaim) [^/]*\/[^/]*$/.test(line))
}

async function startWorkloads(object: object): Promise<TestCluster> {
  return startTestCluster({ objects: [object], controllers: [...builtin.workloads(), builtin.garbageCollector()] })
}

function status(cluster: TestCluster): Record<string, unknown> {
  return (cluster.get('StatefulSet', 'web') as KubernetesObject).status
}

// https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#deployment-and-scaling-guarantees
describe('OrderedReady', () => {
  test('creates each pod, with its claim, when the one before it is ready', async () => {
    const cluster = await startWorkloads(statefulSetObject(2))
    expect(await cluster.settle()).toEqual([
      'statefulset: create ControllerRevision default/web-747f86d669',
      'statefulset: create PersistentVolumeClaim default/www-web-0',
      'statefulset: create Pod default/web-0',
      'statefulset: update StatefulSet default/web/status',
      'persistentvolume-binder: update PersistentVolumeClaim default/www-web-0/status',
      'pod-lifecycle: create Pod default/web-0/binding',
      'pod-lifecycle: patch Pod default/web-0/status',
      'statefulset: create PersistentVolumeClaim default/www-web-1',
      'statefulset: create Pod default/web-1',
      'statefulset: update StatefulSet default/web/status',
      'persistentvolume-binder: update PersistentVolumeClaim default/www-web-1/status',
      'pod-lifecycle: create Pod default/web-1/binding',
      'pod-lifecycle: patch Pod default/web-1/status',
      'statefulset: update StatefulSet default/web/status',
    ])
    expect(status(cluster)).toMatchObject({
      observedGeneration: 1,
      replicas: 2,
      readyReplicas: 2,
      currentReplicas: 2,
      updatedReplicas: 2,
    })
  })

  test('creates no pod while an earlier one is not ready', async () => {
    const cluster = await startTestCluster({ objects: [statefulSetObject(3)], controllers: [statefulSet()] })
    expect(podWrites(await cluster.settle())).toEqual([
      'statefulset: create PersistentVolumeClaim default/www-web-0',
      'statefulset: create Pod default/web-0',
    ])
    expect(status(cluster)).toMatchObject({ replicas: 1, readyReplicas: 0 })
  })

  test('scales down from the top, and waits for each pod to be gone', async () => {
    const cluster = await startWorkloads(statefulSetObject(3))
    await cluster.settle()
    await cluster.user.patch(web, { spec: { replicas: 1 } }, { patchType: 'merge' })
    expect(podWrites(await cluster.settle())).toEqual([
      'statefulset: delete Pod default/web-2',
      'pod-lifecycle: delete Pod default/web-2',
      'statefulset: delete Pod default/web-1',
      'pod-lifecycle: delete Pod default/web-1',
    ])
    expect(status(cluster)).toMatchObject({ observedGeneration: 2, replicas: 1, readyReplicas: 1 })
  })

  // https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#persistentvolumeclaim-retention
  test('keeps the claims of a pod that is gone, and uses them again', async () => {
    const cluster = await startWorkloads(statefulSetObject(2))
    await cluster.settle()
    const uid = cluster.get('PersistentVolumeClaim', 'www-web-1')?.metadata.uid
    await cluster.user.patch(web, { spec: { replicas: 1 } }, { patchType: 'merge' })
    await cluster.settle()
    expect(cluster.objects()).toContain('PersistentVolumeClaim default/www-web-1')
    await cluster.user.patch(web, { spec: { replicas: 2 } }, { patchType: 'merge' })
    await cluster.settle()
    expect(cluster.get('PersistentVolumeClaim', 'www-web-1')?.metadata.uid).toBe(uid)
    expect(cluster.objects()).toContain('Pod default/web-1')
  })

  test('replaces a pod that is deleted, once it is gone, and one that failed', async () => {
    const cluster = await startWorkloads(statefulSetObject(1))
    await cluster.settle()
    const pod = { type: { apiVersion: 'v1', kind: 'Pod' }, key: { namespace: 'default', name: 'web-0' } }
    await cluster.user.delete(pod)
    expect(podWrites(await cluster.settle())).toEqual([
      'user: delete Pod default/web-0',
      'pod-lifecycle: delete Pod default/web-0',
      'statefulset: create Pod default/web-0',
    ])
    await cluster.user.status().patch(pod, { status: { phase: 'Failed' } }, { patchType: 'merge' })
    expect(podWrites(await cluster.settle())).toEqual([
      'statefulset: delete Pod default/web-0',
      'statefulset: create Pod default/web-0',
    ])
  })
})

// https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#parallel-pod-management
test('Parallel creates and deletes all pods at once', async () => {
  const cluster = await startTestCluster({
    objects: [statefulSetObject(2, { podManagementPolicy: 'Parallel', volumeClaimTemplates: [] })],
    controllers: [statefulSet()],
  })
  expect(podWrites(await cluster.settle())).toEqual([
    'statefulset: create Pod default/web-0',
    'statefulset: create Pod default/web-1',
  ])
  await cluster.user.patch(web, { spec: { replicas: 0 } }, { patchType: 'merge' })
  expect(podWrites(await cluster.settle())).toEqual([
    'statefulset: delete Pod default/web-1',
    'statefulset: delete Pod default/web-0',
  ])
  expect(status(cluster)).toMatchObject({ replicas: 0 })
})

// https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#pod-identity
test('a pod has the labels, host name, owner and volumes of its ordinal', async () => {
  const cluster = await startTestCluster({ objects: [statefulSetObject(1)], controllers: [statefulSet()] })
  await cluster.settle()
  const { updateRevision } = status(cluster)
  const uid = cluster.get('StatefulSet', 'web')?.metadata.uid
  expect(cluster.get('Pod', 'web-0')).toMatchObject({
    metadata: {
      labels: {
        app: 'nginx',
        'statefulset.kubernetes.io/pod-name': 'web-0',
        'apps.kubernetes.io/pod-index': '0',
        'controller-revision-hash': updateRevision,
      },
      ownerReferences: [
        { apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'web', uid, controller: true, blockOwnerDeletion: true },
      ],
    },
    spec: {
      hostname: 'web-0',
      subdomain: 'nginx',
      volumes: [{ name: 'www', persistentVolumeClaim: { claimName: 'www-web-0' } }],
    },
  })
  expect(cluster.get('PersistentVolumeClaim', 'www-web-0')).toMatchObject({ metadata: { labels: { app: 'nginx' } } })
})

// https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#update-strategies
describe('a change of the template', () => {
  const newImage = { spec: { template: { spec: { containers: [{ name: 'nginx', image: 'nginx:2' }] } } } }

  test('replaces the pods from the top, one at a time', async () => {
    const cluster = await startWorkloads(statefulSetObject(2))
    await cluster.settle()
    const before = status(cluster)
    await cluster.user.patch(web, newImage, { patchType: 'merge' })
    expect(podWrites(await cluster.settle())).toEqual([
      'statefulset: delete Pod default/web-1',
      'pod-lifecycle: delete Pod default/web-1',
      'statefulset: create Pod default/web-1',
      'statefulset: delete Pod default/web-0',
      'pod-lifecycle: delete Pod default/web-0',
      'statefulset: create Pod default/web-0',
    ])
    expect(cluster.get('Pod', 'web-0')?.['spec'].containers[0].image).toBe('nginx:2')
    expect(status(cluster)).toMatchObject({ currentReplicas: 2, updatedReplicas: 2 })
    expect(status(cluster)['currentRevision']).toBe(status(cluster)['updateRevision'])
    expect(status(cluster)['currentRevision']).not.toBe(before['currentRevision'])
  })

  test('replaces no pod below the partition', async () => {
    const cluster = await startWorkloads(
      statefulSetObject(2, { updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 1 } } }),
    )
    await cluster.settle()
    await cluster.user.patch(web, newImage, { patchType: 'merge' })
    await cluster.settle()
    const images = ['web-0', 'web-1'].map((name) => cluster.get('Pod', name)?.['spec'].containers[0].image)
    expect(images).toEqual(['nginx:1', 'nginx:2'])
    expect(status(cluster)).toMatchObject({ currentReplicas: 1, updatedReplicas: 1 })
  })

  test('replaces no pod with OnDelete until it is deleted', async () => {
    const cluster = await startWorkloads(statefulSetObject(1, { updateStrategy: { type: 'OnDelete' } }))
    await cluster.settle()
    await cluster.user.patch(web, newImage, { patchType: 'merge' })
    expect(podWrites(await cluster.settle())).toEqual([])
    await cluster.user.delete({ type: { apiVersion: 'v1', kind: 'Pod' }, key: { namespace: 'default', name: 'web-0' } })
    await cluster.settle()
    expect(cluster.get('Pod', 'web-0')?.['spec'].containers[0].image).toBe('nginx:2')
  })
})

test('pods of the same labels but another owner are not touched', async () => {
  const owner = { apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'other', uid: 'another', controller: true }
  const stranger = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { namespace: 'default', name: 'web-7', labels: { app: 'nginx' }, ownerReferences: [owner] },
    spec: { nodeName: 'node', containers: [] },
    status: { phase: 'Running' },
  }
  const cluster = await startTestCluster({ objects: [statefulSetObject(0), stranger], controllers: [statefulSet()] })
  expect(podWrites(await cluster.settle())).toEqual([])
  expect(status(cluster)).toMatchObject({ replicas: 0 })
})

// https://kubernetes.io/docs/tasks/run-application/delete-stateful-set/
test('deleting a StatefulSet takes its pods and leaves its claims', async () => {
  const cluster = await startWorkloads(statefulSetObject(2))
  await cluster.settle()
  await cluster.user.delete(web, { propagationPolicy: 'Foreground' })
  await cluster.settle()
  expect(cluster.objects()).toEqual([
    'PersistentVolumeClaim default/www-web-0',
    'PersistentVolumeClaim default/www-web-1',
  ])
})
