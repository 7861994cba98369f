/** What is handed out ahead of a call is what the call itself is answered: in every profile, with failing calls. */
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { packBudget } from '#checker/budget.ts'
import { statesDistinct } from '#checker/search.ts'
import { loadScenario } from '#cli/load-scenario.ts'
import { createCluster } from '#cluster/cluster.ts'
import { searchLevel } from '#cluster/level.ts'
import type { Rules } from '#cluster/world.ts'
import type { Host } from '#controller/host.ts'
import { createHost } from '#exploration/scenario-cluster.ts'

const root = join(import.meta.dirname, '../..')
const base: Rules = {
  granularity: 'reconcile',
  profile: 'lagging',
  queue: 'fifo',
  lagMax: 4,
  timeMaxMs: 86_400_000,
  absorbNoOps: false,
}

async function searched(file: string, rules: Rules, wrap: (host: Host) => Host) {
  const scenario = await loadScenario(join(root, file), { set: {} })
  const host = await createHost(scenario)
  try {
    const cluster = createCluster(scenario, {
      host: wrap(host),
      controllers: host.controllers,
      liveProcesses: [],
      currentProcesses: [],
    })
    const { graph } = await searchLevel(cluster, rules, {
      budget: packBudget([1, 1, 0, 1]),
      order: 'breadth-first',
      statesMax: 1500,
    })
    return { states: statesDistinct(graph), transitions: graph.transitions }
  } finally {
    await host.close()
  }
}

it.each([
  ['lagging', 'reconcile'],
  ['lagging', 'write'],
  ['read-your-writes', 'reconcile'],
  ['linearizable', 'reconcile'],
] as const)('reads ahead are answered alike: %s, by %s', { timeout: 120_000 }, async (profile, granularity) => {
  const rules = { ...base, profile, granularity }
  let used = 0
  const watching = (host: Host): Host => ({
    ...host,
    run(request) {
      const ahead = [...(request.readsAhead?.() ?? [])]
      return host.run({
        ...request,
        respond(call, batch) {
          const reply = request.respond(call, batch)
          const guess = ahead.shift()
          if (guess === undefined) return reply
          if (JSON.stringify(guess.call) !== JSON.stringify(call)) ahead.length = 0
          else {
            used++
            expect(reply).toEqual(guess.reply)
          }
          return reply
        },
      })
    },
  })
  const file = 'examples/zookeeper/scenario.ts'
  const plain = await searched(file, rules, (host) => host)
  expect(await searched(file, rules, watching)).toEqual(plain)
  expect(used).toBeGreaterThan(20)
})
