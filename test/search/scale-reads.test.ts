/** A controller that reads the subresource scale gets a Scale, in a search as from a server. */
import { expect, test } from 'vitest'
import { defineScenario, scale } from '#cluster/scenario.ts'
import { defineController } from '#controller/define-controller.ts'
import { explore } from '../../src/explore.ts'

const type = { apiVersion: 'apps/v1', kind: 'ReplicaSet' }
const set = {
  ...type,
  metadata: { namespace: 'default', name: 'web' },
  spec: {
    replicas: 2,
    selector: { matchLabels: { app: 'web' } },
    template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'main', image: 'web:1' }] } },
  },
}

/** Sets the replicas to three by an update of the Scale that it has read. */
const controller = defineController({
  name: 'scaler',
  for: type,
  reconciler: ({ client }) => ({
    async reconcile(key) {
      const found = await client.subResource('scale').get({ type, key })
      const named = `${found.apiVersion} ${found.kind} ${found.status.selector}`
      if (named !== 'autoscaling/v1 Scale app=web') throw new Error(`not a Scale: ${JSON.stringify(found)}`)
      if (found.spec.replicas === 3) return
      const { apiVersion, kind } = type
      await client.subResource('scale').update({ ...found, apiVersion, kind, spec: { replicas: 3 } })
    },
  }),
})

test.each(['reconcile', 'write'] as const)('a Scale is read and written, by %s', async (granularity) => {
  const scenario = defineScenario({
    name: 'scale',
    objects: [set],
    controllers: [controller],
    actions: [scale({ ...type, namespace: 'default', name: 'web' }, 1)],
  })
  const report = await explore(scenario, { faults: 1, granularity })
  expect(report.findings.map(({ oracle, message }) => `${oracle}: ${message}`)).toEqual([])
  expect(report.verdict).toBe('holds')
})
