/** Walks on graphs that are written down, for the tests of walks. */
import { type SearchOptions, search, startGraph } from '../search.ts'
import { type Edge, graphModel } from '../test-support.ts'
import { createWalker, type Walker } from './walker.ts'

type Rows = readonly (readonly Edge[])[]

/** A walker that knows the initial state alone. */
export async function freshWalker(rows: Rows, options: Partial<SearchOptions> = {}): Promise<Walker> {
  const model = graphModel(rows)
  const graph = await startGraph(model, options.budget ?? 0)
  return createWalker(model, { budget: 0, ...options }, graph)
}

/** A walker after a search that stopped at so many states. */
export async function walkerAfter(rows: Rows, options: Partial<SearchOptions>): Promise<Walker> {
  const model = graphModel(rows)
  const searchOptions: SearchOptions = { budget: 0, order: 'breadth-first', ...options }
  const graph = await search(model, searchOptions)
  return createWalker(model, searchOptions, graph)
}

/**
 * `agents` threads of `length` steps each, interleaved freely: (length + 1)^agents states. State numbers are the
 * positions of all threads, mixed; an edge's agent is its thread.
 */
export function threads(agents: number, length: number): Rows {
  const width = length + 1
  const rows: Edge[][] = []
  for (let state = 0; state < width ** agents; state++) {
    const row: Edge[] = []
    for (let agent = 0; agent < agents; agent++) {
      const position = Math.floor(state / width ** agent) % width
      if (position < length) row.push({ to: state + width ** agent, agent })
    }
    rows.push(row)
  }
  return rows
}
