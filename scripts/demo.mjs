/**
 * `npm run demo`: from a fresh checkout to a bug in a controller, with the command that replays it.
 * The command line exits with 1 when it has found something, which is what a demo is to do: that is our 0.
 */
import { build } from './build.mjs'
import { install } from './install.mjs'
import { run, seconds } from './run.mjs'

const scenario = 'examples/zookeeper/scenario.ts'

let replay = ''

async function demo() {
  console.log('Installing and building Kamera (the first time takes the longest) …')
  if (!(await install())) return 'the packages could not be installed'
  if (!(await build())) return 'the build failed'
  console.log(`$ npx kamera explore ${scenario}\n`)
  const { status, output } = await run('node', ['dist/cli/main.js', 'explore', scenario], { timeoutMs: 110_000 })
  if (status === 0) return `${scenario} has a known bug, but nothing was found`
  if (status !== 1) return `kamera explore ended with status ${status}, where 1 (violated) was expected`
  if (!output.includes('kamera replay ')) return 'something was found, but no replay command was printed'
  replay = /kamera replay \S+/.exec(output)?.[0] ?? ''
  return undefined
}

const complaint = await demo()
if (complaint === undefined) {
  console.log(`\nFound in ${seconds(performance.now())}. Repeat it step by step:\n  npx ${replay}`)
} else {
  console.error(`\nThe demo failed: ${complaint}.`)
  process.exitCode = 1
}
