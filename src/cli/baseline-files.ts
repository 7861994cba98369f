/**
 * Baselines: findings that are known and accepted, by scenario and by the finding's key, which is the same for the same
 * bug in every search. `--write-baseline` writes one; the output of `explore --json` serves as one too.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { ExploreReport } from '#trace/report.ts'
import { UsageError } from './usage-error.ts'

const FORMAT_VERSION = 1

export interface KnownFinding {
  readonly key: string
  /** For whoever reads the file. */
  readonly message?: string
  /** Why it is accepted; kept when the file is written anew. */
  readonly reason?: string
}

/** Known findings by the name of the scenario. */
export type Baseline = ReadonlyMap<string, readonly KnownFinding[]>

export function readBaseline(path: string, workingDirectory: string): Baseline {
  const text = readText(path, workingDirectory)
  const baseline = new Map<string, KnownFinding[]>()
  const add = (scenario: string, findings: unknown, place: string): void => {
    if (!Array.isArray(findings)) throw unreadable(path, `${place} is not a list`)
    baseline.set(scenario, [...(baseline.get(scenario) ?? []), ...findings.map((each) => known(each, path, place))])
  }
  for (const value of values(text, path)) {
    if (value.type === 'baseline') {
      if (value.formatVersion !== FORMAT_VERSION)
        throw unreadable(path, `its formatVersion is ${JSON.stringify(value.formatVersion)}, not ${FORMAT_VERSION}`)
      if (!isFields(value.scenarios)) throw unreadable(path, 'it has no scenarios')
      for (const [scenario, findings] of Object.entries(value.scenarios))
        add(scenario, findings, `scenarios.${scenario}`)
    } else if (typeof value.scenario === 'string' && value.findings !== undefined) {
      add(value.scenario, value.findings, `findings of ${value.scenario}`)
      if (value.accepted !== undefined) add(value.scenario, value.accepted, `accepted of ${value.scenario}`)
    } else throw unreadable(path, 'an object in it is neither a baseline nor a report')
  }
  return baseline
}

/** Writes all findings of the reports, accepted ones with the reasons they had. */
export function writeBaseline(
  path: string,
  reports: readonly ExploreReport[],
  before: Baseline | undefined,
  workingDirectory: string,
): void {
  const scenarios: Record<string, KnownFinding[]> = {}
  for (const { scenario, findings, accepted } of reports) {
    const reasons = new Map(before?.get(scenario)?.map(({ key, reason }) => [key, reason]))
    const entries = [...(accepted ?? []), ...findings].map(({ key, message }): KnownFinding => {
      const reason = reasons.get(key)
      return { key, message, ...(reason === undefined ? {} : { reason }) }
    })
    scenarios[scenario] = [...(scenarios[scenario] ?? []), ...entries]
  }
  const file = { formatVersion: FORMAT_VERSION, type: 'baseline', scenarios }
  writeFileSync(resolve(workingDirectory, path), `${JSON.stringify(file, undefined, 2)}\n`)
}

function readText(path: string, workingDirectory: string): string {
  try {
    return readFileSync(resolve(workingDirectory, path), 'utf8')
  } catch (cause) {
    throw new UsageError({
      what: `The baseline ${path} cannot be read: ${(cause as Error).message}.`,
      why: 'The path is relative to the current folder.',
      fix: `Write one: kamera explore SCENARIO --write-baseline ${path}.`,
      cause,
    })
  }
}

/** One JSON object, or one a line. */
function values(text: string, path: string): readonly Readonly<Record<string, unknown>>[] {
  const parse = (part: string): Readonly<Record<string, unknown>> => {
    const value: unknown = JSON.parse(part)
    if (!isFields(value)) throw unreadable(path, 'it holds something that is not an object')
    return value
  }
  try {
    return [parse(text)]
  } catch (error) {
    if (error instanceof UsageError) throw error
  }
  try {
    return text.split('\n').flatMap((line) => (line.trim() === '' ? [] : [parse(line)]))
  } catch (error) {
    if (error instanceof UsageError) throw error
    throw unreadable(path, (error as Error).message)
  }
}

function known(value: unknown, path: string, place: string): KnownFinding {
  if (!isFields(value) || typeof value.key !== 'string') throw unreadable(path, `${place} has an entry without a key`)
  return { key: value.key, ...(typeof value.reason === 'string' ? { reason: value.reason } : {}) }
}

function unreadable(path: string, what: string): UsageError {
  return new UsageError({
    what: `The file ${path} is not a baseline: ${what}.`,
    why: 'A baseline is what --write-baseline writes, or the output of kamera explore --json.',
    fix: `Write it anew: kamera explore SCENARIO --write-baseline ${path}.`,
  })
}

function isFields(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
