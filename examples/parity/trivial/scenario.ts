/**
 * Two controllers run the same code on one Foo: status.state goes "" → A-1 → A-Final, whoever is first.
 * One outcome. (Parity with the Go Kamera's TestExhaustiveInterleavings.)
 */
import { defineController, defineScenario } from 'kamera'

const foo = { apiVersion: 'webapp.discrete.events/v1', kind: 'Foo' }

const nextState: Readonly<Record<string, string>> = { '': 'A-1', 'A-1': 'A-Final' }

function stepper(name: string) {
  return defineController({
    name,
    for: foo,
    reconciler: ({ client }) => ({
      async reconcile(request) {
        const object = await client.tryGet(foo, request)
        if (object === undefined) return
        const next = nextState[object.status?.state ?? '']
        if (next !== undefined) await client.status().update({ ...object, status: { state: next } })
      },
    }),
  })
}

export default defineScenario({
  name: 'trivial',
  kinds: [foo],
  objects: [{ ...foo, metadata: { namespace: 'default', name: 'foo' }, spec: { mode: 'A' } }],
  controllers: [stepper('FooController'), stepper('BarController')],
})
