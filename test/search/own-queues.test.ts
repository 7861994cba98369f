/** Each controller has the work queue that it says, as if all of the scenario had it. */
import { expect, test } from 'vitest'
import { defineScenario, patch } from '#cluster/scenario.ts'
import { defineController } from '#controller/define-controller.ts'
import { explore } from '#explore.ts'

const type = { apiVersion: 'v1', kind: 'ConfigMap' }
const object = { ...type, metadata: { namespace: 'default', name: 'a' }, data: { runs: '0' } }

/** Waits an hour, and counts what it does in up to three runs: with one entry a key an event takes the timer's place. */
const waiting = (name: string, queue?: 'fifo' | 'priority') =>
  defineController({
    name,
    for: type,
    ...(queue === undefined ? {} : { queue }),
    reconciler: ({ client }) => ({
      async reconcile(request) {
        const found = await client.tryGet<{ data: { runs: string; go?: string } }>(type, request)
        if (found === undefined) return
        if (found.data.go === undefined) return { requeueAfterMs: 3_600_000 }
        const runs = Number(found.data.runs)
        if (runs < 3)
          await client.patch({ type, key: request }, { data: { runs: `${runs + 1}` } }, { patchType: 'merge' })
      },
    }),
  })

const scenarioOf = (...queues: (('fifo' | 'priority') | undefined)[]) =>
  defineScenario({
    name: 'own-queues',
    objects: [object],
    settled: true,
    garbageCollection: false,
    controllers: queues.map((queue, index) => waiting(`waiting-${index}`, queue)),
    actions: [patch({ ...type, namespace: 'default', name: 'a' }, { data: { go: 'yes' } })],
  })

const counts = async (scenario: ReturnType<typeof scenarioOf>, options: object = {}) => {
  const { bounds, statistics, outcomes } = await explore(scenario, { faults: 0, reduction: 'none', ...options })
  const { statesDistinct, transitions } = statistics
  return { queue: bounds.queue, statesDistinct, transitions, outcomes: outcomes.map(({ fingerprint }) => fingerprint) }
}

test.each(['fifo', 'priority'] as const)('%s by definition is as by option', async (queue) => {
  expect(await counts(scenarioOf(queue))).toEqual(await counts(scenarioOf(undefined), { queue }))
})

test('the queues differ, and two controllers may have different ones', async () => {
  const [fifo, priority, both] = [
    await counts(scenarioOf('fifo', 'fifo')),
    await counts(scenarioOf('priority', 'priority')),
    await counts(scenarioOf('fifo', 'priority')),
  ]
  expect([fifo.queue, priority.queue, both.queue]).toEqual(['fifo', 'priority', 'own'])
  expect(fifo.statesDistinct).toBeGreaterThan(both.statesDistinct)
  expect(both.statesDistinct).toBeGreaterThan(priority.statesDistinct)
})

test('a queue of another name is refused', () => {
  expect(() => waiting('odd', 'lifo' as 'fifo')).toThrow(/queue is 'lifo'\. Expected is 'fifo' or 'priority'/)
})
