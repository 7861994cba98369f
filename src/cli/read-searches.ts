/** Reads what searches found: a dump, or the reports of `--json`, one a line. */
import { closeSync, openSync, readFileSync, readSync } from 'node:fs'
import { resolve } from 'node:path'
import type { ComparedSearch } from '#analyses/compare-searches.ts'
import { type ConflictedWrite, conflictsOf, conflictText } from '#analyses/path-conflicts.ts'
import { openDumpFile } from '#dump/dump-file.ts'
import type { StoredReport } from '#dump/format.ts'
import type { Dump } from '#dump/read-dump.ts'
import type { PathRecord } from '#trace/path.ts'
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
    try {
      return await Promise.all(
        dump.reports.map(async (report) => ({ ...report, conflicts: await conflictsOfDump(dump, report) })),
      )
    } finally {
      await dump.close()
    }
  }
  const reports: ComparedSearch[] = []
  for (const [index, line] of textOf(path, file).split('\n').entries()) {
    if (line.trim() === '') continue
    const report = parsed(line)
    if (!isReport(report)) throw unusable(`${file}, line ${index + 1}, is no report of a search.`)
    reports.push({ ...report, conflicts: conflictsOf(pathsOf(report).filter(isPath)) })
  }
  if (reports.length === 0) throw unusable(`${file} has no report of a search.`)
  return reports
}

/** A path at a time, since a dump may have more than memory holds. */
export async function conflictsOfDump(dump: Dump, report: StoredReport): Promise<readonly ConflictedWrite[]> {
  const met = new Map<string, ConflictedWrite>()
  for (const reference of pathsOf(report))
    for (const each of conflictsOf([await dump.path(reference)])) met.set(conflictText(each), each)
  return [...met.values()]
}

/** Of its outcomes and findings, as references or written out. */
function pathsOf<P>({ outcomes, findings }: WithPaths<P>): readonly P[] {
  return [
    ...outcomes.map(({ first }) => first),
    ...findings.flatMap(({ path, fork }) => (isFields(fork) ? [path, fork.left, fork.right] : [path])),
  ]
}

interface WithPaths<P> {
  readonly outcomes: readonly { readonly first: P }[]
  readonly findings: readonly { readonly path: P; readonly fork?: { readonly left: P; readonly right: P } }[]
}

function isPath(value: unknown): value is Pick<PathRecord, 'steps'> {
  const isWrite = (each: Fields) => isText(each.op) && isText(each.object)
  return isFields(value) && isList(value.steps, (step) => isList(step.writes, isWrite))
}

function isReport(value: unknown): value is ComparedSearch & WithPaths<unknown> {
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
