/**
 * A vitest reporter that writes what `npm test` counts to the file in KAMERA_TEST_COUNTS:
 * `{ passed, failed, skipped: [ { name, reason } ] }`. No file means that vitest did not get to its end.
 */
import { writeFileSync } from 'node:fs'

export default class CountReporter {
  onTestRunEnd(testModules, unhandledErrors) {
    // An error outside of any test belongs to none of those counted below.
    const counts = { passed: 0, failed: unhandledErrors.length, skipped: [] }
    for (const testModule of testModules) countModule(testModule, counts)
    writeFileSync(process.env.KAMERA_TEST_COUNTS, JSON.stringify(counts))
  }
}

function countModule(testModule, counts) {
  const tests = [...testModule.children.allTests()]
  for (const test of tests) {
    const { state, note } = test.result()
    if (state === 'passed') counts.passed += 1
    else if (state === 'skipped') counts.skipped.push({ name: test.fullName, reason: note })
    else counts.failed += 1
  }
  // A file that could not be loaded, or a suite whose hook failed, fails without a failed test.
  const hasFailedTest = tests.some((test) => test.result().state === 'failed')
  if (!testModule.ok() && !hasFailedTest) counts.failed += 1
}
