/**
 * `npm run bench`: what the search costs, on a fixed family. Each figure is the median of the runs, and is printed
 * beside a baseline of the same run (a plain loop of hash-table inserts), because machines differ and are noisy.
 *
 *   npm run bench                 a table
 *   npm run bench -- --json       one JSON object
 *   npm run bench -- --runs 7     more runs (default 3)
 *   npm run bench -- --only text  the entries whose names have the text
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
const { loadScenario } = await import('#cli/load-scenario.ts')

const args = process.argv.slice(2)
const runs = args.includes('--runs') ? Number(args[args.indexOf('--runs') + 1]) : 3
const quiet = args.includes('--json')
const only = args.includes('--only') ? args[args.indexOf('--only') + 1] : ''

const ABSORB = 'no-op-absorption'
const PRIVATE = 'private-writes'
const NONE = []
const ALL = [ABSORB, PRIVATE]
const rollout = { file: 'examples/rollout/scenario.ts', faults: 0 }
const one = { names: ['web'] }

/** Whole reconciles, unless `granularity` says otherwise; `private-writes` is of single writes alone. */
const family = [
  {
    name: 'independent n=10, plain',
    file: 'examples/independent/scenario.ts',
    set: { n: 10, w: 1 },
    reductions: NONE,
    faults: 0,
  },
  {
    name: 'independent n=10, reductions',
    file: 'examples/independent/scenario.ts',
    set: { n: 10, w: 1 },
    reductions: ALL,
    faults: 0,
  },
  {
    name: 'all executed (1 object, 20,000 writes)',
    file: 'examples/independent/scenario.ts',
    set: { n: 1, w: 20000 },
    reductions: NONE,
    faults: 0,
  },
  { name: 'pipeline, plain', file: 'bench/pipeline.mjs', set: {}, reductions: NONE, faults: 0 },
  { name: 'pipeline, reductions', file: 'bench/pipeline.mjs', set: {}, reductions: ALL, faults: 0 },
  { name: 'pipeline, reductions, 1 fault', file: 'bench/pipeline.mjs', set: {}, reductions: ALL, faults: 1 },
  { ...rollout, name: 'rollout of one, all controllers, plain', set: one, reductions: NONE },
  { ...rollout, name: 'rollout of one, all controllers, reductions', set: one, reductions: ALL },
  { ...rollout, name: 'rollout of two, all controllers, reductions', set: {}, reductions: ALL },
  { ...rollout, name: 'rollout of two, workloads, reductions', set: { controllers: 'workloads' }, reductions: ALL },
  // 700,000 states: one run, without a warm one. With all controllers it has more than two million.
  {
    name: 'rollout of two, workloads, plain',
    file: 'examples/rollout/scenario.ts',
    set: { controllers: 'workloads' },
    reductions: NONE,
    faults: 0,
    once: true,
  },
  ...[
    { name: 'rollout of one by writes, plain', reductions: NONE },
    { name: 'rollout of one by writes, absorption', reductions: [ABSORB] },
    { name: 'rollout of one by writes, private', reductions: [PRIVATE] },
    { name: 'rollout of one by writes, reductions', reductions: ALL },
  ].map((row) => ({ ...rollout, ...row, set: one, granularity: 'write' })),
  // 560,000 and 270,000 states.
  {
    ...rollout,
    name: 'rollout of two by writes, absorption',
    set: {},
    granularity: 'write',
    reductions: [ABSORB],
    once: true,
  },
  {
    ...rollout,
    name: 'rollout of two by writes, reductions',
    set: {},
    granularity: 'write',
    reductions: ALL,
    once: true,
  },
  {
    name: 'zookeeper, reductions, 1 fault',
    file: 'examples/zookeeper/scenario.ts',
    set: {},
    reductions: ALL,
    faults: 1,
  },
  {
    name: 'zookeeper fixed, reductions, 2 faults',
    file: 'examples/zookeeper/fixed/scenario.ts',
    set: {},
    reductions: ALL,
    faults: 2,
  },
]

async function measure({ file, set, reductions, faults, granularity = 'reconcile' }) {
  const scenario = await loadScenario(join(root, file), { set })
  const host = await createHost(scenario)
  try {
    const cluster = clusterOf(scenario, host)
    const rules = {
      granularity,
      profile: 'lagging',
      queue: 'fifo',
      lagMax: 8,
      timeMaxMs: 86_400_000,
      absorbNoOps: reductions.includes(ABSORB),
      privateWrites: reductions.includes(PRIVATE),
    }
    globalThis.gc?.()
    const start = performance.now()
    const { graph } = await searchLevel(cluster, rules, {
      budget: packBudget([faults, faults, faults]),
      order: 'breadth-first',
    })
    const seconds = (performance.now() - start) / 1000
    const states = statesDistinct(graph)
    return {
      states,
      transitions: graph.transitions,
      executed: cluster.counters.executed,
      answered: cluster.counters.answered,
      seconds,
      bytesAState: bytesOf(graph) / states,
    }
  } finally {
    await host.close()
  }
}

/** What the graph keeps for ever: visited set, entries, edges; interned bodies and the frontier apart. */
function bytesOf(graph) {
  let bytes = graph.visited.number.length * 12
  for (const value of Object.values(graph)) if (value?.values instanceof Int32Array) bytes += value.length * 4
  return bytes
}

/** Inserts per second into a Map of numbers: how fast this machine is just now. */
function baseline() {
  const start = performance.now()
  const map = new Map()
  for (let i = 0; i < 1_000_000; i++) map.set((i * 2654435761) % 4294967296, i)
  return map.size / ((performance.now() - start) / 1000)
}

const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]

const rows = []
for (const entry of family.filter(({ name }) => name.includes(only))) {
  const results = []
  const baselines = []
  for (let run = entry.once ? runs : 0; run <= runs; run++) {
    const result = await measure(entry)
    // The first run warms up.
    if (run === 0) continue
    results.push(result)
    baselines.push(baseline())
  }
  const seconds = median(results.map((result) => result.seconds))
  const [first] = results
  rows.push({
    name: entry.name,
    states: first.states,
    transitions: first.transitions,
    executed: first.executed,
    seconds: Number(seconds.toFixed(3)),
    statesPerSecond: Math.round(first.states / seconds),
    transitionsPerSecond: Math.round(first.transitions / seconds),
    executedPerSecond: Math.round(first.executed / seconds),
    share: Number((1 - first.executed / Math.max(1, first.answered)).toFixed(4)),
    bytesAState: Math.round(first.bytesAState),
    baselineInsertsPerSecond: Math.round(median(baselines)),
  })
  if (!quiet) {
    const row = rows.at(-1)
    process.stdout.write(
      `${row.name.padEnd(40)} ${String(row.states).padStart(8)} states ${String(row.transitions).padStart(9)} transitions ${row.seconds.toFixed(2).padStart(7)} s  ` +
        `${String(row.statesPerSecond).padStart(8)} states/s ${String(row.transitionsPerSecond).padStart(9)} transitions/s ${String(row.executedPerSecond).padStart(7)} executed/s ` +
        `${(row.share * 100).toFixed(1)} % answered, ${row.bytesAState} bytes/state\n`,
    )
  }
}
if (quiet) process.stdout.write(`${JSON.stringify({ node: process.version, runs, rows })}\n`)
