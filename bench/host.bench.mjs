// Runs a second of trivial reconciles (one cached get, one update) and prints runs per second.
// Usage: node bench/host.bench.mjs   (after npm run build)
import { createInProcessHost } from '../dist/hosts/in-process.js'

const object = Object.freeze({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: Object.freeze({ name: 'a', namespace: 'default', resourceVersion: '1' }),
  data: Object.freeze({ n: '1' }),
})
const reply = Object.freeze({ object })
const type = { apiVersion: 'v1', kind: 'ConfigMap' }
const controller = {
  type: 'controller',
  name: 'bench',
  reconciler: ({ client }) => ({
    async reconcile(request) {
      const found = await client.get(type, request)
      await client.update({ ...found, data: { n: '2' } })
    },
  }),
}

const host = createInProcessHost([controller])
const request = { controller: 'bench', request: { namespace: 'default', name: 'a' }, respond: () => reply }

async function measure(runs) {
  const start = process.hrtime.bigint()
  for (let index = 0; index < runs; index++) await host.run(request)
  return (runs * 1e9) / Number(process.hrtime.bigint() - start)
}

await measure(50_000)
for (let round = 0; round < 3; round++) console.log(`${Math.round(await measure(200_000)).toLocaleString('en')} runs/s`)
await host.close()
