/** Controllers that delete, as they are found in the wild, each with a twin that does it right. */
import { patch, remove, type ScenarioDefinition, scale } from '#cluster/scenario.ts'
import type { Client } from '#controller/client.ts'
import type { ReconcileRequest, ReconcilerTools } from '#controller/controller.ts'
import { defineController } from '#controller/define-controller.ts'

const app = { apiVersion: 'test.kamera.dev/v1', kind: 'App' }
const store = { apiVersion: 'test.kamera.dev/v1', kind: 'Store' }
const claim = { apiVersion: 'v1', kind: 'PersistentVolumeClaim' }
const pod = { apiVersion: 'v1', kind: 'Pod' }
const key = { namespace: 'default', name: 'a' }

// biome-ignore lint/suspicious/noExplicitAny: fields of the tests' kinds
type Any = any
type Reconcile = (client: Client, request: ReconcileRequest, tools: ReconcilerTools) => Promise<void>

function operator(reconcile: Reconcile, owns: readonly { apiVersion: string; kind: string }[]) {
  return defineController({
    name: 'operator',
    for: app,
    owns,
    reconciler: (tools) => ({ reconcile: (request) => reconcile(tools.client, request, tools) }),
  })
}

const object = (type: object, name: string, owner: Any, fields: object = {}) =>
  ({
    ...type,
    metadata: {
      namespace: 'default',
      name,
      ownerReferences: [{ ...app, name: owner.metadata.name, uid: owner.metadata.uid, controller: true }],
    },
    ...fields,
  }) as Any

/** On → off → on: deletes the store when the spec says off. */
function switching(mayDelete: (store: Any, self: Any, tools: ReconcilerTools) => Promise<boolean> | boolean) {
  return operator(
    async (client, request, tools) => {
      const self: Any = await client.tryGet(app, request)
      if (self === undefined) return
      const made: Any = await client.tryGet(store, request)
      if (made === undefined && self.spec.on) {
        await client.create(object(store, request.name, self, { spec: { generation: self.metadata.generation } }))
      }
      if (made !== undefined && (await mayDelete(made, self, tools))) await client.delete(made)
    },
    [store],
  )
}

const switched: Omit<ScenarioDefinition, 'name' | 'controllers'> = {
  kinds: [app, store],
  objects: [{ ...app, metadata: key, spec: { on: true } }],
  actions: [patch({ ...app, ...key }, { spec: { on: false } }), patch({ ...app, ...key }, { spec: { on: true } })],
}

export const staleSpec: ScenarioDefinition = {
  ...switched,
  name: 'stale-spec',
  controllers: [switching((_, self) => !self.spec.on)],
}

/** What a late cache makes it delete has lost its owner by then: the collector would do the same. */
export const ownerGone: ScenarioDefinition = {
  ...staleSpec,
  name: 'owner-gone',
  actions: [patch({ ...app, ...key }, { spec: { on: false } }), remove({ ...app, ...key })],
}

/** Only what another generation made is replaced: also a fresh view would see to that. */
export const generationChecked: ScenarioDefinition = {
  ...switched,
  name: 'generation-checked',
  controllers: [switching((made, self) => made.spec.generation < self.metadata.generation)],
}

/** Asks the API server before it deletes. */
export const readLive: ScenarioDefinition = {
  ...switched,
  name: 'read-live',
  controllers: [
    switching(async (_, self, { apiReader }) => {
      if (self.spec.on) return false
      const now: Any = await apiReader.tryGet(app, key)
      return now !== undefined && !now.spec.on
    }),
  ],
}

/** Scales claims with pods: deletes the claim of every pod that is being deleted. */
const claims = operator(
  async (client, request) => {
    const self: Any = await client.tryGet(app, request)
    if (self === undefined) return
    const pods: Any[] = await client.list(pod, { namespace: 'default' })
    for (const each of pods) {
      if (each.metadata.deletionTimestamp === undefined) continue
      const held = await client.tryGet(claim, each.metadata)
      if (held !== undefined) await client.delete(held)
    }
    for (let i = 0; i < self.spec.replicas; i++) {
      const name = `a-${i}`
      if ((await client.tryGet(claim, { namespace: 'default', name })) === undefined)
        await client.create(object(claim, name, self)).catch(() => {})
      if (!pods.some(({ metadata }) => metadata.name === name)) {
        const made = object(pod, name, self, { spec: { containers: [{ name: 'main', image: 'main' }] } })
        made.metadata.finalizers = ['test.kamera.dev/drain']
        await client.create(made).catch(() => {})
      }
    }
    for (const each of pods) {
      const { name, deletionTimestamp } = each.metadata
      if (Number(name.slice(2)) >= self.spec.replicas && deletionTimestamp === undefined) await client.delete(each)
    }
  },
  [pod, claim],
)

