/** Controllers that are elsewhere explored beside others, each by itself, in every order and with one fault. */
import { expect, test } from 'vitest'
import { builtin } from '#builtin-controllers/builtin.ts'
import { remove } from '#cluster/scenario.ts'
import { eventually } from '#properties/user.ts'
import { explored, holds, object, strayPod } from './objects.ts'

const podType = { apiVersion: 'v1', kind: 'Pod' }
const jobType = { apiVersion: 'batch/v1', kind: 'Job' }
const pod = object('v1', 'Pod', 'web', { spec: { containers: [{ name: 'main', image: 'web:1' }] } })
const podTarget = { ...podType, namespace: 'default', name: 'web' }

const ready = eventually('the Pod is ready', (cluster) => {
  const found = cluster.get<{ status?: { conditions?: { type: string; status: string }[] } }>(podType, podTarget)
  return found?.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') === true
})

test.each([0, 1])('pod-lifecycle makes a Pod ready, with %i faults', async (faults) => {
  const scenario = { objects: [pod], controllers: [builtin.podLifecycle()], properties: [ready] }
  expect(await explored(scenario, faults)).toEqual(holds)
})

test.each([0, 1])('pod-lifecycle makes a Pod ready in steps, with %i faults', async (faults) => {
  const scenario = { objects: [pod], controllers: [builtin.podLifecycle({ readyAfter: 3 })], properties: [ready] }
  expect(await explored(scenario, faults)).toEqual(holds)
})

test.each([0, 1])('pod-lifecycle ends a Pod that is deleted, with %i faults', async (faults) => {
  const gone = eventually('the Pod is gone', (cluster) => cluster.get(podType, podTarget) === undefined)
  const scenario = { objects: [pod], controllers: [builtin.podLifecycle()], actions: [remove(podTarget)] }
  expect(await explored({ ...scenario, properties: [gone] }, faults)).toEqual(holds)
})

test.each([0, 1])('ttl-after-finished removes a Job that has ended, with %i faults', async (faults) => {
  const template = { spec: { restartPolicy: 'Never', containers: [{ name: 'main', image: 'sum:1' }] } }
  const ended = { type: 'Complete', status: 'True', lastTransitionTime: '2025-01-01T00:00:00Z' }
  const job = object('batch/v1', 'Job', 'sum', {
    spec: { template, ttlSecondsAfterFinished: 60 },
    status: { conditions: [ended], succeeded: 1, completionTime: '2025-01-01T00:00:00Z' },
  })
  const gone = eventually('the Job is gone', (cluster) => cluster.list(jobType).length === 0)
  const scenario = { objects: [job], controllers: [builtin.ttlAfterFinished()], properties: [gone] }
  expect(await explored(scenario, faults)).toEqual(holds)
})

test.each([0, 1])('podgc removes a Pod whose node is gone, with %i faults', async (faults) => {
  const gone = eventually('the Pod is gone', (cluster) => cluster.list(podType).length === 0)
  const other = { apiVersion: 'v1', kind: 'Node', metadata: { name: 'other' } }
  const scenario = { objects: [strayPod('lost'), other], controllers: [builtin.podgc()], properties: [gone] }
  expect(await explored(scenario, faults)).toEqual(holds)
})
