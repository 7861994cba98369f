/** The CronJob controller with Jobs and their pods, in every order and with one fault, for a day. */
import { expect, test } from 'vitest'
import { builtin } from '#builtin-controllers/builtin.ts'
import { eventually } from '#properties/user.ts'
import { explored, holds, object } from './objects.ts'

const template = { spec: { restartPolicy: 'Never', containers: [{ name: 'main', image: 'report:1' }] } }
const controllers = [builtin.cronjob(), builtin.job(), builtin.podLifecycle()]
const ran = eventually(
  'the Job of noon has run',
  (cluster) => cluster.list({ apiVersion: 'batch/v1', kind: 'Job' }).length === 1,
)

test.each([
  ['Allow', 0],
  ['Allow', 1],
  ['Forbid', 1],
  ['Replace', 1],
])('%s: starts its Job once, with %i faults', async (concurrencyPolicy, faults) => {
  const spec = { schedule: '0 12 * * *', concurrencyPolicy, jobTemplate: { spec: { template } } }
  const objects = [object('batch/v1', 'CronJob', 'report', { spec })]
  expect(await explored({ objects, controllers, properties: [ran] }, faults)).toEqual(holds)
})
