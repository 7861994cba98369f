/** Whether Go is here, and the Go programs of tests compiled, once for all that use them. */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('../..', import.meta.url))

/** Go's own installer puts it where no PATH looks. */
const installed = '/usr/local/go/bin'

/** Undefined: there is no Go 1.25 or newer. */
export const go = findGo()

function findGo(): string | undefined {
  if (existsSync(join(installed, 'go')) && !(process.env['PATH'] ?? '').split(delimiter).includes(installed))
    process.env['PATH'] = `${process.env['PATH']}${delimiter}${installed}`
  const { stdout = '' } = spawnSync('go', ['version'], { encoding: 'utf8' })
  const [, major = 0, minor = 0] = /go(\d+)\.(\d+)/.exec(stdout) ?? []
  return Number(major) > 1 || Number(minor) >= 25 ? 'go' : undefined
}

/** client-go takes minutes to compile the first time, on two slow cores. */
export const COMPILE_LIMIT_MS = 14 * 60_000
