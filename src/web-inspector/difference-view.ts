/** Two runs side by side where they came to rest: the runs of a fork, or any two outcomes. */
import { restDifferences, sharedSteps } from '#inspect/rest-differences.ts'
import { inlineValue } from '#inspect/value-text.ts'
import type { PathRecord } from '#trace/path.ts'
import type { FieldDifference } from '#trace/report.ts'
import { type Child, element } from './element.ts'
import type { Entry } from './place.ts'

export function forkDifference({ finding }: Entry): HTMLElement {
  return table('Where the two runs came to rest, they differ in:', ['Run A', 'Run B'], finding?.fork?.differences ?? [])
}

interface Side {
  readonly name: string
  readonly path: PathRecord
}

interface Beside {
  readonly left: Side
  readonly right: Side
  /** Names of what the left one can be compared with. */
  readonly others: readonly string[]
  readonly choose: (name: string) => void
}

export function outcomesBeside({ left, right, others, choose }: Beside): HTMLElement {
  const common = sharedSteps(left.path, right.path)
  const differences = restDifferences(left.path, right.path)
  const caption =
    differences.length === 0
      ? 'What is written on the way to them is the same at rest, apart from uids and times.'
      : 'At rest they differ in:'
  return element(
    'div',
    {},
    element(
      'p',
      { role: 'group', 'aria-label': 'Compare with', class: 'trail' },
      `${left.name} beside`,
      ...others.map((name) =>
        element(
          'button',
          { 'aria-current': name === right.name ? 'true' : undefined, click: () => choose(name) },
          name,
        ),
      ),
    ),
    element(
      'p',
      { class: 'parting' },
      common === 0
        ? 'Their shortest paths part at once.'
        : `Their shortest paths share ${common} step${common === 1 ? '' : 's'}, then part.`,
    ),
    common >= Math.max(left.path.steps.length, right.path.steps.length)
      ? undefined
      : table(
          'The first steps that they do not share',
          [left.name, right.name],
          [0, 1, 2].map((step) => ({
            object: `step ${common + step + 1}`,
            path: '',
            left: left.path.steps[common + step]?.title ?? '(at rest)',
            right: right.path.steps[common + step]?.title ?? '(at rest)',
          })),
        ),
    differences.length === 0 ? element('p', {}, caption) : table(caption, [left.name, right.name], differences),
  )
}

function table(
  caption: string,
  [left, right]: readonly [string, string],
  differences: readonly FieldDifference[],
): HTMLElement {
  const rows = differences.map(
    (difference): Child =>
      element(
        'tr',
        {},
        element('th', { scope: 'row' }, difference.object, difference.path === '' ? '' : ` · ${difference.path}`),
        element('td', { class: 'code' }, side(difference.left, difference.path)),
        element('td', { class: 'code' }, side(difference.right, difference.path)),
      ),
  )
  return element(
    'div',
    { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': caption },
    element(
      'table',
      {},
      element('caption', {}, caption),
      element(
        'thead',
        {},
        element(
          'tr',
          {},
          element('th', { scope: 'col' }, 'Field'),
          element('th', { scope: 'col' }, left),
          element('th', { scope: 'col' }, right),
        ),
      ),
      element('tbody', {}, ...rows),
    ),
  )
}

function side(value: unknown, path: string): string {
  if (value === undefined || value === null) return '(absent)'
  return path === '' && typeof value === 'object' ? '(there)' : inlineValue(value, 400)
}
