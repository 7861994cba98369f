/**
 * `npm run bench:dump`: what it costs to look at a large search. Writes a dump of a graph of 1,000,000 states, opens it
 * in a process of its own, and turns over pages of it at random places.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const [, script, file] = process.argv

if (file === undefined) {
  if (!existsSync(join(root, 'dist', 'index.js'))) spawnSync('npm', ['run', 'build'], { cwd: root, stdio: 'inherit' })
  const folder = mkdtempSync(join(tmpdir(), 'kamera-bench-'))
  try {
    const { writeDumpFile } = await import('#dump/dump-file.ts')
    const dump = join(folder, 'large.dump')
    const begin = performance.now()
    writeDumpFile(dump, 'explore', [emptyReport()], new Map([[0, graphWith(1_000_000)]]))
    const seconds = ((performance.now() - begin) / 1000).toFixed(1)
    console.log(`1,000,000 states written in ${seconds} s, ${(statSync(dump).size / 1e6).toFixed(1)} MB`)
    spawnSync(process.execPath, [script, dump], { stdio: 'inherit' })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
} else {
  const { openDumpFile } = await import('#dump/dump-file.ts')
  const begin = performance.now()
  const dump = await openDumpFile(file)
  const openMs = performance.now() - begin
  const [graph] = dump.graphs
  const pages = []
  for (let page = 0; page < 200; page++) {
    const number = Math.floor(((page * 0.618_033_988_749_9) % 1) * graph.states)
    const start = performance.now()
    await dump.state(graph, number)
    pages.push(performance.now() - start)
  }
  pages.sort((left, right) => left - right)
  await dump.close()
  console.log(
    `opened in ${openMs.toFixed(0)} ms; a page at a random place: median ${pages[100].toFixed(1)} ms, nine of ten within ${pages[180].toFixed(1)} ms, longest ${pages.at(-1).toFixed(1)} ms`,
  )
  console.log(`peak memory ${(process.resourceUsage().maxRSS / 1024).toFixed(0)} MB`)
}

/** Five transitions a state: to the next ones, and back. */
function graphWith(states) {
  const degree = 5
  const targets = new Int32Array(states * degree)
  const takenBy = new Int32Array(states * degree)
  for (let state = 0; state < states; state++) {
    for (let edge = 0; edge < degree; edge++) {
      const place = state * degree + edge
      targets[place] = (state * 2 + edge * 7919 + 1) % states
      takenBy[place] = (state + edge) % 12
    }
  }
  return {
    level: { profile: 'lagging', granularity: 'write', faults: 1 },
    states,
    actions: Array.from({ length: 12 }, (_, action) => `controller-${action} default/object reconciles`),
    depths: Int32Array.from({ length: states }, (_, state) => Math.floor(Math.log2(state + 1))),
    reachedBy: Int32Array.from({ length: states }, (_, state) => (state === 0 ? -1 : state % 12)),
    offsets: Int32Array.from({ length: states + 1 }, (_, state) => state * degree),
    targets,
    takenBy,
    rests: [states - 1],
    paths: {},
  }
}

function emptyReport() {
  const none = { statesDistinct: 1_000_000, transitions: 5_000_000, depthMax: 20, elapsedMs: 0 }
  return {
    formatVersion: 1,
    scenario: 'large',
    verdict: 'holds',
    exhaustive: true,
    bounds: {},
    levels: [],
    statistics: none,
    outcomes: [],
    findings: [],
    lints: [],
  }
}
