/** Controllers that leave something behind, each with a twin that does not. */
import { builtin } from '#builtin-controllers/builtin.ts'
import { defineExternal } from '#cluster/external.ts'
import { create, remove, type ScenarioDefinition, scale } from '#cluster/scenario.ts'
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

function operator(reconcile: Reconcile, definition: object = {}) {
  return defineController({
    name: 'operator',
    for: app,
    reconciler: (tools) => ({ reconcile: (request) => reconcile(tools.client, request, tools) }),
    ...definition,
  })
}

const child = (name: string, fields: object = {}): Any => ({
  ...part,
  metadata: { namespace: 'default', name, labels: { of: 'a' }, ...fields },
})
const instance = { ...app, metadata: key, spec: { replicas: 1 } }
const lifetime: Omit<ScenarioDefinition, 'name' | 'controllers'> = {
  kinds: [app, part].map((type) => ({ ...type, statusSubresource: true })),
  actions: [create(instance), remove({ ...app, ...key })],
}
const wakesApp = { watches: [{ ...part, requests: () => [key] }] }

const setFinalizers = (client: Client, self: Any, finalizers: readonly string[]) =>
  client.update({ ...self, metadata: { ...self.metadata, finalizers } })

/** Never removes its part. */
export const forgotten: ScenarioDefinition = {
  ...lifetime,
  name: 'forgotten',
  controllers: [
    operator(async (client, request) => {
      const self: Any = await client.tryGet(app, request)
      if (self !== undefined && (await client.tryGet(part, key)) === undefined) await client.create(child('a'))
    }),
  ],
}

/** The collector removes it. */
export const owned: ScenarioDefinition = {
  ...lifetime,
  name: 'owned',
  controllers: [
    operator(async (client, request) => {
      const self: Any = await client.tryGet(app, request)
      if (self === undefined || (await client.tryGet(part, key)) !== undefined) return
      const ownerReferences = [{ ...app, name: 'a', uid: self.metadata.uid, controller: true }]
      await client.create(child('a', { ownerReferences })).catch(() => {})
    }),
  ],
}

/** The collector cannot remove it: nobody takes its finalizer away. */
export const ownedAndHeld: ScenarioDefinition = {
  ...lifetime,
  name: 'owned-and-held',
  controllers: [
    operator(async (client, request) => {
      const self: Any = await client.tryGet(app, request)
      if (self === undefined || (await client.tryGet(part, key)) !== undefined) return
      const ownerReferences = [{ ...app, name: 'a', uid: self.metadata.uid, controller: true }]
      await client.create(child('a', { ownerReferences, finalizers: [FINALIZER] })).catch(() => {})
    }),
  ],
}

/** Takes over a part that the user made with a finalizer of their own. */
export const adoptedAndHeld: ScenarioDefinition = {
  ...lifetime,
  name: 'adopted-and-held',
  objects: [child('a', { finalizers: [FINALIZER] })],
  controllers: [
    operator(async (client, request) => {
      const self: Any = await client.tryGet(app, request)
      const found: Any = await client.tryGet(part, key)
      if (self === undefined || found === undefined || found.metadata.ownerReferences !== undefined) return
      const ownerReferences = [{ ...app, name: 'a', uid: self.metadata.uid, controller: true }]
      await client.update({ ...found, metadata: { ...found.metadata, ownerReferences } })
    }),
  ],
}

/** Removes its parts, and its finalizer once a list is empty: of the cache, or of the API server. */
function cleaning(fresh: boolean) {
  return operator(async (client, request, { apiReader }) => {
    const self: Any = await client.tryGet(app, request)
    if (self === undefined) return
    if (self.metadata.deletionTimestamp !== undefined) {
      const parts: Any[] = await (fresh ? apiReader : client).list(part, { namespace: 'default' })
      for (const each of parts) await client.delete(each).catch(() => {})
      if (parts.length === 0) await setFinalizers(client, self, [])
      return
    }
    if (self.metadata.finalizers === undefined) await setFinalizers(client, self, [FINALIZER])
    else if ((await client.tryGet(part, key)) === undefined) await client.create(child('a')).catch(() => {})
  }, wakesApp)
}

