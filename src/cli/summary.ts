/** One line a scenario, after a run over several. */
import { count, formatDuration, formatNumber, plainText } from '#inspect/plain-text.ts'
import { tableLines } from '#inspect/table.ts'
import type { ScenarioResult } from './explore.ts'
import { ExitStatus, type Terminal } from './terminal.ts'

/** @param total how many scenarios there were; more than there are results when the run was interrupted */
export function summaryText(results: readonly ScenarioResult[], total: number, terminal: Terminal): string {
  const lines = tableLines(
    [
      { title: 'scenario', align: 'left' },
      { title: 'verdict', align: 'left' },
      { title: 'states', align: 'right' },
      { title: 'time', align: 'right' },
      { title: 'findings', align: 'left' },
    ],
    results.map((result) => [
      result.path,
      result.verdict ?? failure(result.status),
      result.statesDistinct === undefined ? '' : formatNumber(result.statesDistinct),
      result.elapsedMs === undefined ? '' : formatDuration(result.elapsedMs),
      plainText((result.oracles ?? []).join(', ')),
    ]),
  )
  const skipped = total - results.length
  const note = skipped > 0 ? `${count(skipped, 'scenario')} not explored (interrupted)\n` : ''
  const width = terminal.columns ?? Number.MAX_SAFE_INTEGER
  return `\n${lines.map((line) => line.slice(0, width)).join('\n')}\n${note}`
}

function failure(status: ExitStatus): string {
  return status === ExitStatus.internal ? 'internal error' : 'error'
}
