/** Two controllers of one status, which overwrite each other, or do not. */
import { create, patch, type ScenarioDefinition } from '#cluster/scenario.ts'
import type { Client } from '#controller/client.ts'
import { defineController } from '#controller/define-controller.ts'

const app = { apiVersion: 'test.kamera.dev/v1', kind: 'App' }
const key = { namespace: 'default', name: 'a' }

// biome-ignore lint/suspicious/noExplicitAny: fields of the tests' kinds
type Any = any

/** Sets its field of the status, once. */
type Write = (client: Client, self: Any, name: string) => Promise<unknown>

function setting(name: string, write: Write) {
  return defineController({
    name,
    for: app,
    process: name,
    reconciler: ({ client }) => ({
      async reconcile(request) {
        const self: Any = await client.tryGet(app, request)
        if (self === undefined || self.status?.[name] === true) return
        await write(client, self, name)
      },
    }),
  })
}

function twoOf(name: string, write: Write): ScenarioDefinition {
  return {
    name,
    kinds: [{ ...app, statusSubresource: true }],
    controllers: [setting('left', write), setting('right', write)],
    actions: [create({ ...app, metadata: key })],
    oracles: { 'same-outcome': false },
  }
}

const mergePatch = { patchType: 'merge' } as const

/** The whole status, from its own copy. */
export const wholeStatus = twoOf('whole-status', (client, self, name) =>
  client.status().patch(self, { status: { left: false, right: false, ...self.status, [name]: true } }, mergePatch),
)

const conditionsOf = (self: Any, name: string): Any[] => [
  ...(self.status?.conditions ?? []).filter(({ type }: Any) => type !== name),
  { type: name, status: 'True' },
]

/** The list of conditions, which a merge patch replaces. */
export const conditions: ScenarioDefinition = {
  ...twoOf('conditions', (client, self, name) =>
    self.status?.conditions?.some(({ type }: Any) => type === name)
      ? Promise.resolve()
      : client.status().patch(self, { status: { conditions: conditionsOf(self, name) } }, mergePatch),
  ),
}

export const ownField = twoOf('own-field', (client, self, name) =>
  client.status().patch(self, { status: { [name]: true } }, mergePatch),
)

export const withRevision = twoOf('with-revision', (client, self, name) =>
  client.status().update({ ...self, status: { ...self.status, [name]: true } }),
)

/** The user's own change, put back: not another controller's. */
export const putBackToTheUser: ScenarioDefinition = {
  name: 'put-back-to-the-user',
  kinds: [app],
  objects: [{ ...app, metadata: key, spec: { size: 1 } }],
  controllers: [
    defineController({
      name: 'keeper',
      for: app,
      reconciler: ({ client }) => ({
        async reconcile(request) {
          const self: Any = await client.tryGet(app, request)
          if (self !== undefined && self.spec.kept !== true)
            await client.patch(self, { spec: { size: self.spec.size, kept: true } }, mergePatch)
        },
      }),
    }),
  ],
  actions: [patch({ ...app, ...key }, { spec: { size: 2 } })],
}
