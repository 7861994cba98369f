/** Controllers whose results depend on what was wanted before, each beside one whose results do not. */
import { apply, create, patch, remove, type ScenarioDefinition, scale } from '#cluster/scenario.ts'
import type { Client } from '#controller/client.ts'
import { defineController } from '#controller/define-controller.ts'

const app = { apiVersion: 'test.kamera.dev/v1', kind: 'App' }
const part = { apiVersion: 'test.kamera.dev/v1', kind: 'Part' }
const key = { namespace: 'default', name: 'a' }
const oracles = { 'history-independent': true }

// biome-ignore lint/suspicious/noExplicitAny: fields of the tests' kinds
type Any = any

function operator(reconcile: (client: Client, self: Any) => Promise<void>) {
  return defineController({
    name: 'operator',
    for: app,
    owns: [part],
    reconciler: ({ client, apiReader }) => ({
      async reconcile(request) {
        const self: Any = await apiReader.tryGet(app, request)
        if (self !== undefined && self.metadata.deletionTimestamp === undefined) await reconcile(client, self)
      },
    }),
  })
}

const instance = (spec: object) => ({ ...app, metadata: key, spec })
const partOf = ({ metadata: { uid, namespace, name } }: Any, index: number): Any => ({
  ...part,
  metadata: {
    namespace,
    name: `${name}-${index}`,
    ownerReferences: [{ ...app, name, uid, controller: true }],
  },
})

const unless = (name: 'isAlreadyExists' | 'isNotFound') => (error: Any) => {
  if (!error[name]) throw error
}

/** Parts with fixed names, as many as wanted, those beyond removed. */
const scales = operator(async (client, self) => {
  const parts: Any[] = await client.list(part, { namespace: 'default' })
  for (let index = 0; index < self.spec.replicas; index++) {
    const wanted = partOf(self, index)
    if (!parts.some(({ metadata }) => metadata.name === wanted.metadata.name)) await client.create(wanted)
  }
  for (const { metadata } of parts) {
    if (Number(metadata.name.split('-')[1]) >= self.spec.replicas)
      await client
        .delete({ type: part, key: metadata }, { preconditions: { uid: metadata.uid } })
        .catch(unless('isNotFound'))
  }
})

/** The same, but never removes one. */
const grows = operator(async (client, self) => {
  for (let index = 0; index < self.spec.replicas; index++)
    await client.create(partOf(self, index)).catch(unless('isAlreadyExists'))
})

/** Writes down the largest number that it has seen, in the status. */
const remembers = operator(async (client, self) => {
  const most = Math.max(self.spec.replicas, self.status?.most ?? 0)
  if (most !== self.status?.most) await client.status().update({ ...self, status: { most } })
})

const kinds = [app, part].map((type) => ({ ...type, statusSubresource: true }))
const downAndUp = [scale({ ...app, ...key }, 0), scale({ ...app, ...key }, 1)]

const scaled = (controller: typeof scales, name: string): ScenarioDefinition => ({
  name,
  kinds,
  objects: [instance({ replicas: 2 })],
  settled: true,
  controllers: [controller],
  actions: downAndUp,
  oracles,
})

export const scaler = scaled(scales, 'scaler')
export const grower = scaled(grows, 'grower')
export const rememberer: ScenarioDefinition = {
  ...scaled(remembers, 'rememberer'),
  actions: [scale({ ...app, ...key }, 3), scale({ ...app, ...key }, 1)],
  objects: [instance({ replicas: 1 })],
}

export const removedAndApplied: ScenarioDefinition = {
  name: 'removed-and-applied',
  kinds,
  objects: [{ ...instance({ replicas: 1 }), metadata: { ...key, finalizers: ['test.kamera.dev/nobody'] } }],
  controllers: [
    scales,
    defineController({
      name: 'finalizer',
      for: app,
      reconciler: ({ client }) => ({
        async reconcile(request) {
          const self: Any = await client.tryGet(app, request)
          if (self?.metadata.deletionTimestamp === undefined) return
          await client.update({ ...self, metadata: { ...self.metadata, finalizers: [] } })
        },
      }),
    }),
  ],
  actions: [remove({ ...app, ...key }), create(instance({ replicas: 1 }))],
  oracles,
}

/** Forgets a field that the manifest has no more: kubectl takes it away. */
export const appliedTwice: ScenarioDefinition = {
  name: 'applied-twice',
  kinds,
  controllers: [scales],
  actions: [apply(instance({ replicas: 1, extra: 'x' })), apply(instance({ replicas: 1 }))],
  oracles,
}

/** The user patches what the operator makes; nobody puts it back, and it is no part of what the user wants made. */
export const patchedPart: ScenarioDefinition = {
  name: 'patched-part',
  kinds,
  objects: [instance({ replicas: 1 })],
  settled: true,
  controllers: [scales],
  actions: [patch({ ...part, namespace: 'default', name: 'a-0' }, { spec: { colour: 'red' } })],
  oracles,
}
