/** The checks that are not tests: one command each, quick, and silent unless something is wrong. */
import { availableParallelism } from 'node:os'
import { run, seconds, tool } from './run.mjs'

/** Each with the command that shows the same, and where there is one, the command that repairs it. */
export const checks = [
  {
    name: 'types',
    command: [
      'typescript/bin/tsc',
      ...['-p', 'tsconfig.json', '--incremental', '--tsBuildInfoFile', 'node_modules/.cache/types.tsbuildinfo'],
    ],
    remedy: 'npx tsc -p tsconfig.json',
  },
  {
    name: 'types of the web inspector',
    command: ['typescript/bin/tsc', '-p', 'tsconfig.web.json'],
    remedy: 'npx tsc -p tsconfig.web.json',
  },
  {
    name: 'format and lint',
    command: ['@biomejs/biome/bin/biome', 'check', '--diagnostic-level=error', '--max-diagnostics=20'],
    remedy: 'npx biome check --write repairs most of it',
  },
  {
    name: 'borders',
    command: [
      'dependency-cruiser/bin/dependency-cruise.mjs',
      ...['--config', '.dependency-cruiser.mjs', '--output-type', 'err-long', '--no-progress'],
      ...['src', 'test', 'examples', 'bench'],
    ],
    remedy: 'the table is in ARCHITECTURE.md, the rules in .dependency-cruiser.mjs',
  },
  {
    name: 'dead exports',
    command: ['knip/bin/knip.js', '--no-progress', '--no-config-hints', '--tsConfig', 'tsconfig.knip.json'],
    remedy: 'remove what nothing uses; what only users need belongs in src/index.ts',
  },
]

/** The tidy test is a check too, though vitest runs it: `npm test` has it among its tests. */
export const tidyCheck = {
  name: 'tidy',
  command: ['vitest/vitest.mjs', 'run', 'test/tidy', '--reporter=dot'],
  remedy: 'npx vitest run test/tidy',
}

/** Runs `list`, as many at a time as there are cores. Prints a line each. Resolves to the names of those that failed. */
export async function runChecks(list) {
  const failed = []
  const waiting = [...list]
  const work = async () => {
    for (let check = waiting.shift(); check !== undefined; check = waiting.shift()) {
      if (!(await runCheck(check))) failed.push(check.name)
    }
  }
  await Promise.all(Array.from({ length: availableParallelism() }, work))
  return failed
}

async function runCheck({ name, command: [script, ...args], remedy }) {
  const { status, output, elapsedMs } = await run('node', [tool(script), ...args], { show: false, timeoutMs: 180_000 })
  const isFine = status === 0
  console.log(`${isFine ? 'ok    ' : 'FAILED'} ${name} (${seconds(elapsedMs)})`)
  if (!isFine) console.log(`${output.trimEnd()}\n${name}: ${remedy}\n`)
  return isFine
}
