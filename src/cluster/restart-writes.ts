/** What the processes of a state would write if they were restarted: nothing, when the state is really at rest. */
import { execute } from './execute.ts'
import type { Level } from './level.ts'
import { startProcess } from './process-start.ts'
import { createRun } from './run.ts'
import type { Process, RequestEntry, Slot } from './tables.ts'
import { versionOf } from './versions.ts'
import { beginRun, rootOf, walk } from './walk.ts'
import { loadState, type World } from './world.ts'

export interface RestartWrite {
  readonly request: RequestEntry
  /** `create`, `change` or `remove`. */
  readonly operation: string
  readonly kind: string
  /** `Kind namespace/name`. */
  readonly object: string
  readonly slot: Slot
  /** Version afterwards; 0: absent. */
  readonly after: number
}

/** Runs each request of each process's start by itself in the state; they are counted in no statistics. */
export async function restartWrites(
  level: Pick<Level, 'cluster' | 'model'>,
  state: Int32Array,
): Promise<readonly RestartWrite[]> {
  const { cluster, model } = level
  const { executed, answered } = cluster.counters
  const found: RestartWrite[] = []
  for (const process of cluster.processes) {
    for (const request of await startRequests(model.world, process, state)) {
      found.push(...(await writesOf(model.world, request, state)))
    }
  }
  cluster.counters.executed = executed
  cluster.counters.answered = answered
  return found
}

interface StartRequest {
  readonly request: RequestEntry
  /** What is in its queue. */
  readonly pending: number
}

async function startRequests(world: World, process: Process, state: Int32Array): Promise<readonly StartRequest[]> {
  for (;;) {
    loadState(world, state, state.length)
    world.next.set(world.state)
    if (startProcess(world, process)) break
    const { needed } = world
    world.needed = undefined
    await needed?.()
  }
  const requests = process.controllers.flatMap((controller) => [...controller.requests.values()])
  return requests
    .map((request) => ({ request, pending: world.next[request.pendingPart] as number }))
    .filter(({ pending }) => pending !== 0)
}

async function writesOf(
  world: World,
  { request, pending }: StartRequest,
  state: Int32Array,
): Promise<readonly RestartWrite[]> {
  // A state array of its own: what is pending there is pending in no state of the search.
  const own = { state: new Int32Array(world.state.length), length: 0 }
  const wholeReconciles: World = { ...world, ...own, rules: { ...world.rules, granularity: 'reconcile' } }
  loadState(wholeReconciles, state, state.length)
  wholeReconciles.state[request.pendingPart] = pending
  const { memoryPart } = request.controller
  if (memoryPart !== 0) wholeReconciles.state[memoryPart] = 0
  const run = createRun(request, rootOf(wholeReconciles, request))
  for (;;) {
    beginRun(wholeReconciles, run, request, undefined)
    walk(wholeReconciles, run, false)
    if (run.stoppedAt !== 'miss') break
    await execute(wholeReconciles, request, undefined)
  }
  return run.changes.map(({ slot, before, after }) => {
    const { kind } = slot.kind.resource
    const operation = before === 0 ? 'create' : after === 0 ? 'remove' : 'change'
    const body = versionOf(world.cluster.versions, after === 0 ? before : after).body
    return {
      request,
      slot,
      after,
      operation,
      kind,
      object: `${kind} ${body.metadata.namespace === undefined ? '' : `${body.metadata.namespace}/`}${body.metadata.name}`,
    }
  })
}
