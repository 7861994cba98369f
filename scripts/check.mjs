/** `npm run check`: format, lint, types, borders between folders, dead exports, tidiness. Under a minute. */
import { checks, runChecks, tidyCheck } from './checks.mjs'
import { install } from './install.mjs'

const list = [...checks, tidyCheck]
const failed = (await install()) ? await runChecks(list) : ['install']
console.log(failed.length === 0 ? `all ${list.length} checks passed` : `failed: ${failed.join(', ')}`)
process.exitCode = failed.length === 0 ? 0 : 1
