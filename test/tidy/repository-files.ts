/** The files of the repository as git sees them: the committed and the new ones, not what it ignores. */
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('../..', import.meta.url))

export interface RepositoryFile {
  /** From the root of the repository, with `/`. */
  readonly path: string
  readonly bytes: Buffer
  readonly text: string
  readonly lines: readonly string[]
}

/** Sorted by path. A file that was deleted but not committed as such is left out. */
export function repositoryFiles(): readonly RepositoryFile[] {
  const list = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], { cwd: root })
  const paths = list.toString().split('\0').sort()
  return paths.filter((path) => path !== '' && existsSync(join(root, path))).map(readRepositoryFile)
}

function readRepositoryFile(path: string): RepositoryFile {
  const bytes = readFileSync(join(root, path))
  const text = bytes.toString('utf8')
  return { path, bytes, text, lines: text.split('\n') }
}
