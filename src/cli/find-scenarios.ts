/** The scenarios that the arguments of `explore` name: modules, and every scenario below a folder. */
import { type Dirent, existsSync, readdirSync, statSync } from 'node:fs'
import { extname, join, resolve } from 'node:path'
import { moduleExtensions } from './import-module.ts'
import { UsageError } from './usage-error.ts'

/** A corpus example is a pair of `faulty.ts` and `fixed.ts`. */
const SCENARIO_NAMES: readonly string[] = ['scenario', 'faulty', 'fixed']

/**
 * In the order of the arguments, below a folder in the order of the names; each once.
 * Paths are relative to `workingDirectory`, as the arguments are.
 */
export function findScenarios(paths: readonly string[], workingDirectory: string): readonly string[] {
  return [
    ...new Set(
      paths.flatMap((path) => (isFolder(resolve(workingDirectory, path)) ? below(path, workingDirectory) : [path])),
    ),
  ]
}

function isFolder(file: string): boolean {
  return existsSync(file) && statSync(file).isDirectory()
}

function below(folder: string, workingDirectory: string): readonly string[] {
  const found = scan(folder, workingDirectory)
  if (found.length > 0) return found
  throw new UsageError({
    what: `There is no scenario below ${folder}.`,
    why: `Below a folder, files named ${SCENARIO_NAMES.join(', ')} that end in .ts, .js or .mjs are taken for scenarios.`,
    fix: 'Name the file of the scenario, or rename it.',
  })
}

function scan(folder: string, workingDirectory: string): readonly string[] {
  const entries = readdirSync(resolve(workingDirectory, folder), { withFileTypes: true }).sort((a, b) =>
    a.name < b.name ? -1 : 1,
  )
  return [
    ...scenarioFiles(entries).map((name) => join(folder, name)),
    ...entries.filter(isSearched).flatMap((entry) => scan(join(folder, entry.name), workingDirectory)),
  ]
}

/** What a compiler wrote beside its source is not a second scenario: TypeScript comes first. */
function scenarioFiles(entries: readonly Dirent[]): readonly string[] {
  return SCENARIO_NAMES.flatMap((name) => {
    const files = entries.filter(
      (entry) => !entry.isDirectory() && moduleExtensions.some((extension) => entry.name === `${name}${extension}`),
    )
    const best = files.sort(
      (a, b) => moduleExtensions.indexOf(extname(a.name)) - moduleExtensions.indexOf(extname(b.name)),
    )[0]
    return best === undefined ? [] : [best.name]
  })
}

function isSearched(entry: Dirent): boolean {
  return entry.isDirectory() && entry.name !== 'node_modules' && !entry.name.startsWith('.')
}
