/**
 * `npm test`: from a fresh checkout to `N passed, N failed`, the last line printed. Installs, builds, checks, tests.
 * Each check of `npm run check` and the build count as one test.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from './build.mjs'
import { checks, runChecks } from './checks.mjs'
import { install } from './install.mjs'
import { root, run, tool } from './run.mjs'

/** Beyond this something hangs: with Go's modules to be compiled first, the whole takes about ten minutes on two cores. */
const vitestTimeoutMs = 17 * 60_000

async function testEverything() {
  if (!(await install())) return { passed: 0, failed: 1, skipped: [] }
  const built = await build()
  console.log(built ? 'ok     build' : 'FAILED build: see the errors above')
  const failedChecks = await runChecks(checks)
  const tests = await runTests()
  const failedBefore = failedChecks.length + (built ? 0 : 1)
  return {
    passed: tests.passed + checks.length + 1 - failedBefore,
    failed: tests.failed + failedBefore,
    skipped: tests.skipped,
  }
}

async function runTests() {
  const folder = mkdtempSync(join(tmpdir(), 'kamera-test-'))
  const countsFile = join(folder, 'counts.json')
  const reporters = ['--reporter=default', `--reporter=${join(root, 'scripts/count-reporter.mjs')}`]
  const { status, output } = await run('node', [tool('vitest/vitest.mjs'), 'run', ...reporters], {
    timeoutMs: vitestTimeoutMs,
    environment: { KAMERA_TEST_COUNTS: countsFile },
  })
  if (status === 124) console.log(output.slice(output.lastIndexOf('\nended after')))
  const counts = readCounts(countsFile)
  rmSync(folder, { recursive: true, force: true })
  if (counts === undefined) console.log(`vitest did not get to its end (status ${status})`)
  const { passed, failed, skipped } = counts ?? { passed: 0, failed: 1, skipped: [] }
  // A status without a failed test is a failure all the same: vitest has its reasons, and has printed them.
  return { passed, failed: status !== 0 && failed === 0 ? 1 : failed, skipped }
}

function readCounts(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    return undefined
  }
}

const { passed, failed, skipped } = await testEverything()
for (const { name, reason } of skipped) console.log(`skipped: ${name}${reason ? ` (${reason})` : ''}`)
console.log(`${passed} passed, ${failed} failed`)
process.exitCode = failed === 0 ? 0 : 1
