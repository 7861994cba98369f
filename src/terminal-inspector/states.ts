/** The states of the search around the one that is looked at: what leads to it and what follows. */
import type { StoredGraph, StoredState, StoredTransition } from '#dump/format.ts'
import type { InspectorModel } from './model.ts'

export function graphOf(model: InspectorModel): StoredGraph | undefined {
  const report = model.entries[model.entry]?.report
  const number = report === undefined ? -1 : model.reports.indexOf(report)
  return model.graphs.find((graph) => graph.report === number)
}

/** The states of the path on which the search met the entry; empty where another level met it. */
export function trailOf(model: InspectorModel): readonly number[] {
  const entry = model.entries[model.entry]
  const id = entry?.type === 'finding' ? entry.finding.id : entry?.outcome.id
  return graphOf(model)?.paths[id ?? ''] ?? []
}

/** Whether the states of the entry's path are those of its steps, and not of a longer run that met a finding. */
export function isStepwise(model: InspectorModel): boolean {
  const entry = model.entries[model.entry]
  return entry?.type !== 'finding' || graphOf(model)?.stepwise?.includes(entry.finding.id) === true
}

/** The one that was chosen; else the state after the step, or, where only a longer run is known, the one at its end. */
export function stateNumber(model: InspectorModel): number {
  const trail = trailOf(model)
  return model.state ?? (isStepwise(model) ? trail[model.step + 1] : trail.at(-1)) ?? 0
}

export function stateKey(graph: StoredGraph, number: number): string {
  return `${graph.report} ${number}`
}

/** Undefined until it was read. */
export function shownState(model: InspectorModel): StoredState | undefined {
  const graph = graphOf(model)
  return graph === undefined ? undefined : model.states.get(stateKey(graph, stateNumber(model)))
}

/** What leads to the state, then what follows it. */
export function neighboursOf(state: StoredState | undefined): readonly StoredTransition[] {
  return state === undefined ? [] : [...state.in, ...state.out]
}

/** The state at the other end of the chosen transition; back the same way with `left`. */
export function toNeighbour(model: InspectorModel): InspectorModel {
  const [state] = neighboursOf(shownState(model))[model.neighbour] ?? []
  if (state === undefined) return model
  return { ...model, visited: [...model.visited, stateNumber(model)], state, neighbour: 0 }
}

/** Along the path on which the entry was met. */
export function alongTrail(model: InspectorModel, by: 1 | -1): InspectorModel {
  const trail = trailOf(model)
  const state = trail[trail.lastIndexOf(stateNumber(model)) + by]
  if (state === undefined) return { ...model, message: 'The path has no state beyond this one.' }
  return { ...model, state, neighbour: 0 }
}

/** @param text the number that was typed, from 1 on */
export function toState(model: InspectorModel, text: string): InspectorModel {
  const states = graphOf(model)?.states ?? 0
  const number = Number(text)
  if (!Number.isInteger(number) || number < 1 || number > states)
    return { ...model, message: `The states have the numbers 1 to ${states}.` }
  return { ...model, visited: [...model.visited, stateNumber(model)], state: number - 1, neighbour: 0 }
}
