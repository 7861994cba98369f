/** The states of an `ExplorerBuilder`'s result in the inspectors. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { writeDumpFile } from '#dump/dump-file.ts'
import { objectName, pathReport } from '#dump/path-report.ts'
import { runInspector } from '#terminal-inspector/run-inspector.ts'
import type { ExploreReport, ReportOutcome } from '#trace/report.ts'
import type { ExploredState } from './explorer/states.ts'

/**
 * Writes states with their shortest paths to a file for `kamera inspect`, in the place of whatever is there.
 * @throws DumpError when it cannot be written.
 */
export async function saveInspectorDump(states: readonly ExploredState[], file: string): Promise<void> {
  writeDumpFile(file, 'explore', [await reportOf(states)])
}

/**
 * Shows states with their shortest paths in the terminal; resolves when the reader quits.
 * @throws Error where there is no terminal.
 */
export async function runStateInspector(states: readonly ExploredState[]): Promise<void> {
  if (process.stdin.isTTY !== true || process.stdout.isTTY !== true) {
    throw new Error(
      'runStateInspector needs a terminal, and its input or output is a file or a pipe. saveInspectorDump writes a file for kamera inspect.',
    )
  }
  const folder = mkdtempSync(join(tmpdir(), 'kamera-states-'))
  const file = join(folder, 'states.dump')
  const colour = (process.env.NO_COLOR ?? '') === '' && process.env.TERM !== 'dumb'
  try {
    await saveInspectorDump(states, file)
    await runInspector(file, { colour, workingDirectory: process.cwd(), name: 'these states' })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** States alone say nothing of how far a search went, so no verdict goes with them. */
async function reportOf(states: readonly ExploredState[]): Promise<ExploreReport> {
  const outcomes: ReportOutcome[] = []
  for (const [index, { objects, paths, pathCount }] of states.entries()) {
    for await (const first of paths) {
      outcomes.push({
        id: `state-${index + 1}`,
        fingerprint: '',
        objects: objects.map(objectName).sort(),
        paths: countOf(pathCount),
        first,
      })
      break
    }
  }
  return pathReport('explorer', { outcomes })
}

function countOf(count: ExploredState['pathCount']): ReportOutcome['paths'] {
  if (count === undefined) return null
  if (count === Number.POSITIVE_INFINITY) return 'infinite'
  return typeof count === 'bigint' ? String(count) : count
}
