import { describe, expect, test } from 'vitest'
import { builtin } from '../builtin.ts'
import { startTestCluster, type TestCluster } from '../test-support.ts'

const sum = { type: { apiVersion: 'batch/v1', kind: 'Job' }, key: { namespace: 'default', name: 'sum' } }

function jobObject(spec: object = {}): object {
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { namespace: 'default', name: 'sum' },
    spec: { template: { spec: { restartPolicy: 'Never', containers: [{ name: 'main', image: 'sum:1' }] } }, ...spec },
  }
}

async function start(spec: object = {}): Promise<TestCluster> {
  return startTestCluster({
    objects: [jobObject(spec)],
    controllers: [builtin.job(), builtin.podLifecycle(), builtin.garbageCollector()],
  })
}

/** Without a node no pod ever starts: the test is the kubelet. */
async function startWithoutNode(spec: object = {}): Promise<TestCluster> {
  return startTestCluster({ objects: [jobObject(spec)], controllers: [builtin.job()] })
}

async function endPod(cluster: TestCluster, name: string, phase: 'Succeeded' | 'Failed'): Promise<void> {
  const pod = { type: { apiVersion: 'v1', kind: 'Pod' }, key: { namespace: 'default', name } }
  await cluster.user.status().patch(pod, { status: { phase } }, { patchType: 'merge' })
  await cluster.settle()
}

function status(cluster: TestCluster): Record<string, unknown> {
  return cluster.get('Job', 'sum')?.['status']
}

function pods(cluster: TestCluster): readonly string[] {
  return cluster.objects().filter((name) => name.startsWith('Pod '))
}

// https://kubernetes.io/docs/concepts/workloads/controllers/job/#running-an-example-job
test('a Job runs a pod to its end and is complete', async () => {
  const cluster = await start()
  expect(await cluster.settle()).toEqual([
    'job: create Pod default/',
    'job: update Job default/sum/status',
    'pod-lifecycle: create Pod default/sum-zbbbb/binding',
    'pod-lifecycle: patch Pod default/sum-zbbbb/status',
    'pod-lifecycle: patch Pod default/sum-zbbbb/status',
    'job: update Job default/sum/status',
    'job: patch Pod default/sum-zbbbb',
    'job: update Job default/sum/status',
  ])
  expect(status(cluster)).toEqual({
    ready: 0,
    terminating: 0,
    succeeded: 1,
    uncountedTerminatedPods: {},
    conditions: [
      { type: 'SuccessCriteriaMet', status: 'True', reason: 'CompletionsReached' },
      { type: 'Complete', status: 'True', reason: 'CompletionsReached' },
    ],
  })
})

// https://kubernetes.io/docs/concepts/workloads/controllers/job/#parallel-jobs
describe('parallelism', () => {
  test('is the number of pods at a time until the completions are reached', async () => {
    const cluster = await startWithoutNode({ completions: 3, parallelism: 2 })
    await cluster.settle()
    expect(status(cluster)).toMatchObject({ active: 2 })
    await endPod(cluster, 'sum-zbbbb', 'Succeeded')
    expect(status(cluster)).toMatchObject({ active: 2, succeeded: 1 })
    await endPod(cluster, 'sum-zbbbc', 'Succeeded')
    expect(status(cluster)).toMatchObject({ active: 1, succeeded: 2 })
    expect(pods(cluster)).toHaveLength(3)
  })

  test('of a work queue ends with the first success and the last pod', async () => {
    const cluster = await startWithoutNode({ parallelism: 2 })
    await cluster.settle()
    await endPod(cluster, 'sum-zbbbb', 'Succeeded')
    expect(status(cluster)).toMatchObject({ active: 1, succeeded: 1 })
    await endPod(cluster, 'sum-zbbbc', 'Succeeded')
    expect(status(cluster)['conditions']).toMatchObject([{ type: 'SuccessCriteriaMet' }, { type: 'Complete' }])
  })

  test('can be lowered', async () => {
    const cluster = await startWithoutNode({ completions: 3, parallelism: 3 })
    await cluster.settle()
    await cluster.user.patch(sum, { spec: { parallelism: 1 } }, { patchType: 'merge' })
    await cluster.settle()
    expect(status(cluster)).toMatchObject({ active: 1 })
    expect(pods(cluster)).toHaveLength(1)
  })
})

// https://kubernetes.io/docs/concepts/workloads/controllers/job/#completion-mode
test('an indexed Job runs a pod for each index', async () => {
  const cluster = await start({ completions: 3, parallelism: 3, completionMode: 'Indexed' })
  await cluster.settle()
  expect(pods(cluster).map((name) => name.replace(/-z....$/, ''))).toEqual([
    'Pod default/sum-0',
    'Pod default/sum-1',
    'Pod default/sum-2',
  ])
  expect(status(cluster)).toMatchObject({ succeeded: 3, completedIndexes: '0-2' })
})

// https://kubernetes.io/docs/concepts/workloads/controllers/job/#pod-backoff-failure-policy
test('a Job fails when its pods failed more often than the back-off limit', async () => {
  const cluster = await startWithoutNode({ backoffLimit: 1 })
  await cluster.settle()
  await endPod(cluster, 'sum-zbbbb', 'Failed')
  expect(status(cluster)).toMatchObject({ active: 1, failed: 1 })
  await endPod(cluster, 'sum-zbbbc', 'Failed')
  expect(pods(cluster)).toHaveLength(2)
  expect(status(cluster)).toMatchObject({
    failed: 2,
    conditions: [{ type: 'FailureTarget' }, { type: 'Failed', status: 'True', reason: 'BackoffLimitExceeded' }],
  })
})

// https://kubernetes.io/docs/concepts/workloads/controllers/job/#suspending-a-job
test('a suspended Job has no pods until it is resumed', async () => {
  const cluster = await startWithoutNode({ suspend: true })
  await cluster.settle()
  expect(pods(cluster)).toEqual([])
  expect(status(cluster)['conditions']).toEqual([{ type: 'Suspended', status: 'True', reason: 'JobSuspended' }])
  await cluster.user.patch(sum, { spec: { suspend: false } }, { patchType: 'merge' })
  await cluster.settle()
  expect(pods(cluster)).toHaveLength(1)
  expect(status(cluster)['conditions']).toEqual([{ type: 'Suspended', status: 'False', reason: 'JobResumed' }])
  await cluster.user.patch(sum, { spec: { suspend: true } }, { patchType: 'merge' })
  await cluster.settle()
  expect(pods(cluster)).toEqual([])
})

test('deleting a Job in the background takes its pods', async () => {
  const cluster = await start()
  await cluster.settle()
  await cluster.user.delete(sum, { propagationPolicy: 'Background' })
  await cluster.settle()
  expect(cluster.objects()).toEqual([])
})
