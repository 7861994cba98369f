/** What an entry is: the finding's message, cause and facts, or the outcome's objects. */
import { boundsLines } from '#inspect/bounds-text.ts'
import { textStyle } from '#inspect/text-style.ts'
import { element } from './element.ts'
import type { Entry } from './place.ts'

/** In which run and at which step. */
export interface GuiltyWrite {
  readonly run: 'here' | 'other'
  readonly step: number
}

/** @param goToWrite called for the guilty write */
export function header(entry: Entry, goToWrite: (write: GuiltyWrite) => void): HTMLElement {
  const { finding, outcome, report } = entry
  if (finding === undefined) {
    return element(
      'header',
      {},
      element(
        'p',
        { class: 'kicker' },
        `${report.scenario} · ${report.statistics.statesDistinct === 0 ? 'a run' : 'a converged state'}`,
      ),
      element('h1', {}, outcome?.id ?? ''),
      element('p', { class: 'small' }, (outcome?.objects ?? []).join(', ')),
    )
  }
  const write = finding.explanation?.write
  return element(
    'header',
    {},
    element(
      'p',
      { class: 'kicker' },
      `${report.scenario} · ${finding.property === undefined ? finding.oracle : `${finding.oracle} “${finding.property}”`}`,
    ),
    element('h1', {}, finding.message),
    ...(finding.explanation?.text ?? []).map((text) => element('p', { class: 'why' }, text)),
    write === undefined
      ? undefined
      : element(
          'p',
          {},
          element(
            'button',
            { class: 'action', click: () => goToWrite(write) },
            `Go to the guilty write (step ${write.step + 1}${finding.fork === undefined ? '' : write.run === 'here' ? ' of run B' : ' of run A'})`,
          ),
        ),
    element(
      'p',
      { class: 'small' },
      `Under ${finding.profiles.join(', ')} · by ${finding.controllers.join(', ') || 'nobody'} · on ${finding.objects.join(', ')}`,
    ),
    finding.replay === ''
      ? undefined
      : element('p', { class: 'small' }, 'Replay: ', element('code', {}, finding.replay)),
  )
}

/** How far was searched. */
export function bounds({ report }: Entry): HTMLElement {
  const lines = boundsLines(report.bounds, textStyle({ columns: 200 }))
  return element('footer', {}, element('p', { class: 'small' }, lines.join(' ').replaceAll(/\s+/g, ' ').trim()))
}
