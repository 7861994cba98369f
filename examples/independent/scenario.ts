/**
 * `n` controllers that have nothing to do with each other: c0 watches and writes only the Counter c0, and so on.
 * Each counts its own writes in the status until there are `w`, then has nothing to do. The numbers of states are
 * known exactly, so this is the yardstick of the search (search.md, Exact counts).
 */
import { defineController, defineScenario } from 'kamera'

const counter = { apiVersion: 'example.kamera.dev/v1', kind: 'Counter' }

function countingController(name: string, writesMax: number) {
  return defineController({
    name,
    for: { ...counter, predicate: ({ object }) => object.metadata.name === name },
    reconciler: ({ client }) => ({
      async reconcile(request) {
        const object = await client.tryGet(counter, request)
        const writes: number = object?.status?.writes ?? 0
        if (object === undefined || writes >= writesMax) return
        await client.status().update({ ...object, status: { writes: writes + 1 } })
      },
    }),
  })
}

export default ({ n = 4, w = 1 }: { readonly n?: number; readonly w?: number }) => {
  const names = Array.from({ length: n }, (_, index) => `c${index}`)
  return defineScenario({
    name: 'independent',
    kinds: [counter],
    objects: names.map((name) => ({ ...counter, metadata: { namespace: 'default', name } })),
    controllers: names.map((name) => countingController(name, w)),
  })
}
