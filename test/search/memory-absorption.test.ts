import { expect, it } from 'vitest'
import { defineScenario, patch } from '#cluster/scenario.ts'
import { type Controller, defineController } from '#controller/define-controller.ts'
import { explore } from '#explore.ts'

const thing = { apiVersion: 'test.kamera.dev/v1', kind: 'Thing' }
const part = { apiVersion: 'test.kamera.dev/v1', kind: 'Part' }

/** `a` arms the controller once its spec says so; an armed controller makes a part for `b`. */
function arming(): Controller {
  interface Memory {
    armed: boolean
  }
  return defineController({
    name: 'arming',
    for: thing,
    reconciler: ({ client }) => {
      const reconciler = {
        armed: false,
        async reconcile({ namespace = '', name }: { readonly namespace?: string; readonly name: string }) {
          const object = await client.tryGet(thing, { namespace, name })
          if (name === 'a') reconciler.armed ||= object?.spec?.arm === true
          else if (reconciler.armed && (await client.tryGet(part, { namespace, name })) === undefined)
            await client.create({ ...part, metadata: { namespace, name } })
        },
      }
      return reconciler
    },
    memory: {
      snapshot: ({ armed }: Memory) => ({ armed }),
      restore: (reconciler: Memory, memory) => Object.assign(reconciler, memory),
    },
  })
}

it('a request that does nothing with one memory is not absorbed when another memory makes it act', async () => {
  const scenario = defineScenario({
    name: 'memory',
    kinds: [thing, part],
    controllers: [arming()],
    objects: ['a', 'b'].map((name) => ({ ...thing, metadata: { namespace: 'default', name } })),
    actions: [
      patch({ ...thing, name: 'b' }, { spec: { touched: true } }, { at: 'rest' }),
      patch({ ...thing, name: 'a' }, { spec: { arm: true } }),
    ],
    oracles: { 'rest-is-stable': false },
  })
  for (const granularity of ['reconcile', 'write'] as const) {
    const plain = await explore(scenario, { faults: 0, granularity, reduction: 'none' })
    const reduced = await explore(scenario, { faults: 0, granularity, verifyReductions: true })
    expect(plain.outcomes.length).toBe(2)
    expect(reduced.outcomes.map(({ fingerprint }) => fingerprint)).toEqual(
      plain.outcomes.map(({ fingerprint }) => fingerprint),
    )
  }
})
