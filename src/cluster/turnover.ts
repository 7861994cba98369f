/** Which kinds some controller both creates and deletes: of these `no-churn` remembers who wrote what. */
import type { Cluster, RequestEntry } from './tables.ts'
import type { Operation } from './trie.ts'

export const CHURN_ORACLE = 'no-churn'

/** The first time that a controller is seen both to create and to delete a kind, the search starts again. */
export function noteTurnover(cluster: Cluster, { controller }: RequestEntry, operation: Operation): void {
  if (operation.op !== 'write' || cluster.scenario.oracles?.[CHURN_ORACLE] === false) return
  const { op, subresource } = operation.call
  const isCreation = op === 'create' && subresource === undefined
  if (!isCreation && op !== 'delete' && op !== 'deletecollection') return
  const { turnoverKinds, turnovers } = cluster.counters
  const { id, resource } = operation.kind
  turnovers.add(`${controller.id} ${isCreation ? 'create' : 'delete'} ${id}`)
  if (!turnovers.has(`${controller.id} ${isCreation ? 'delete' : 'create'} ${id}`)) return
  const both = `${controller.id} both ${id}`
  if (turnovers.has(both)) return
  turnovers.add(both)
  turnoverKinds.add(id)
  cluster.counters.restartReason = `${controller.definition.name} creates and deletes ${resource.kind}`
}

/** Whether a controller, by its id, was seen both to create and to delete a kind. */
export function turnsOver({ counters }: Cluster, controller: number, kind: number): boolean {
  return counters.turnovers.has(`${controller} both ${kind}`)
}
