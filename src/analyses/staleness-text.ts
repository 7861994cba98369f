/** How far behind a reconcile's view was, for people. */
import { count, formatNumber } from '#inspect/plain-text.ts'
import type { MissedEvent, Staleness } from './staleness.ts'

export function stalenessText({ reconcile, line, process, kinds }: Staleness): readonly string[] {
  return [
    `${reconcile} (line ${formatNumber(line)}), process ${process}`,
    ...(kinds.length === 0 ? ['Nothing is known of its views: it read nothing from a cache.'] : []),
    ...kinds.flatMap(({ kind, seen, missed }) => {
      const last = seen === undefined ? '' : `, last event ${seen}`
      if (missed.length === 0) return ['', `${kind}: up to date${last}`]
      const mattered = missed.filter(({ reads }) => reads.length > 0).length
      const title = `${kind}: ${count(missed.length, 'event')} behind${last}; ${mattered} of them would have been read`
      return ['', title, ...missed.map((each) => `  ${missedText(each)}`)]
    }),
  ]
}

function missedText({ line, step, object, resourceVersion, removed, by, reads, uncertain }: MissedEvent): string {
  const what = `${object} → ${resourceVersion}${removed ? ', removed' : ''} by ${by} (step ${formatNumber(step)}, line ${formatNumber(line)})`
  if (reads.length === 0) return `${what}: not read`
  const lines = `${reads.length === 1 ? 'line' : 'lines'} ${reads.map(formatNumber).join(', ')}`
  return `* ${what}: ${uncertain ? 'perhaps read' : 'read'} in ${lines}`
}
