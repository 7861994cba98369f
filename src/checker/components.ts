/** Strongly connected components (Tarjan's algorithm, without recursion). */

/** A graph in compressed rows: the targets of node n are `targets[offsets[n]]` to before `targets[offsets[n + 1]]`. */
export interface Adjacency {
  readonly nodes: number
  readonly offsets: Int32Array
  readonly targets: Int32Array
}

/** Component of each node; components are numbered so that edges between them go from higher to lower numbers. */
export interface Components {
  readonly of: Int32Array
  readonly count: number
}

export function components(graph: Adjacency): Components {
  const { nodes, offsets, targets } = graph
  const of = new Int32Array(nodes).fill(-1)
  const index = new Int32Array(nodes).fill(-1)
  const low = new Int32Array(nodes)
  const edge = new Int32Array(nodes)
  const onStack = new Uint8Array(nodes)
  const stack: number[] = []
  const calls: number[] = []
  let visited = 0
  let count = 0
  const enter = (node: number): void => {
    index[node] = visited
    low[node] = visited
    visited++
    edge[node] = offsets[node] as number
    onStack[node] = 1
    stack.push(node)
    calls.push(node)
  }
  for (let root = 0; root < nodes; root++) {
    if (index[root] !== -1) continue
    enter(root)
    while (calls.length > 0) {
      const node = calls[calls.length - 1] as number
      const next = edge[node] as number
      if (next < (offsets[node + 1] as number)) {
        edge[node] = next + 1
        const target = targets[next] as number
        if (index[target] === -1) enter(target)
        else if (onStack[target] === 1) low[node] = Math.min(low[node] as number, index[target] as number)
        continue
      }
      calls.pop()
      const parent = calls[calls.length - 1]
      if (parent !== undefined) low[parent] = Math.min(low[parent] as number, low[node] as number)
      if (low[node] !== index[node]) continue
      for (;;) {
        const member = stack.pop() as number
        onStack[member] = 0
        of[member] = count
        if (member === node) break
      }
      count++
    }
  }
  return { of, count }
}
