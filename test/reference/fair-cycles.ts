/**
 * Fair cycles among recorded states. A strongly connected component is fair when each class of actions that is enabled
 * in all of its states is taken on one of its edges; then the cycle through all of its edges is weakly fair, and when
 * it is not, no cycle within it is.
 */

export interface CycleEdge {
  readonly to: number
  readonly fairClass: string
  readonly writes: boolean
  readonly fails: boolean
}

export interface CycleNode {
  /** The edges that cycles may use. */
  readonly edges: readonly CycleEdge[]
  /** Classes with an action here, also those whose edge cycles may not use. */
  readonly enabled: ReadonlySet<string>
}

export interface FairCycles {
  /** One of the fair components has an edge that writes. */
  readonly writing: boolean
  /** One of the fair components has no edge that writes, and one on which a reconcile fails. */
  readonly failing: boolean
}

export function findFairCycles(nodes: readonly CycleNode[]): FairCycles {
  let writing = false
  let failing = false
  for (const component of stronglyConnectedComponents(nodes)) {
    const members = new Set(component)
    const inside = component.flatMap((index) => (nodes[index]?.edges ?? []).filter((edge) => members.has(edge.to)))
    if (inside.length === 0 || !isFair(component, inside, nodes)) continue
    const writes = inside.some((edge) => edge.writes)
    if (writes) writing = true
    else if (inside.some((edge) => edge.fails)) failing = true
  }
  return { writing, failing }
}

function isFair(component: readonly number[], inside: readonly CycleEdge[], nodes: readonly CycleNode[]): boolean {
  const [first, ...others] = component.map((index) => nodes[index]?.enabled ?? new Set<string>())
  const taken = new Set(inside.map((edge) => edge.fairClass))
  const alwaysEnabled = [...(first ?? [])].filter((fairClass) => others.every((enabled) => enabled.has(fairClass)))
  return alwaysEnabled.every((fairClass) => taken.has(fairClass))
}

/** Kosaraju: the order in which a search finishes, then components on the reversed edges in the opposite order. */
function stronglyConnectedComponents(nodes: readonly CycleNode[]): number[][] {
  const forward = nodes.map((node) => node.edges.map((edge) => edge.to))
  const backward: number[][] = nodes.map(() => [])
  forward.forEach((targets, from) => {
    for (const to of targets) backward[to]?.push(from)
  })
  const everyNode = nodes.map((_node, index) => index)
  const finished = finishOrders(everyNode, forward).flat()
  return finishOrders([...finished].reverse(), backward)
}

/** For each start that no earlier one reached: what it reaches anew, in the order in which a depth-first search
 *  leaves it. */
function finishOrders(starts: readonly number[], targetsOf: readonly (readonly number[])[]): number[][] {
  const seen = new Set<number>()
  const orders: number[][] = []
  for (const start of starts) {
    if (seen.has(start)) continue
    seen.add(start)
    const order: number[] = []
    const stack = [{ node: start, nextTarget: 0 }]
    for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
      const target = targetsOf[top.node]?.[top.nextTarget]
      top.nextTarget += 1
      if (target === undefined) {
        order.push(top.node)
        stack.pop()
      } else if (!seen.has(target)) {
        seen.add(target)
        stack.push({ node: target, nextTarget: 0 })
      }
    }
    orders.push(order)
  }
  return orders
}