/** Drains pods: takes the finalizer away. */
const drainer = defineController({
  name: 'drainer',
  for: pod,
  process: 'drainer',
  reconciler: ({ client }) => ({
    async reconcile(request) {
      const drained: Any = await client.tryGet(pod, request)
      if (drained?.metadata.deletionTimestamp === undefined) return
      await client.patch(drained, { metadata: { finalizers: null } }, { patchType: 'merge' })
    },
  }),
})

export const staleChild: ScenarioDefinition = {
  name: 'stale-child',
  kinds: [app],
  objects: [{ ...app, metadata: key, spec: { replicas: 1 } }],
  controllers: [claims, drainer],
  actions: [scale({ ...app, ...key }, 0), scale({ ...app, ...key }, 1)],
}

/** Makes the pod of each App. */
const maker = defineController({
  name: 'maker',
  for: app,
  owns: [pod],
  process: 'maker',
  reconciler: ({ client }) => ({
    async reconcile(request) {
      const self: Any = await client.tryGet(app, request)
      if (self === undefined || (await client.tryGet(pod, request)) !== undefined) return
      const spec = { containers: [{ name: 'main', image: 'main' }] }
      await client.create(object(pod, request.name, self, { spec })).catch(() => {})
    },
  }),
})

/** Deletes a pod that it saw fail, by its name alone or with its uid. */
function restarting(withUid: boolean) {
  const operator = defineController({
    name: 'operator',
    for: pod,
    reconciler: ({ client }) => ({
      async reconcile(request) {
        const seen: Any = await client.tryGet(pod, request)
        if (seen?.status.phase !== 'Failed') return
        const preconditions = withUid ? { preconditions: { uid: seen.metadata.uid } } : {}
        await client.delete(seen, preconditions).catch(() => {})
      },
    }),
  })
  return [operator, maker]
}

const failing: Omit<ScenarioDefinition, 'name' | 'controllers'> = {
  kinds: [app],
  objects: [{ ...app, metadata: key }],
  actions: [patch({ ...pod, ...key }, { status: { phase: 'Failed' } }, { subresource: 'status' })],
}

export const earlierIncarnation: ScenarioDefinition = {
  ...failing,
  name: 'earlier-incarnation',
  controllers: restarting(false),
}

export const preconditioned: ScenarioDefinition = {
  ...failing,
  name: 'preconditioned',
  controllers: restarting(true),
}

/** Disposable children: a stale spec scales down too far, and what is deleted holds nothing. */
export const disposable: ScenarioDefinition = {
  name: 'disposable',
  kinds: [app],
  objects: [{ ...app, metadata: key, spec: { on: true } }],
  controllers: [
    operator(
      async (client, request) => {
        const self: Any = await client.tryGet(app, request)
        if (self === undefined) return
        const seen: Any = await client.tryGet(pod, request)
        if (self.spec.on && seen === undefined) {
          await client
            .create(object(pod, request.name, self, { spec: { containers: [{ name: 'main', image: 'main' }] } }))
            .catch(() => {})
        }
        if (!self.spec.on && seen !== undefined) await client.delete(seen).catch(() => {})
      },
      [pod],
    ),
  ],
  actions: switched.actions ?? [],
}

/** Corrects the store by a late App, and asks the API server before it deletes: that is later than where it began. */
export const readLiveAfterWrite: ScenarioDefinition = {
  name: 'read-live-after-write',
  kinds: [app, store],
  objects: [
    { ...app, metadata: key, spec: { size: 1 } },
    { ...store, metadata: key, spec: { size: 1 } },
  ],
  controllers: [
    defineController({
      name: 'operator',
      for: app,
      watches: [{ ...store, requests: () => [key] }],
      reconciler: ({ client, apiReader }) => ({
        async reconcile(request) {
          const self: Any = await client.tryGet(app, request)
          const made: Any = await client.tryGet(store, request)
          if (self === undefined || made === undefined) return
          if (made.spec.size !== self.spec.size)
            await client.patch(made, { spec: { size: self.spec.size } }, { patchType: 'merge' })
          const now: Any = await apiReader.tryGet(app, request)
          if (now?.spec.over === true) await client.delete(made).catch(() => {})
        },
      }),
    }),
  ],
  garbageCollection: false,
  actions: [
    patch({ ...app, ...key }, { spec: { size: 2 } }),
    patch({ ...store, ...key }, { spec: { size: 2 } }),
    patch({ ...app, ...key }, { spec: { over: true } }),
  ],
}
