/** Controllers that create when there is nobody left to create for, each with a twin that does not. */
import { create, remove, type ScenarioDefinition } from '#cluster/scenario.ts'
import type { Client } from '#controller/client.ts'
import type { ReconcileRequest, ReconcilerTools } from '#controller/controller.ts'
import { defineController } from '#controller/define-controller.ts'

const app = { apiVersion: 'test.kamera.dev/v1', kind: 'App' }
const part = { apiVersion: 'test.kamera.dev/v1', kind: 'Part' }
const key = { namespace: 'default', name: 'a' }
const FINALIZER = 'test.kamera.dev/cleanup'

// biome-ignore lint/suspicious/noExplicitAny: fields of the tests' kinds
type Any = any
type Reconcile = (client: Client, request: ReconcileRequest, tools: ReconcilerTools) => Promise<void>

const operator = (reconcile: Reconcile) =>
  defineController({
    name: 'operator',
    for: app,
    reconciler: (tools) => ({ reconcile: (request) => reconcile(tools.client, request, tools) }),
  })

const lifetime: Omit<ScenarioDefinition, 'name' | 'controllers'> = {
  kinds: [app, part],
  actions: [create({ ...app, metadata: key }), remove({ ...app, ...key })],
}

const setFinalizers = (client: Client, self: Any, finalizers: readonly string[]) =>
  client.update({ ...self, metadata: { ...self.metadata, finalizers } })

const partOf = (self: Any, isOwned: boolean): Any => ({
  ...part,
  metadata: {
    ...key,
    ...(isOwned ? { ownerReferences: [{ ...app, name: 'a', uid: self.metadata.uid, controller: true }] } : {}),
  },
})

/** Removes the part and its finalizer, and goes on, or returns. */
function goingOn({ returns, isOwned }: { readonly returns: boolean; readonly isOwned: boolean }) {
  return operator(async (client, request) => {
    const self: Any = await client.tryGet(app, request)
    if (self === undefined) return
    if (self.metadata.deletionTimestamp !== undefined) {
      const made = await client.tryGet(part, key)
      if (made !== undefined) await client.delete(made).catch(() => {})
      await setFinalizers(client, self, [])
      if (returns) return
    } else if (self.metadata.finalizers === undefined) {
      await setFinalizers(client, self, [FINALIZER])
      return
    }
    await client.create(partOf(self, isOwned)).catch(() => {})
  })
}

export const goesOn: ScenarioDefinition = {
  ...lifetime,
  name: 'goes-on',
  controllers: [goingOn({ returns: false, isOwned: true })],
}

export const goesOnWithoutReference: ScenarioDefinition = {
  ...lifetime,
  name: 'goes-on-without-reference',
  controllers: [goingOn({ returns: false, isOwned: false })],
}

export const stops: ScenarioDefinition = {
  ...lifetime,
  name: 'stops',
  controllers: [goingOn({ returns: true, isOwned: true })],
}

/** Takes NotFound for a new object. */
export const ignoresNotFound: ScenarioDefinition = {
  ...lifetime,
  name: 'ignores-not-found',
  controllers: [
    operator(async (client, request) => {
      const self: Any = await client.tryGet(app, request)
      if (self !== undefined) return
      await client.create(partOf(undefined, false)).catch(() => {})
    }),
  ],
}

/** Creates by a cache that still shows the owner: nothing that it read says otherwise, but the part stays. */
export const createsLate: ScenarioDefinition = {
  ...lifetime,
  name: 'creates-late',
  controllers: [
    operator(async (client, request) => {
      const self: Any = await client.tryGet(app, request)
      if (self !== undefined) await client.create(partOf(self, false)).catch(() => {})
    }),
  ],
}

/** As above, with an owner reference: the collector removes it. */
export const createsLateOwned: ScenarioDefinition = {
  ...lifetime,
  name: 'creates-late-owned',
  controllers: [
    operator(async (client, request) => {
      const self: Any = await client.tryGet(app, request)
      if (self !== undefined) await client.create(partOf(self, true)).catch(() => {})
    }),
  ],
}

/** Sees the owner go in its cache, and asks the API server, where it is there again. */
export const looksAgain: ScenarioDefinition = {
  kinds: [app, part],
  name: 'looks-again',
  actions: [create({ ...app, metadata: key }), remove({ ...app, ...key }), create({ ...app, metadata: key })],
  controllers: [
    operator(async (client, request, { apiReader }) => {
      const seen: Any = await client.tryGet(app, request)
      const self: Any = seen ?? (await apiReader.tryGet(app, request))
      if (self !== undefined) await client.create(partOf(self, true)).catch(() => {})
    }),
  ],
}
