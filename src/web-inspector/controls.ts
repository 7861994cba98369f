/** Buttons for the views and runs of an entry, and the box that searches its steps. */
import { element } from './element.ts'
import { type Place, VIEW_NAMES, type View } from './place.ts'

export interface Controls {
  readonly views: readonly View[]
  readonly runs: readonly { readonly label: string }[]
  readonly place: Place
  readonly search: string
  readonly go: (change: Partial<Place>) => void
  /** Called with what is in the box, whenever it changes. */
  readonly searched: (text: string) => void
}

export function controls({ views, runs, place, search, go, searched }: Controls): HTMLElement {
  const pressable = (text: string, isOn: boolean, act: () => void) =>
    element('button', { 'aria-pressed': isOn ? 'true' : 'false', click: act }, text)
  const box = element('input', {
    type: 'search',
    placeholder: 'search steps',
    'aria-label': 'Search steps',
    value: search,
    input: (event) => searched((event.target as HTMLInputElement).value),
  })
  return element(
    'div',
    { class: 'controls' },
    element(
      'div',
      { role: 'group', 'aria-label': 'View' },
      ...views.map((view) => pressable(VIEW_NAMES[view], view === place.view, () => go({ view, state: undefined }))),
    ),
    runs.length < 2 || place.view === 'difference' || place.view === 'states'
      ? undefined
      : element(
          'div',
          { role: 'group', 'aria-label': 'Run' },
          ...runs.map(({ label }, run) => pressable(label, run === place.run, () => go({ run }))),
        ),
    place.view === 'steps' || place.view === 'analyses' ? box : undefined,
  )
}
