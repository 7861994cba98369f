/** What `--junit`, `--sarif`, `--markdown` and `--annotations` write. */
import { writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { annotationLines } from '#inspect/annotations.ts'
import { type ExploredScenario, junitXml } from '#inspect/junit.ts'
import { markdownReport } from '#inspect/markdown.ts'
import { sarifJson } from '#inspect/sarif.ts'
import { redactSecrets } from '#trace/redact.ts'
import type { Terminal } from './terminal.ts'
import { UsageError } from './usage-error.ts'

export interface CiReports {
  readonly junit?: string | undefined
  readonly sarif?: string | undefined
  readonly markdown?: string | undefined
  /** GitHub's, on standard error: standard output may be JSON. */
  readonly annotations?: boolean | undefined
}

/** Throws a `UsageError` where a file cannot be written. */
export function writeCiReports(files: CiReports, explored: readonly ExploredScenario[], terminal: Terminal): void {
  const scenarios = redactSecrets(explored)
  if (files.junit !== undefined) write('--junit', files.junit, junitXml(scenarios), terminal)
  if (files.sarif !== undefined) write('--sarif', files.sarif, sarifJson(scenarios), terminal)
  if (files.markdown !== undefined) write('--markdown', files.markdown, markdownReport(scenarios), terminal)
  if (files.annotations === true) terminal.error(annotationLines(scenarios))
}

function write(option: string, file: string, text: string, { workingDirectory }: Terminal): void {
  try {
    writeFileSync(resolve(workingDirectory, file), text)
  } catch (cause) {
    throw new UsageError({
      what: `The file ${file} cannot be written: ${(cause as Error).message}.`,
      why: 'Its path is relative to the current folder, and the folder has to be there.',
      fix: `Give the path of a file: ${option} ${file.slice(Math.max(file.lastIndexOf('/'), file.lastIndexOf('\\')) + 1) || 'kamera.out'}.`,
      cause,
    })
  }
}
