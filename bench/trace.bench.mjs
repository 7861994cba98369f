/**
 * How fast a long trace is summarised: writes one of so many events (default 1,000,000) and runs `kamera analyze
 * summary` on it. Use: node bench/trace.bench.mjs [EVENTS] [FILE]. Prints seconds and peak memory.
 */
import { spawnSync } from 'node:child_process'
import { closeSync, openSync, statSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const events = Number(process.argv[2] ?? 1_000_000)
const file = process.argv[3] ?? join(tmpdir(), 'kamera-bench-trace.jsonl')
const objects = 50_000
const type = { apiVersion: 'apps/v1', kind: 'Deployment' }

/** A reconcile of five events: begin, a read, a write that takes the place of a replica, its delivery, end. */
function reconcileOf(step) {
  const name = `web-${step % objects}`
  const reconcile = `scaler default/${name} #${step}`
  const object = (version) => ({
    ...type,
    metadata: { namespace: 'default', name, resourceVersion: String(version), labels: { app: name } },
    spec: { replicas: step % 7, template: { spec: { containers: [{ name: 'web', image: `web:${step % 3}` }] } } },
  })
  const at = { step, timeMs: 1_700_000_000_000 + step }
  const call = { type: 'call', by: reconcile, object: type, namespace: 'default', name }
  const cause = { type: 'event', object: `Deployment default/${name}`, event: 'MODIFIED', step: step - objects }
  const version = 1_000_000 + step
  return [
    {
      ...at,
      type: 'reconcile-begin',
      reconcile,
      process: 'p',
      controller: 'scaler',
      request: { namespace: 'default', name },
      causes: [cause],
    },
    { ...at, ...call, verb: 'get', cached: true, request: {}, response: { object: object(version - objects) } },
    {
      ...at,
      ...call,
      verb: 'update',
      subresource: 'status',
      cached: false,
      request: {},
      response: { object: object(version) },
      committed: [{ object: `Deployment default/${name}`, resourceVersion: String(version), removed: false }],
    },
    {
      ...at,
      type: 'delivery',
      process: 'p',
      event: 'MODIFIED',
      object: `Deployment default/${name}`,
      resourceVersion: String(version),
      late: false,
    },
    { ...at, type: 'reconcile-end', reconcile, result: { type: 'done' } },
  ]
}

const descriptor = openSync(file, 'w')
const header = {
  type: 'trace',
  formatVersion: 1,
  source: 'simulator',
  scenario: 'bench',
  profile: 'lagging',
  granularity: 'write',
  strategy: 'random',
  seed: 1,
}
let lines = [JSON.stringify(header)]
for (let step = 0; step * 5 < events; step++) {
  for (const event of reconcileOf(step)) lines.push(JSON.stringify(event))
  if (lines.length < 50_000) continue
  writeSync(descriptor, `${lines.join('\n')}\n`)
  lines = []
}
writeSync(
  descriptor,
  `${[...lines, JSON.stringify({ step: Math.ceil(events / 5), type: 'end', steps: Math.ceil(events / 5) })].join('\n')}\n`,
)
closeSync(descriptor)

const measured = `process.argv=['node','kamera','analyze','summary',${JSON.stringify(file)},'--json'];
process.on('exit',()=>process.stderr.write('PEAK '+process.resourceUsage().maxRSS+'\\n'));
await import(${JSON.stringify(new URL('../dist/cli/main.js', import.meta.url).href)})`
const begin = performance.now()
const { status, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', measured], {
  encoding: 'utf8',
  maxBuffer: 1 << 28,
})
const seconds = (performance.now() - begin) / 1000
const peak = Number(/PEAK (\d+)/.exec(stderr)?.[1] ?? 0) / 1024
console.log(
  `${events} events, ${(statSync(file).size / 2 ** 20).toFixed(0)} MiB: summary in ${seconds.toFixed(1)} s, peak ${peak.toFixed(0)} MiB, status ${status}`,
)
