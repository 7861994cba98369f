/** A state of the search with all that leads to it and all that follows, and what the search is made of as a heat map. */
import type { StoredGraph, StoredState, StoredTransition } from '#dump/format.ts'
import { heatMapOf, heatOf } from '#dump/heat-map.ts'
import { count, formatNumber } from '#inspect/plain-text.ts'
import { type Child, element } from './element.ts'

export interface StateView {
  readonly graph: StoredGraph
  readonly number: number
  readonly state: StoredState
  /** States of the path that is looked at; empty where they are not known. */
  readonly trail: readonly number[]
  /** Whether these are the states of the path's steps, and not of a longer run that met the finding. */
  readonly stepwise: boolean
  readonly choose: (state: number) => void
}

/** Transitions that are listed; the others are counted. */
const LISTED_MAX = 100

export function stateView({ graph, number, state, trail, stepwise, choose }: StateView): HTMLElement {
  const { level, states } = graph
  const place = trail.indexOf(number)
  const facts = [
    `depth ${state.depth}`,
    ...(state.rest === true ? ['the cluster is at rest'] : []),
    ...(place < 0 ? [] : [placeText(place, trail.length, stepwise)]),
  ]
  const jump = element('input', {
    type: 'number',
    min: 1,
    max: states,
    value: number + 1,
    'aria-label': 'Number of a state',
    change: (event) => {
      const wanted = Number((event.target as HTMLInputElement).value)
      if (Number.isInteger(wanted) && wanted >= 1 && wanted <= states) choose(wanted - 1)
    },
  })
  return element(
    'div',
    { class: 'states' },
    element(
      'section',
      { 'aria-label': 'State' },
      element('h2', {}, 'State ', jump, ` of ${formatNumber(states)}`),
      element('p', { class: 'small' }, facts.join(' · ')),
      trailOf(trail, number, choose),
      !stepwise && trail.length > 0
        ? element(
            'p',
            { class: 'small' },
            'These are the states of the run on which the search met the finding. Its path was made shorter afterwards, and passes by states that this level did not keep.',
          )
        : undefined,
      element(
        'div',
        { class: 'around' },
        side(`Before: ${count(state.in.length, 'transition')}`, state.in, { graph, trail, choose, arrow: '→ here' }),
        side(`After: ${count(state.out.length, 'transition')}`, state.out, { graph, trail, choose, arrow: '→' }),
      ),
    ),
    element(
      'section',
      { 'aria-label': 'Heat map' },
      element('h2', {}, 'What the search is made of'),
      element(
        'p',
        { class: 'small' },
        `${count(states, 'state')}, ${count(graph.transitions, 'transition')}, ${count(graph.rests, 'state')} at rest · ${level.profile}, by ${level.granularity}, ${count(level.faults, 'fault')}`,
      ),
      heatMap(graph),
    ),
  )
}

function placeText(place: number, length: number, stepwise: boolean): string {
  if (stepwise) return place === 0 ? 'where this path begins' : `after step ${place} of this path`
  if (place === 0) return 'where the run begins'
  return place === length - 1 ? 'where the finding was met' : `after step ${place} of the run that met it`
}

function trailOf(trail: readonly number[], number: number, choose: StateView['choose']): Child {
  if (trail.length === 0)
    return element(
      'p',
      { class: 'small' },
      'This path was met in another level of the search: its states are not among these.',
    )
  const items = trail.map((state, step) =>
    element(
      'button',
      { 'aria-current': state === number ? 'step' : undefined, click: () => choose(state) },
      step === 0 ? 'start' : String(step),
    ),
  )
  return element('p', { class: 'trail', role: 'group', 'aria-label': 'States of this path' }, ...items)
}

function side(
  title: string,
  transitions: readonly StoredTransition[],
  { graph, trail, choose, arrow }: Pick<StateView, 'graph' | 'trail' | 'choose'> & { readonly arrow: string },
): HTMLElement {
  const items = transitions
    .slice(0, LISTED_MAX)
    .map(([state, action]) =>
      element(
        'li',
        {},
        element(
          'button',
          { class: trail.includes(state) ? 'node on-path' : 'node', click: () => choose(state) },
          element('span', { class: 'code' }, arrow === '→' ? `→ ${state + 1}` : `${state + 1} ${arrow}`),
          element('span', {}, graph.actions[action]?.title ?? ''),
        ),
      ),
    )
  const more = transitions.length - items.length
  return element(
    'section',
    {},
    element('h3', {}, title),
    element('ul', {}, ...items),
    more > 0 ? element('p', { class: 'small' }, `and ${formatNumber(more)} more`) : undefined,
  )
}

function heatMap(graph: StoredGraph): HTMLElement {
  const { rows: actions, depths, most } = heatMapOf(graph)
  const heads = depths.map((depth) => element('th', { scope: 'col' }, String(depth)))
  const rows = actions.map(({ title, taken, states }) =>
    element(
      'tr',
      {},
      element('th', { scope: 'row' }, title),
      element('td', { class: 'count' }, formatNumber(taken)),
      ...states.map((number) =>
        element('td', { class: `heat heat-${heatOf(number, most)}` }, number === 0 ? '' : formatNumber(number)),
      ),
    ),
  )
  return element(
    'div',
    { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': 'States by action and depth' },
    element(
      'table',
      { class: 'heat-map' },
      element('caption', {}, 'States by the action that first led to them and by depth'),
      element(
        'thead',
        {},
        element(
          'tr',
          {},
          element('th', { scope: 'col' }, 'Action'),
          element('th', { scope: 'col' }, 'Taken'),
          ...heads,
        ),
      ),
      element('tbody', {}, ...rows),
    ),
  )
}
