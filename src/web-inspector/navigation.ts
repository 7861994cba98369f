/** All findings and outcomes, beside whatever is shown of one of them. */
import { type Child, element } from './element.ts'
import { liveSection } from './live.ts'
import type { Entry } from './place.ts'

export interface Navigation {
  readonly entries: readonly Entry[]
  /** Place of the entry that is shown; undefined: what differs between two files is. */
  readonly chosen: number | undefined
  /** With the place of an entry. */
  readonly choose: (entry: number) => void
  /** Shows what differs, where two files are opened. */
  readonly compare: (() => void) | undefined
}

export function navigation({ entries, chosen, choose, compare }: Navigation): HTMLElement {
  const children: Child[] = [element('p', { class: 'brand' }, 'kamera'), liveSection()]
  if (compare !== undefined) {
    const isShown = chosen === undefined
    const properties = { class: 'entry', 'aria-current': isShown ? 'true' : undefined, click: compare }
    children.push(element('ul', {}, element('li', {}, element('button', properties, 'What differs'))))
  }
  for (const report of new Set(entries.map((entry) => entry.report))) {
    const { scenario, verdict, exhaustive, statistics } = report
    const searched = `${statistics.statesDistinct.toLocaleString('en')} states${exhaustive ? ', all searched' : ', not exhaustive'}`
    const states = statistics.statesDistinct === 0 ? 'a run; nothing was searched' : searched
    children.push(
      element('h2', {}, element('span', { class: `verdict ${verdict}` }, verdict), ' ', scenario),
      element('p', { class: 'small' }, states),
    )
    const items = entries.flatMap((entry, number): Child[] => {
      if (entry.report !== report) return []
      const { finding, outcome } = entry
      const name = finding === undefined ? (outcome?.id ?? '') : (finding.property ?? finding.oracle)
      const facts =
        finding === undefined
          ? `${outcome?.first.steps} steps, ${outcome?.objects.length} objects`
          : `${finding.steps} steps, ${finding.faults} fault${finding.faults === 1 ? '' : 's'}`
      return [
        element(
          'li',
          {},
          element(
            'button',
            {
              class: finding === undefined ? 'entry' : 'entry finding',
              'aria-current': number === chosen ? 'true' : undefined,
              click: () => choose(number),
            },
            element('span', {}, name),
            element('span', { class: 'small' }, facts),
          ),
        ),
      ]
    })
    children.push(element('ul', {}, ...items))
  }
  children.push(element('p', { class: 'small keys' }, 'j k step · [ ] entry · r run · v view · f fork · / search'))
  return element('nav', { class: 'nav', 'aria-label': 'Findings and outcomes' }, ...children)
}
