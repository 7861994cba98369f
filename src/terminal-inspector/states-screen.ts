/** Draws a state of the search with all transitions that lead to it and all that follow. */
import { count, formatNumber, wrap } from '#inspect/plain-text.ts'
import type { Drawn, Line } from './lines.ts'
import type { InspectorModel } from './model.ts'
import { graphOf, isStepwise, shownState, stateNumber, trailOf } from './states.ts'

export function statesScreen(model: InspectorModel, title: string, width: number): Drawn {
  const graph = graphOf(model)
  const state = shownState(model)
  if (graph === undefined || state === undefined)
    return { title, subtitle: '', body: [{ text: 'reading …', tone: 'dim' }] }
  const number = stateNumber(model)
  const trail = trailOf(model)
  const stepwise = isStepwise(model)
  const place = trail.indexOf(number)
  const facts = [
    `state ${formatNumber(number + 1)} of ${formatNumber(graph.states)}`,
    `depth ${state.depth}`,
    ...(state.rest === true ? ['the cluster is at rest'] : []),
    ...(place < 0 ? [] : [placeText(place, trail.length, stepwise)]),
  ]
  const body: Line[] = []
  let chosen = 0
  const listed = (head: string, first: number, transitions: typeof state.in, isBefore: boolean) => {
    body.push({ text: `  ${head}: ${count(transitions.length, 'transition')}`, tone: 'title' })
    for (const [index, [other, action]] of transitions.entries()) {
      const isChosen = first + index === model.neighbour
      if (isChosen) chosen = body.length
      const way = isBefore ? `${other + 1} → here` : `→ ${other + 1}`
      const mark = trail.includes(other) ? ' · on this path' : ''
      const text = `${isChosen ? ' ▸ ' : '   '} ${way.padEnd(14)} ${graph.actions[action]?.title ?? ''}${mark}`
      body.push({ text, tone: isChosen ? 'selected' : 'plain' })
    }
  }
  listed('Before', 0, state.in, true)
  listed('After', state.in.length, state.out, false)
  const notes = stepwise
    ? []
    : [
        trail.length === 0
          ? 'The finding was met in another level of the search: its states are not among these.'
          : 'These states are of the run on which the search met the finding; the path of the finding was made shorter afterwards, and passes by states that this level did not keep.',
      ]
  const { profile, granularity, faults } = graph.level
  const level = `Of the search under ${profile}, by ${granularity}, with ${count(faults, 'fault')}.`
  for (const text of ['', level, ...notes].flatMap((each) => wrap(each, width - 2)))
    body.push({ text: `  ${text}`, tone: 'dim' })
  return { title, subtitle: facts.join(' · '), body, chosen }
}

function placeText(place: number, length: number, stepwise: boolean): string {
  if (stepwise) return place === 0 ? 'where this path begins' : `after step ${place} of this path`
  if (place === 0) return 'where the run begins'
  return place === length - 1 ? 'where the finding was met' : `after step ${place} of the run that met it`
}
