import { expect, it } from 'vitest'
import { checkGraph, checkState } from './check-data.ts'

const graph = {
  report: 0,
  firstState: 0,
  level: { profile: 'lagging', granularity: 'write', faults: 0 },
  states: 2,
  transitions: 2,
  actions: [{ title: 'red reconciles', taken: 2 }],
  depthStep: 1,
  firstMet: [[0, 1]],
  rests: 0,
  paths: { 'outcome-1': [0, 1, 0] },
}

it('takes graphs with cycles', () => {
  const sound = checkGraph(graph)
  const state = {
    depth: 0,
    out: [
      [0, 0],
      [1, 0],
    ],
    in: [[0, 0]],
  }
  expect(checkState(state, sound)).toBe(state)
})

it('refuses states, actions and paths that lead out of the graph', () => {
  const sound = checkGraph(graph)
  for (const transition of [[2, 0], [-1, 0], [1e300, 0], [0, 1], [0, -1], [0.5, 0], [0], ['0', 0]])
    expect(() => checkState({ depth: 0, out: [transition], in: [] }, sound), String(transition)).toThrow(/is not/)
  for (const states of [-1, 0.5, 1e300, Number.NaN, '2'])
    expect(() => checkGraph({ ...graph, states }), String(states)).toThrow('graph.states is not')
  for (const path of [[2], [-1], [1e300], ['0'], 0])
    expect(() => checkGraph({ ...graph, paths: { a: path } }), String(path)).toThrow('graph.paths.a')
})
