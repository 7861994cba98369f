/** Writes counterexamples to `.kamera/<scenario>/<finding id>.json`, and reads one for `replay`. */
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { redactSecrets } from '#trace/redact.ts'
import type { CounterexampleFile } from '#trace/report.ts'
import { UsageError } from './usage-error.ts'

const FOLDER = '.kamera'
const FORMAT_VERSION = 1

/**
 * The path, relative to the working directory. Names come from scenarios, so that nothing of them may lead out
 * of the folder. `taken` are the paths written by this run for other scenarios of the same name.
 */
export function counterexamplePath(
  scenario: string,
  findingId: string,
  taken: ReadonlySet<string> = new Set(),
): string {
  for (let number = 1; ; number++) {
    const folder = number === 1 ? fileName(scenario) : `${fileName(scenario)}-${number}`
    const path = `${FOLDER}/${folder}/${fileName(findingId)}.json`
    if (!taken.has(path)) return path
  }
}

/** Letters, digits, `-`, `_` and `.`, not beginning with a dot, at most 100 characters. */
function fileName(name: string): string {
  const safe = name
    .replace(/[^\w.-]+/g, '-')
    .replace(/^[.-]+/, '')
    .slice(0, 100)
  return safe === '' ? 'unnamed' : safe
}

/** All or nothing: a reader never sees half a file. Throws what the file system throws. */
export function writeCounterexample(path: string, file: CounterexampleFile, workingDirectory: string): void {
  const target = resolve(workingDirectory, path)
  mkdirSync(dirname(target), { recursive: true })
  const temporary = `${target}.${process.pid}.tmp`
  try {
    writeFileSync(temporary, `${JSON.stringify(redactSecrets(file), undefined, 2)}\n`)
    renameSync(temporary, target)
  } catch (error) {
    rmSync(temporary, { force: true })
    throw error
  }
}

/** The counterexample at `path`, or a `UsageError` that says why it is none. */
export function readCounterexample(path: string, workingDirectory: string): CounterexampleFile {
  const value = parse(path, readText(path, workingDirectory))
  if (!isFields(value) || value.type !== 'counterexample') {
    throw unreadable(path, 'is not a counterexample', 'It is JSON, but was not written by kamera explore.')
  }
  if (value.formatVersion !== FORMAT_VERSION) {
    throw unreadable(
      path,
      `has the formatVersion ${JSON.stringify(value.formatVersion)}, and this Kamera reads ${FORMAT_VERSION}`,
      'It was written by another version of Kamera.',
    )
  }
  const missing = missingPart(value)
  if (missing !== undefined) throw unreadable(path, `lacks ${missing}`, 'It was changed by hand, or cut off.')
  return value as unknown as CounterexampleFile
}

function readText(path: string, workingDirectory: string): string {
  try {
    return readFileSync(resolve(workingDirectory, path), 'utf8')
  } catch (cause) {
    const isMissing = (cause as NodeJS.ErrnoException).code === 'ENOENT'
    throw new UsageError({
      what: isMissing ? `There is no file ${path}.` : `The file ${path} cannot be read: ${(cause as Error).message}.`,
      why: `Counterexamples are written to ${FOLDER} in the folder in which kamera explore ran.`,
      fix: 'Run replay in that folder, or explore again.',
      cause,
    })
  }
}

function parse(path: string, text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw unreadable(path, `is not JSON: ${(cause as Error).message}`, 'It is another file, or was cut off.')
  }
}

function missingPart(file: Readonly<Record<string, unknown>>): string | undefined {
  if (typeof file.scenario !== 'string') return 'the path of its scenario'
  if (!isFields(file.set)) return 'the parameters of its scenario (set)'
  if (typeof file.profile !== 'string') return 'its profile'
  if (!isFields(file.options)) return 'its options'
  if (!isFields(file.finding)) return 'its finding'
  const path = file.finding.path
  if (!isFields(path) || !Array.isArray(path.actions) || !Array.isArray(path.steps)) return 'the path of its finding'
  return undefined
}

function unreadable(path: string, what: string, why: string): UsageError {
  return new UsageError({
    what: `The file ${path} ${what}.`,
    why,
    fix: 'Explore the scenario again, which writes the file anew.',
  })
}

/**
 * Where the scenario of a counterexample is: relative to the folder in which it was explored, which is the one
 * that holds `.kamera`, and if it is not there (the file was moved), relative to the working directory.
 */
export function scenarioOf(file: CounterexampleFile, path: string, workingDirectory: string): string {
  const explored = resolve(workingDirectory, dirname(path), '..', '..')
  const isInPlace = existsSync(join(explored, FOLDER)) && existsSync(resolve(explored, file.scenario))
  const scenario = isInPlace ? resolve(explored, file.scenario) : resolve(workingDirectory, file.scenario)
  if (existsSync(scenario)) return isInPlace && explored !== workingDirectory ? scenario : file.scenario
  throw new UsageError({
    what: `The scenario ${file.scenario} of the counterexample ${path} is gone.`,
    why: 'It was moved or renamed since, or replay runs in another folder than explore did.',
    fix: 'Run replay where explore ran, or explore the scenario where it is now.',
  })
}

function isFields(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
