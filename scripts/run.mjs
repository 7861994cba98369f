/** Runs a command of this checkout and says how it went: the one way that the other scripts start anything. */
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** The folder of this checkout. */
export const root = fileURLToPath(new URL('..', import.meta.url))

/**
 * Resolves, never rejects, to `{ status, output, elapsedMs }`; a status other than 0 is a failure (127: not started).
 * `show` (default true) passes the output on as it comes; `output` has it in any case.
 * `folder` (default: this checkout) is where it runs. `timeoutMs` (default none) ends the command and whatever it started, with status 124.
 */
export function run(command, args, { show = true, timeoutMs, environment = {}, folder = root } = {}) {
  return new Promise((resolve) => {
    const startedAt = performance.now()
    const chunks = []
    // A process group of its own, so that a hanging test ends together with the workers that it runs in.
    const child = spawn(command, args, {
      cwd: folder,
      env: { ...process.env, NO_COLOR: '1', ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    })
    const end = () => endGroup(child.pid)
    process.once('exit', end)
    const finish = (status, note = '') => {
      clearTimeout(timer)
      process.off('exit', end)
      resolve({ status, output: Buffer.concat(chunks).toString() + note, elapsedMs: performance.now() - startedAt })
    }
    const timer = timeoutMs && setTimeout(() => stop(child, timeoutMs, finish), timeoutMs)
    for (const [stream, shown] of [
      [child.stdout, process.stdout],
      [child.stderr, process.stderr],
    ]) {
      stream.on('data', (chunk) => {
        chunks.push(chunk)
        if (show) shown.write(chunk)
      })
    }
    child.on('error', (error) => finish(127, `${command} could not be started: ${error.message}\n`))
    child.on('close', (code) => finish(code ?? 1))
  })
}

function stop(child, timeoutMs, finish) {
  endGroup(child.pid)
  finish(124, `\nended after ${seconds(timeoutMs)}: it should have been done long before\n`)
}

function endGroup(pid) {
  if (pid === undefined) return
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // The group is gone already.
  }
}

/** The path of a tool's script among the installed packages, to be run with `node`. */
export const tool = (path) => fileURLToPath(new URL(`../node_modules/${path}`, import.meta.url))

/** `12.3 s` */
export const seconds = (milliseconds) => `${(milliseconds / 1000).toFixed(1)} s`

// The commands have their own process groups, which Ctrl-C in a terminal does not reach: leave through `exit`.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => process.exit(130))
