/** Reads what searches found: a dump, or the reports of `--json`, one a line. */
import { closeSync, openSync, readFileSync, readSync } from 'node:fs'
import { resolve } from 'node:path'
import type { ComparedSearch } from '#analyses/compare-searches.ts'
import { openDumpFile } from '#dump/dump-file.ts'
import { UsageError } from './usage-error.ts'

type Fields = Readonly<Record<string, unknown>>

/** Whether the file is no trace but begins as a dump or a report does. */
export function isSearch(file: string, workingDirectory: string): boolean {
  const start = startOf(resolve(workingDirectory, file))
  return isDump(start) || /^\s*\{\s*"formatVersion"\s*:/.test(start.toString('utf8'))
}

/** Throws a `UsageError` or a `DumpError`. */
export async function readSearches(file: string, workingDirectory: string): Promise<readonly ComparedSearch[]> {
  const path = resolve(workingDirectory, file)
  if (isDump(startOf(path))) {
    const dump = await openDumpFile(path, file)
    await dump.close()
    return dump.reports
  }
  const reports: ComparedSearch[] = []
  for (const [index, line] of textOf(path, file).split('\n').entries()) {
    if (line.trim() === '') continue
    const report = parsed(line)
    if (!isReport(report)) throw unusable(`${file}, line ${index + 1}, is no report of a search.`)
    reports.push(report)
  }
  if (reports.length === 0) throw unusable(`${file} has no report of a search.`)
  return reports
}

function isReport(value: unknown): value is ComparedSearch {
  if (!isFields(value) || value.formatVersion !== 1) return false
  const { scenario, verdict, exhaustive, bounds, outcomes, findings, lints, accepted = [] } = value
  return (
    isText(scenario) &&
    isText(verdict) &&
    typeof exhaustive === 'boolean' &&
    isFields(bounds) &&
    isList(outcomes, (each) => isText(each.fingerprint) && Array.isArray(each.objects) && each.objects.every(isText)) &&
    isList(findings, (each) => isText(each.key) && isText(each.message)) &&
    isList(accepted, (each) => isText(each.key) && isText(each.message)) &&
    isList(lints, (each) => isText(each.id) && isText(each.message))
  )
}

const isText = (value: unknown): value is string => typeof value === 'string'
const isList = (value: unknown, check: (each: Fields) => boolean): boolean =>
  Array.isArray(value) && value.every((each) => isFields(each) && check(each))

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}

function isDump(start: Buffer): boolean {
  return start[0] === 0x1f && start[1] === 0x8b
}

/** Empty where it cannot be read: whoever reads it says why. */
function startOf(path: string): Buffer {
  try {
    const descriptor = openSync(path, 'r')
    try {
      const start = Buffer.alloc(64)
      return start.subarray(0, readSync(descriptor, start))
    } finally {
      closeSync(descriptor)
    }
  } catch {
    return Buffer.alloc(0)
  }
}

function textOf(path: string, file: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    throw unusable(`${file} cannot be read: ${(cause as Error).message}.`, cause)
  }
}

function unusable(what: string, cause?: unknown): UsageError {
  return new UsageError({
    what,
    why: 'A search is compared with another search: a dump, or what --json prints, one report a line.',
    fix: 'Write both with kamera explore --dump FILE, or kamera explore --json > FILE.',
    cause,
  })
}
