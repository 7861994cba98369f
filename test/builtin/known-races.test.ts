/** The races of docs/builtin-races.md: each appears when lag and slow time allow it, and not without. */
import { expect, test } from 'vitest'
import { builtin } from '#builtin-controllers/builtin.ts'
import { create, patch, remove } from '#cluster/scenario.ts'
import { defineController } from '#controller/define-controller.ts'
import { always } from '#properties/user.ts'
import { explored, object, replicaSetType, workloadSpec } from './objects.ts'

const web = object('apps/v1', 'ReplicaSet', 'web', { spec: { replicas: 1, ...workloadSpec() } })
const target = { ...replicaSetType, namespace: 'default', name: 'web' }
const only = { crash: 0, apiError: 0, relist: 0, lagMax: 4, stopAtFirst: true }

function atMost(count: number): ReturnType<typeof always> {
  return always(`at most ${count} pods`, (cluster) => cluster.list({ apiVersion: 'v1', kind: 'Pod' }).length <= count)
}

/** Time passes with it: six minutes after the start it writes once. */
const clock = defineController({
  name: 'clock',
  process: 'clock',
  for: { apiVersion: 'v1', kind: 'ConfigMap' },
  reconciler: ({ client }) => ({
    async reconcile(request) {
      const found = await client.tryGet({ apiVersion: 'v1', kind: 'ConfigMap' }, request)
      if (found === undefined || found.data?.late === 'yes') return {}
      if (found.data?.begun === 'yes') await client.update({ ...found, data: { begun: 'yes', late: 'yes' } })
      else await client.update({ ...found, data: { begun: 'yes' } })
      return { requeueAfterMs: 6 * 60 * 1000 }
    },
  }),
})

test.each([
  ['hold while the cache is late for less than five minutes', 0, 'holds'],
  ['expire while the cache is late for longer, and pods are made twice', 1, 'violated'],
] as const)('expectations %s', async (_name, slow, verdict) => {
  const scenario = {
    objects: [web],
    controllers: [builtin.replicaset()],
    actions: [patch(target, { metadata: { annotations: { touched: 'yes' } } })],
    properties: [atMost(1)],
  }
  const found = await explored(
    { ...scenario, objects: [web, object('v1', 'ConfigMap', 'clock')], controllers: [...scenario.controllers, clock] },
    1 + slow,
    { ...only, stale: 1, slow },
  )
  expect(found.verdict).toBe(verdict)
  if (verdict === 'violated') expect(found.findings.join()).toContain('at most 1 pods')
})

test.each([
  ['is adopted by the set that comes next', 0, 'holds'],
  ['is replaced first where the cache does not show yet that it is one', 1, 'violated'],
] as const)('an orphan %s', async (_name, stale, verdict) => {
  const scenario = {
    objects: [web],
    settled: true,
    controllers: [builtin.replicaset()],
    actions: [remove(target, { propagationPolicy: 'Orphan' }), create(web)],
    properties: [atMost(1)],
  }
  const found = await explored(scenario, stale, { ...only, stale })
  expect(found.verdict).toBe(verdict)
  if (verdict === 'violated') expect(found.findings.join()).toContain('at most 1 pods')
})
