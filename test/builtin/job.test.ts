/** The Job controller, and the one that removes Jobs after their time, in every order and with one fault. */
import { expect, test } from 'vitest'
import { builtin } from '#builtin-controllers/builtin.ts'
import { create, patch, remove } from '#cluster/scenario.ts'
import { eventually } from '#properties/user.ts'
import { explored, holds, object } from './objects.ts'

const template = { spec: { restartPolicy: 'Never', containers: [{ name: 'main', image: 'sum:1' }] } }
const target = { apiVersion: 'batch/v1', kind: 'Job', namespace: 'default', name: 'sum' }
const controllers = [builtin.job(), builtin.podLifecycle()]

function sum(spec: object = {}): ReturnType<typeof object> {
  return object('batch/v1', 'Job', 'sum', { spec: { template, ...spec } })
}

test.each([0, 1])('runs to its end, with %i faults', async (faults) => {
  expect(await explored({ objects: [sum({ completions: 2, parallelism: 2 })], controllers }, faults)).toEqual(holds)
})

test.each([0, 1])('runs one pod after the other, with %i faults', async (faults) => {
  expect(await explored({ objects: [sum({ completions: 2 })], controllers }, faults)).toEqual(holds)
})

/**
 * Settled first: a Job that is resumed before its controller saw it was never suspended, and has no condition of it.
 * Lags only: when its controller crashes between its pods and its status, the Job may be complete when it is looked at
 * again, and then Suspended stays True, as upstream; so it is when the write of its status fails.
 */
test.each([0, 1])('is resumed, with %i lags', async (lags) => {
  const actions = [patch(target, { spec: { suspend: false } })]
  expect(
    await explored({ objects: [sum({ suspend: true })], settled: true, controllers, actions }, lags, {
      crash: 0,
      apiError: 0,
    }),
  ).toEqual(holds)
})

test.each([0, 1])('is removed after its time, with %i faults', async (faults) => {
  const objects = [sum({ ttlSecondsAfterFinished: 60 })]
  const gone = eventually('the Job is gone', (cluster) => cluster.get(target, target) === undefined)
  const found = await explored(
    { objects, controllers: [...controllers, builtin.ttlAfterFinished()], properties: [gone] },
    faults,
  )
  expect(found).toEqual(holds)
})

/**
 * Its pods never start, so the deadline ends it. A minute is never reached before a pod that can still be made is there:
 * time passes when nothing else happens.
 */
test.each([0, 1])('fails at its deadline, with %i faults', async (faults) => {
  const failed = eventually('the Job has failed', (cluster) =>
    cluster.get(target, target)?.['status']?.conditions?.some(({ type }: { type: string }) => type === 'Failed'),
  )
  const found = await explored(
    { objects: [sum({ activeDeadlineSeconds: 60 })], controllers: [builtin.job()], properties: [failed] },
    faults,
  )
  expect(found).toEqual(holds)
})

/**
 * The pods of the first are held by a finalizer that only the Job controller removes. Kept, they are nobody's; a Job
 * deleted through the API keeps them by default.
 */
test.each([
  ['Background', 0],
  ['Background', 1],
  ['Orphan', 0],
] as const)('is deleted (%s) and made anew, with %i faults', async (propagationPolicy, faults) => {
  const actions = [remove(target, { propagationPolicy }), create(sum())]
  const found = await explored({ objects: [sum()], settled: true, controllers: [builtin.job()], actions }, faults)
  expect(found).toEqual(holds)
})
