import { create, defineController, defineScenario, type KubernetesObject } from 'kamera'

const app = { apiVersion: 'example.com/v1', kind: 'App' }

/** Writes its colour where no other has written one yet: who comes first stays. */
function painter(colour: string) {
  return defineController({
    name: colour,
    for: app,
    reconciler: ({ client }) => ({
      async reconcile(request) {
        const found = await client.tryGet<KubernetesObject>(app, request)
        if (found === undefined || found.spec?.colour !== undefined) return
        await client.update({ ...found, spec: { colour } })
      },
    }),
  })
}

/** With `fixed` there is one painter only, and the race is gone. */
export default ({ fixed = false }) =>
  defineScenario({
    name: 'race',
    kinds: [app],
    controllers: fixed ? [painter('red')] : [painter('red'), painter('blue')],
    actions: [create({ ...app, metadata: { name: 'web', namespace: 'default' }, spec: {} })],
  })
