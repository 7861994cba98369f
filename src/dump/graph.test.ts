/** The states of a search in a dump: given back as they are, and read in part. */
import { expect, it } from 'vitest'
import type { StateGraph } from '#trace/state-graph.ts'
import { reportWith } from '../../test/cli/reports.ts'
import { openDump } from './read-dump.ts'
import { dumpMembers } from './write-dump.ts'

/** 0 → 1 → 3, 0 → 2 → 3, and 3 to itself. */
const diamond: StateGraph = {
  level: { profile: 'lagging', granularity: 'reconcile', faults: 0 },
  states: 4,
  actions: ['red', 'blue'],
  depths: Int32Array.of(0, 1, 1, 2),
  reachedBy: Int32Array.of(-1, 0, 1, 1),
  offsets: Int32Array.of(0, 2, 3, 4, 5),
  targets: Int32Array.of(1, 2, 3, 3, 3),
  takenBy: Int32Array.of(0, 1, 1, 0, 0),
  rests: [3],
  paths: { o1: [0, 1, 3] },
  stepwise: [],
}

/** A line of states, with two ways back from each. */
function long(states: number): StateGraph {
  const edges = Array.from({ length: states }, (_, state) => [Math.min(state + 1, states - 1), state >> 1, 0]).flat()
  return {
    ...diamond,
    states,
    depths: Int32Array.from({ length: states }, (_, state) => state % 50),
    reachedBy: new Int32Array(states),
    offsets: Int32Array.from({ length: states + 1 }, (_, state) => state * 3),
    targets: Int32Array.from(edges),
    takenBy: new Int32Array(states * 3),
    paths: {},
  }
}

function opened(...graphs: readonly StateGraph[]) {
  const reports = graphs.map(() => reportWith([]))
  const bytes = Buffer.concat([...dumpMembers('explore', reports, new Map(graphs.entries()))])
  const read: number[] = []
  const source = {
    name: 'a dump',
    size: bytes.length,
    read: async (offset: number, length: number) => {
      read.push(length)
      return bytes.subarray(offset, offset + length)
    },
  }
  return { dump: openDump(source), read, size: bytes.length }
}

it('has each state with its transitions both ways, of each graph its own', async () => {
  const dump = await opened(long(10), diamond).dump
  const graph = dump.graphs[1]
  if (graph === undefined) throw new Error('no graph')
  const states = await Promise.all([0, 1, 2, 3].map((number) => dump.state(graph, number)))
  expect(states).toEqual([
    {
      depth: 0,
      out: [
        [1, 0],
        [2, 1],
      ],
      in: [],
    },
    { depth: 1, out: [[3, 1]], in: [[0, 0]] },
    { depth: 1, out: [[3, 0]], in: [[0, 1]] },
    {
      depth: 2,
      out: [[3, 0]],
      in: [
        [1, 1],
        [2, 0],
        [3, 0],
      ],
      rest: true,
    },
  ])
  expect(graph).toMatchObject({
    report: 1,
    states: 4,
    transitions: 5,
    actions: [
      { title: 'red', taken: 3 },
      { title: 'blue', taken: 2 },
    ],
    firstMet: [
      [0, 1, 0],
      [0, 1, 1],
    ],
    rests: 1,
  })
})

it('is opened and paged without reading the rest', async () => {
  const { dump, read, size } = opened(long(50_000))
  const { graphs, state } = await dump
  const graph = graphs[0]
  if (graph === undefined) throw new Error('no graph')
  expect(size).toBeGreaterThan(200_000)
  const sum = () => read.reduce((total, length) => total + length, 0)
  expect(sum()).toBeLessThan(30_000)
  const before = sum()
  expect((await state(graph, 40_000)).out).toEqual([
    [40_001, 0],
    [20_000, 0],
    [0, 0],
  ])
  expect(sum() - before).toBeLessThan(20_000)
})
