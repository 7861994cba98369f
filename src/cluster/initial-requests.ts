/** `initialRequests` of a scenario: what is pending at the start, in place of what the processes' lists enqueue. */
import { ScenarioError } from './scenario-error.ts'
import { requestOf } from './tables.ts'
import { ensureCapacity, type World } from './world.ts'

/** In `world.next`, whose processes have just started. The controllers that are always there keep what they listed. */
export function replaceStartRequests(world: World): void {
  const { cluster } = world
  const { initialRequests, controllers } = cluster.scenario
  if (initialRequests === undefined) return
  const own = new Set(controllers.map(({ name }) => name))
  for (const { controller, pendingPart, handles } of cluster.requests) {
    // Events have no key by which a scenario could name them.
    if (handles !== undefined) continue
    if (own.has(controller.definition.name)) world.next[pendingPart] = 0
  }
  for (const { controller: name, request } of initialRequests) {
    const controller = cluster.controllers.find(({ definition }) => definition.name === name)
    if (controller === undefined) {
      throw new ScenarioError(`initialRequests: there is no controller ${name}. There are: ${[...own].join(', ')}.`)
    }
    const { pendingPart } = requestOf(cluster, controller, request.namespace ?? '', request.name)
    ensureCapacity(world)
    world.next[pendingPart] = 1
  }
}
