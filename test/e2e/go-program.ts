/**
 * The program of `test/e2e/go`, built once into node_modules/.cache. `GO` names another Go. Where there is no Go, or its
 * modules cannot be had, there is a reason instead.
 */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const directory = fileURLToPath(new URL('./go', import.meta.url))
const cache = fileURLToPath(new URL('../../node_modules/.cache/go-clients', import.meta.url))

export interface GoProgram {
  /** Builds it, which takes minutes where Go's build cache is empty; its path. */
  build(): string
}

export function goProgram(): GoProgram | { readonly missing: string } {
  const go = [process.env['GO'], 'go', '/usr/local/go/bin/go'].find(
    (candidate): candidate is string => candidate !== undefined && runs(candidate, ['version']),
  )
  if (go === undefined) return { missing: 'there is no Go on this machine' }
  if (!runs(go, ['mod', 'download'])) return { missing: 'the Go modules cannot be downloaded' }
  return {
    build: () => {
      mkdirSync(cache, { recursive: true })
      const program = join(cache, 'clients')
      execFileSync(go, ['build', '-buildvcs=false', '-p', '2', '-o', program, '.'], {
        cwd: directory,
        stdio: 'inherit',
      })
      if (!existsSync(program)) throw new Error(`go build wrote no ${program}`)
      return program
    },
  }
}

function runs(go: string, words: readonly string[]): boolean {
  try {
    execFileSync(go, words, { cwd: directory, stdio: 'ignore', timeout: 300_000 })
    return true
  } catch {
    return false
  }
}
