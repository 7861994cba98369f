/** Loads each scenario that the arguments name, as the command line does, and prints what came of it as JSON. */
import { ApiError } from '#api/status.ts'
import { loadScenario } from '#cli/load-scenario.ts'
import { UsageError } from '#cli/usage-error.ts'

const results: unknown[] = []
for (const path of process.argv.slice(2)) {
  try {
    const scenario = await loadScenario(path)
    const thrown = (scenario as { readonly thrown?: unknown }).thrown
    results.push({ name: scenario.name, sameApiError: thrown === ApiError })
  } catch (error) {
    results.push(error instanceof UsageError ? { what: error.what, code: error.code } : { unexpected: String(error) })
  }
}
process.stdout.write(JSON.stringify(results))
