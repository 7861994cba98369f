/** Controllers that scale by count: blind to their own writes, or not. */
import { create, type ScenarioDefinition, scale } from '#cluster/scenario.ts'
import type { Client } from '#controller/client.ts'
import type { ReconcileRequest, ReconcileResult, ReconcilerTools } from '#controller/controller.ts'
import { defineController } from '#controller/define-controller.ts'

const app = { apiVersion: 'test.kamera.dev/v1', kind: 'App' }
const part = { apiVersion: 'test.kamera.dev/v1', kind: 'Part' }
const key = { namespace: 'default', name: 'a' }

// biome-ignore lint/suspicious/noExplicitAny: fields of the tests' kinds
type Any = any
type Reconcile = (
  client: Client,
  request: ReconcileRequest,
  tools: ReconcilerTools,
) => Promise<ReconcileResult | undefined | void>

const operator = (reconcile: Reconcile) =>
  defineController({
    name: 'operator',
    for: app,
    owns: [part],
    reconciler: (tools) => ({ reconcile: (request) => reconcile(tools.client, request, tools) }),
  })

const partOf = (self: Any, name: object): Any => ({
  ...part,
  metadata: {
    namespace: 'default',
    ...name,
    ownerReferences: [{ ...app, name: self.metadata.name, uid: self.metadata.uid, controller: true }],
  },
})

const created: Omit<ScenarioDefinition, 'name' | 'controllers'> = {
  kinds: [{ ...app, statusSubresource: true }, part],
  actions: [create({ ...app, metadata: key, spec: { replicas: 1 } })],
  oracles: { 'same-outcome': false },
}

/** Counts its parts, in the cache or at the API server; makes what is missing and deletes what is too much. */
const counting = (fresh: boolean) =>
  operator(async (client, request, { apiReader }) => {
    const self: Any = await client.tryGet(app, request)
    if (self === undefined) return
    const parts: Any[] = await (fresh ? apiReader : client).list(part, { namespace: 'default' })
    for (let count = parts.length; count < self.spec.replicas; count++)
      await client.create(partOf(self, { generateName: 'a-' }))
    for (const surplus of parts.slice(self.spec.replicas)) await client.delete(surplus).catch(() => {})
    await client.status().update({ ...self, status: { replicas: parts.length } })
  })

export const blindToItself: ScenarioDefinition = { ...created, name: 'blind-to-itself', controllers: [counting(false)] }
export const countsLive: ScenarioDefinition = { ...created, name: 'counts-live', controllers: [counting(true)] }

/** Deterministic names: nothing is made twice. */
const named = operator(async (client, request) => {
  const self: Any = await client.tryGet(app, request)
  if (self === undefined) return
  const parts: Any[] = await client.list(part, { namespace: 'default' })
  for (let i = 0; i < self.spec.replicas; i++)
    if (!parts.some(({ metadata }) => metadata.name === `a-${i}`))
      await client.create(partOf(self, { name: `a-${i}` })).catch(() => {})
  for (const each of parts)
    if (Number(each.metadata.name.slice(2)) >= self.spec.replicas) await client.delete(each).catch(() => {})
})

/** Up, down and up again, by a cache that lags behind the user. */
export const scaled: ScenarioDefinition = {
  ...created,
  name: 'scaled',
  controllers: [named],
  objects: [{ ...app, metadata: key, spec: { replicas: 1 } }],
  actions: [scale({ ...app, ...key }, 2), scale({ ...app, ...key }, 1)],
}

/** Makes something for a phase and removes it in the next: its own status is the reason. */
export const inPhases: ScenarioDefinition = {
  ...created,
  name: 'in-phases',
  controllers: [
    operator(async (client, request) => {
      const self: Any = await client.tryGet(app, request)
      if (self === undefined) return
      const { phase } = self.status ?? {}
      if (phase === undefined) {
        await client.create(partOf(self, { name: 'a-work' })).catch(() => {})
        await client.status().update({ ...self, status: { phase: 'Working' } })
      } else if (phase === 'Working') {
        await client.delete({ type: part, key: { namespace: 'default', name: 'a-work' } }).catch(() => {})
        await client.status().update({ ...self, status: { phase: 'Done' } })
      }
    }),
  ],
}

/** Removes what it made after some time. */
export const timeToLive: ScenarioDefinition = {
  ...created,
  name: 'time-to-live',
  controllers: [
    operator(async (client, request, { clock }) => {
      const self: Any = await client.tryGet(app, request)
      if (self === undefined || self.status?.done === true) return
      const [made]: Any[] = await client.list(part, { namespace: 'default' })
      if (made === undefined) {
        await client.create(partOf(self, { generateName: 'a-' }))
        return { requeueAfterMs: 60_000 }
      }
      if (clock.now().getTime() - Date.parse(made.metadata.creationTimestamp) < 60_000)
        return { requeueAfterMs: 60_000 }
      await client.delete(made).catch(() => {})
      await client.status().update({ ...self, status: { done: true } })
    }),
  ],
}
