/**
 * `npm run bench:go`: what a controller in Go costs, by a reconcile of three reads and one write
 * (test/go/programs/counter): reconciles executed a second in one child, fresh and kept, of which the first rounds warm
 * up, and the search over eight such objects, of whose reconciles the trie answers most. Needs Go.
 */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
if (!existsSync(join(root, 'dist', 'index.js'))) {
  const built = spawnSync('npm', ['run', 'build'], { cwd: root, stdio: 'inherit' })
  if (built.status !== 0) process.exit(built.status ?? 1)
}

const { clusterOf, createHost } = await import('#exploration/scenario-cluster.ts')
const { searchLevel } = await import('#cluster/level.ts')
const { packBudget } = await import('#checker/budget.ts')
const { statesDistinct } = await import('#checker/search.ts')
const { goController } = await import('#controller/program.ts')

const type = { apiVersion: 'v1', kind: 'ConfigMap' }
const namespace = 'default'

function scenarioOf(instances, objects, limit) {
  return {
    name: 'counter',
    objects: [
      { apiVersion: 'v1', kind: 'Secret', metadata: { namespace, name: 'settings' } },
      ...Array.from({ length: objects }, (_, index) => ({ ...type, metadata: { namespace, name: `c${index}` } })),
    ],
    controllers: [
      goController({
        name: `counter-${instances}`,
        command: ['go', 'run', './counter'],
        directory: join(root, 'test/go/programs'),
        environment: { LIMIT: String(limit) },
        instances,
      }),
    ],
    actions: [],
  }
}

/** Explores without reductions; with one object every reconcile but the last is executed. */
async function measure(instances, objects, limit) {
  const scenario = scenarioOf(instances, objects, limit)
  const host = await createHost(scenario)
  try {
    const cluster = clusterOf(scenario, host)
    const rules = {
      granularity: 'reconcile',
      profile: 'linearizable',
      queue: 'fifo',
      lagMax: 0,
      timeMaxMs: 86_400_000,
      absorbNoOps: false,
    }
    globalThis.gc?.()
    const start = performance.now()
    const { graph } = await searchLevel(cluster, rules, { budget: packBudget([0, 0, 0]), order: 'breadth-first' })
    const seconds = (performance.now() - start) / 1000
    const { executed, answered } = cluster.counters
    return { states: statesDistinct(graph), transitions: graph.transitions, executed, answered, seconds }
  } finally {
    await host.close()
  }
}

const count = (value) => Math.round(value).toLocaleString('en')
for (const instances of ['fresh', 'kept']) {
  for (let round = 0; round < 4; round++) {
    const { executed, seconds } = await measure(instances, 1, 5000)
    console.log(
      `${instances}: ${count(executed)} reconciles executed in ${seconds.toFixed(2)} s, ${count(executed / seconds)} /s`,
    )
  }
}
for (const [objects, limit] of [
  [6, 6],
  [7, 5],
]) {
  const { states, transitions, executed, answered, seconds } = await measure('kept', objects, limit)
  const share = (1 - executed / Math.max(1, answered)) * 100
  console.log(
    `search of ${objects} objects: ${count(states)} states, ${count(transitions)} transitions in ${seconds.toFixed(2)} s, ` +
      `${count(transitions / seconds)} /s; ${count(executed)} executed, ${share.toFixed(2)} % answered by the trie`,
  )
}