export const droppedTooEarly: ScenarioDefinition = {
  ...lifetime,
  name: 'dropped-too-early',
  controllers: [cleaning(false)],
}

export const cleanedUp: ScenarioDefinition = { ...lifetime, name: 'cleaned-up', controllers: [cleaning(true)] }

/** Both Apps make sure of one part, which has no owner; the first is removed. */
export const shared: ScenarioDefinition = {
  ...lifetime,
  name: 'shared',
  controllers: forgotten.controllers,
  objects: [{ ...app, metadata: { namespace: 'default', name: 'b' } }],
}

/** Marks the part of another with a finalizer. */
function marking(takesAway: boolean) {
  return operator(async (client, request) => {
    const self: Any = await client.tryGet(app, request)
    const marked: Any = await client.tryGet(part, { namespace: 'default', name: 'shared' })
    if (self === undefined || marked === undefined) return
    if (self.metadata.deletionTimestamp !== undefined) {
      if (takesAway) await setFinalizers(client, marked, [])
      await setFinalizers(client, self, [])
    } else if (self.metadata.finalizers === undefined) await setFinalizers(client, self, [FINALIZER])
    else if (marked.metadata.finalizers === undefined) await setFinalizers(client, marked, ['test.kamera.dev/in-use'])
  }, wakesApp)
}

export const marked: ScenarioDefinition = {
  ...lifetime,
  name: 'marked',
  objects: [child('shared')],
  controllers: [marking(false)],
}

export const unmarked: ScenarioDefinition = { ...marked, name: 'unmarked', controllers: [marking(true)] }

const cloud = defineExternal<{ readonly machines: Record<string, string> }>({
  name: 'cloud',
  state: { machines: {} },
  methods: {
    create({ machines }, token: string) {
      const known = Object.keys(machines).find((id) => machines[id] === token && token !== '')
      if (known !== undefined) return { result: known }
      const id = this.newId('machine-')
      return { state: { machines: { ...machines, [id]: token } }, result: id }
    },
  },
  resources: ({ machines }) => Object.keys(machines),
})

/** Makes a machine and writes its id, with or without a token that names the machine before it is there. */
function renting(withToken: boolean) {
  return operator(async (client, request, { external }) => {
    const self: Any = await client.tryGet(app, request)
    if (self === undefined || self.status?.machine !== undefined) return
    const machine = await (external('cloud') as Any).create(withToken ? self.metadata.uid : '')
    await client.status().patch(self, { status: { machine } }, { patchType: 'merge' })
  })
}

const rented: Omit<ScenarioDefinition, 'name' | 'controllers'> = {
  kinds: [{ ...app, statusSubresource: true }],
  externals: [cloud],
  actions: [create(instance)],
}

export const rentedTwice: ScenarioDefinition = { ...rented, name: 'rented-twice', controllers: [renting(false)] }
export const rentedOnce: ScenarioDefinition = { ...rented, name: 'rented-once', controllers: [renting(true)] }

/** The claims of a StatefulSet outlive it. */
export const claims: ScenarioDefinition = {
  name: 'claims',
  controllers: [...builtin.workloads()],
  actions: [
    create({
      apiVersion: 'apps/v1',
      kind: 'StatefulSet',
      metadata: { namespace: 'default', name: 'db' },
      spec: {
        replicas: 1,
        serviceName: 'db',
        selector: { matchLabels: { app: 'db' } },
        template: {
          metadata: { labels: { app: 'db' } },
          spec: { containers: [{ name: 'main', image: 'db' }] },
        },
        volumeClaimTemplates: [
          {
            metadata: { name: 'data' },
            spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
          },
        ],
      },
    }),
    scale({ apiVersion: 'apps/v1', kind: 'StatefulSet', namespace: 'default', name: 'db' }, 0, { at: 'rest' }),
    remove({ apiVersion: 'apps/v1', kind: 'StatefulSet', namespace: 'default', name: 'db' }, { at: 'rest' }),
  ],
}

/** Kept on purpose by the user, who asks for orphans. */
export const orphaned: ScenarioDefinition = {
  ...owned,
  name: 'orphaned',
  actions: [create(instance), remove({ ...app, ...key }, { propagationPolicy: 'Orphan', at: 'rest' })],
}
