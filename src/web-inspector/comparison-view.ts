/** What differs between two files, each line leading to the finding, outcome or object that it is about. */
import type { ComparisonLine, ComparisonRecord } from '#trace/comparison.ts'
import { type Child, element } from './element.ts'

/** @param open with the place of an entry, and an object of its path */
export function comparisonView(
  { left, right, message, sections }: ComparisonRecord,
  open: (entry: number, object: string | undefined) => void,
): HTMLElement {
  const header = element(
    'header',
    {},
    element('p', { class: 'kicker' }, 'Two files'),
    element('h1', {}, message),
    element('p', { class: 'small' }, 'first: ', element('code', {}, left), ' · second: ', element('code', {}, right)),
  )
  const shown = sections.map(({ title, lines }) =>
    element(
      'section',
      { class: 'analysis' },
      element('h3', {}, title),
      element('ul', {}, ...lines.map((line) => lineItem(line, open))),
    ),
  )
  return element('main', {}, header, element('div', { class: 'detail', 'aria-label': 'What differs' }, ...shown))
}

const MARKS: Readonly<Record<NonNullable<ComparisonLine['tone']>, string>> = { added: '+ ', removed: '− ', changed: '' }

function lineItem({ text, tone, entry, object }: ComparisonLine, open: (entry: number, object?: string) => void) {
  const told = `${tone === undefined ? '' : MARKS[tone]}${text}`
  const children: Child[] = [element('span', tone === 'changed' ? { class: 'code' } : {}, told)]
  if (entry !== undefined)
    children.push(
      ' ',
      element(
        'button',
        { class: 'link', 'aria-label': `Open: ${text}`, click: () => open(entry, object) },
        object === undefined ? '→ open' : '→ its life',
      ),
    )
  return element('li', { class: tone ?? '' }, ...children)
}
