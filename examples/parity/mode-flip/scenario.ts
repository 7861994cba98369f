/**
 * FooController walks status.state through the states of spec.mode; BarController, when it is in time to
 * or B-1, turns the mode over, once. Whether it is in time decides: two outcomes, A-Final without and B-Final with
 * the annotation. (Parity with the Go Kamera's TestConvergedStateIdentification.)
 */
import { defineController, defineScenario } from 'kamera'

const foo = { apiVersion: 'webapp.discrete.events/v1', kind: 'Foo' }
const flipped = 'mode-flip-done'

const nextState: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  A: { '': 'A-1', 'B-1': 'A-1', 'A-1': 'A-2', 'A-2': 'A-Final' },
  B: { '': 'B-1', 'A-1': 'B-1', 'B-1': 'B-2', 'B-2': 'B-Final' },
}

const fooController = defineController({
  name: 'FooController',
  for: foo,
  reconciler: ({ client }) => ({
    async reconcile(request) {
      const object = await client.tryGet(foo, request)
      if (object === undefined) return
      const next = nextState[object.spec.mode]?.[object.status?.state ?? '']
      if (next !== undefined) await client.status().update({ ...object, status: { state: next } })
    },
  }),
})

const barController = defineController({
  name: 'BarController',
  for: foo,
  reconciler: ({ client }) => ({
    async reconcile(request) {
      const object = await client.tryGet(foo, request)
      if (object === undefined) return
      const { metadata, spec } = object
      const state: string = object.status?.state ?? ''

      const otherMode = ({ 'A-1': 'B', 'B-1': 'A' } as const)[state]
      if (metadata.annotations?.[flipped] === undefined && otherMode !== undefined) {
        const annotations = { ...metadata.annotations, [flipped]: 'true' }
        await client.update({ ...object, metadata: { ...metadata, annotations }, spec: { ...spec, mode: otherMode } })
        return
      }
      if (state === 'A-2') await client.status().update({ ...object, status: { state: 'A-Final' } })
      else if (spec.mode === 'B' && state === 'B-2')
        await client.status().update({ ...object, status: { state: 'B-Final' } })
    },
  }),
})

export default defineScenario({
  name: 'mode-flip',
  kinds: [foo],
  objects: [{ ...foo, metadata: { namespace: 'default', name: 'foo' }, spec: { mode: 'A' } }],
  controllers: [fooController, barController],
})
