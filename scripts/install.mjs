/** Installs the npm packages of this checkout if they are missing or not the ones that the lock file names. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root, run, seconds } from './run.mjs'

/** Resolves to true when the packages are there. Prints one line when there was something to do. */
export async function install() {
  if (!isNodeNewEnough()) return false
  if (isInstalled()) return true
  const clean = await npm('ci')
  // npm ci refuses a lock that lacks packages of other platforms (see complete-lock.mjs): no reason to stop here.
  const isOutOfStep = clean.status !== 0 && clean.output.includes('in sync')
  const { status, output, elapsedMs } = isOutOfStep ? await npm('install', '--no-save') : clean
  if (status === 0) {
    console.log(`installed the packages of package-lock.json in ${seconds(elapsedMs)}`)
    return true
  }
  process.stderr.write(`${output}\nnpm ci failed (status ${status}): is an npm registry reachable from here?\n`)
  return false
}

const npm = (...args) => run('npm', [...args, '--no-audit', '--no-fund', '--loglevel=error'], { show: false })

function isNodeNewEnough() {
  const [major, minor] = process.versions.node.split('.').map(Number)
  if (major > 20 || (major === 20 && minor >= 19)) return true
  console.error(`Node ${process.versions.node} is too old: Kamera needs 20.19 or newer. Nothing was installed.`)
  return false
}

/** npm writes down what it has installed: that must be what the lock names, but for packages of other platforms. */
function isInstalled() {
  const locked = packagesIn('package-lock.json')
  const installed = packagesIn('node_modules/.package-lock.json')
  if (locked === undefined || installed === undefined) return false
  const isSame = (path) => installed[path]?.version === locked[path]?.version
  const wanted = Object.keys(locked).filter((path) => path !== '' && !locked[path].optional)
  return [...wanted, ...Object.keys(installed)].every(isSame)
}

function packagesIn(file) {
  try {
    return JSON.parse(readFileSync(join(root, file), 'utf8')).packages
  } catch {
    return undefined
  }
}
