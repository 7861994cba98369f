/** Explorations may run side by side in one process, as the tests of a suite do: one must not see the other's clock or calls. */
import { expect, it } from 'vitest'
import { create, defineScenario } from '#cluster/scenario.ts'
import { defineController } from '#controller/define-controller.ts'
import { explore } from '#explore.ts'

const thing = { apiVersion: 'test.kamera.dev/v1', kind: 'Thing' }

function scenario(name: string) {
  const controller = defineController({
    name: `${name}-controller`,
    for: thing,
    reconciler: ({ client }) => ({
      async reconcile({ namespace = '', name: key }) {
        const found = await client.tryGet(thing, { namespace, name: key })
        if (found === undefined) return
        await new Promise((resolve) => setTimeout(resolve, 1000))
        await client.status().patch(found, { status: { by: name, waitedMs: 1000 } }, { patchType: 'merge' })
      },
    }),
  })
  const actions = ['a', 'b', 'c'].map((key) => create({ ...thing, metadata: { namespace: 'default', name: key } }))
  return defineScenario({ name, kinds: [thing], controllers: [controller], actions })
}

it('explorations at the same time say what each says alone', async () => {
  const summary = async (name: string) => {
    const { verdict, statistics } = await explore(scenario(name))
    return { verdict, states: statistics.statesDistinct, executed: statistics.reconcilesExecuted }
  }
  const alone = await summary('alone')
  const together = await Promise.all(['one', 'two', 'three', 'four'].map(summary))
  expect(together).toEqual([alone, alone, alone, alone])
})
