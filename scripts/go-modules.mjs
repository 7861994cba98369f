/** Downloads Go modules for the generators. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Where Go is, if not on the path. */
const go = process.env.GO ?? 'go'

/** Folders of the downloaded modules, under the keys of `modules` (key → module path). */
export function downloadModules(modules, version) {
  const folder = mkdtempSync(join(tmpdir(), 'go-modules-'))
  try {
    execFileSync(go, ['mod', 'init', 'example.com/generate'], { cwd: folder, stdio: 'ignore' })
    const names = Object.values(modules).map((name) => `${name}@${version}`)
    const text = execFileSync(go, ['mod', 'download', '-json', ...names], { cwd: folder, encoding: 'utf8' })
    const downloaded = text.split(/(?<=^\})\n/m).flatMap((part) => (part.trim() === '' ? [] : [JSON.parse(part)]))
    return Object.fromEntries(
      Object.entries(modules).map(([key, name]) => [key, downloaded.find(({ Path }) => Path === name).Dir]),
    )
  } finally {
    rmSync(folder, { recursive: true })
  }
}
