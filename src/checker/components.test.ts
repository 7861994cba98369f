import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Adjacency, components } from './components.ts'

type Edge = readonly [from: number, to: number]

function adjacency(nodes: number, edges: readonly Edge[]): Adjacency {
  const rows = Array.from({ length: nodes }, (_, node) => edges.filter(([from]) => from === node).map(([, to]) => to))
  const offsets = [0]
  for (const row of rows) offsets.push((offsets.at(-1) as number) + row.length)
  return { nodes, offsets: Int32Array.from(offsets), targets: Int32Array.from(rows.flat()) }
}

/** By Warshall's algorithm; every node reaches itself. */
function reachability(nodes: number, edges: readonly Edge[]): boolean[][] {
  const reaches = Array.from({ length: nodes }, (_, from) => Array.from({ length: nodes }, (_, to) => from === to))
  for (const [from, to] of edges) (reaches[from] as boolean[])[to] = true
  for (let via = 0; via < nodes; via++) {
    for (const row of reaches) if (row[via]) for (let to = 0; to < nodes; to++) row[to] ||= reaches[via]?.[to] === true
  }
  return reaches
}

const anyGraph = fc.integer({ min: 1, max: 9 }).chain((nodes) => {
  const anyNode = fc.nat({ max: nodes - 1 })
  return fc.record({ nodes: fc.constant(nodes), edges: fc.array(fc.tuple(anyNode, anyNode), { maxLength: 20 }) })
})

describe('strongly connected components', () => {
  test('are the sets of nodes that reach each other', () => {
    fc.assert(
      fc.property(anyGraph, ({ nodes, edges }) => {
        const { of, count } = components(adjacency(nodes, edges))
        const reaches = reachability(nodes, edges)
        for (let a = 0; a < nodes; a++) {
          for (let b = 0; b < nodes; b++) {
            expect(of[a] === of[b]).toBe(reaches[a]?.[b] === true && reaches[b]?.[a] === true)
          }
        }
        expect([...new Set(of)].sort()).toEqual(Array.from({ length: count }, (_, component) => component))
      }),
      { numRuns: 500, seed: 1 },
    )
  })

  test('are numbered so that edges between them go down', () => {
    fc.assert(
      fc.property(anyGraph, ({ nodes, edges }) => {
        const { of } = components(adjacency(nodes, edges))
        for (const [from, to] of edges) expect(of[from] as number).toBeGreaterThanOrEqual(of[to] as number)
      }),
      { numRuns: 500, seed: 1 },
    )
  })

  test('of a long chain and a long cycle need no stack', () => {
    const nodes = 50_000
    const rows = Array.from({ length: nodes }, (_, node) => node + 1)
    const offsets = Int32Array.from({ length: nodes + 1 }, (_, node) => node)
    const cycle = { nodes, offsets, targets: Int32Array.from(rows, (to) => to % nodes) }
    expect(components(cycle).count).toBe(1)
    const chain = { nodes, offsets, targets: Int32Array.from(rows, (to) => Math.min(to, nodes - 1)) }
    expect(components(chain).count).toBe(nodes)
  })
})
