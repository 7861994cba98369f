/**
 * What a reconcile would have done with fresh reads: it is executed again from the state in which it began, each read
 * answered with the truth at the moment it is made. Then once for each kind that was behind, with only that one fresh.
 */
import { createClusterModel } from '#cluster/cluster-model.ts'
import { execute } from '#cluster/execute.ts'
import type { Level } from '#cluster/level.ts'
import { createRun, type Run } from '#cluster/run.ts'
import type { RequestEntry } from '#cluster/tables.ts'
import { versionOf } from '#cluster/versions.ts'
import { beginRun, rootOf, walk } from '#cluster/walk.ts'
import { loadState, type Rules, UNREDUCED } from '#cluster/world.ts'
import type { WriteRecord } from '#trace/path.ts'
import type { Explanation } from '#trace/report.ts'

export type Counterfactual = NonNullable<Explanation['counterfactual']>

export interface StaleReconcile {
  readonly request: RequestEntry
  /** Where it began. */
  readonly state: Int32Array
  readonly write: WriteRecord
  /** Kinds of its reads that were behind. */
  readonly kinds: readonly string[]
}

export async function counterfactual(level: Level, reconcile: StaleReconcile): Promise<Counterfactual> {
  const { cluster, rules } = level
  const { process } = reconcile.request.controller
  const fresh = await runIn(level, reconcile, reconcile.state, { ...rules, profile: 'linearizable' })
  const write = compare(level, fresh, reconcile.write)
  const decisiveKinds: string[] = []
  for (const kind of write === 'made all the same' ? [] : reconcile.kinds) {
    const state = reconcile.state.slice()
    for (const [id, part] of process.episodeParts) {
      if (cluster.kinds[id]?.resource.kind === kind && part < state.length) state[part] = 0
    }
    const run = await runIn(level, reconcile, state, rules)
    if (compare(level, run, reconcile.write) !== 'made all the same') decisiveKinds.push(kind)
  }
  return { write, decisiveKinds }
}

/** The reconcile as a whole in a state; controller code runs where the trie does not know. */
async function runIn(level: Level, { request }: StaleReconcile, state: Int32Array, rules: Rules): Promise<Run> {
  const whole: Rules = { ...rules, granularity: 'reconcile', ...UNREDUCED }
  const { world } = createClusterModel(level.cluster, whole)
  loadState(world, state, state.length)
  const run = createRun(request, rootOf(world, request))
  for (;;) {
    beginRun(world, run, request, undefined)
    walk(world, run, true)
    if (run.stoppedAt !== 'miss') return run
    await execute(world, request, undefined)
  }
}

function compare(level: Level, run: Run, { op, object, after }: WriteRecord): Counterfactual['write'] {
  const { versions } = level.cluster
  let isMade = false
  for (const { operation, from, to } of run.calls) {
    const change = run.changes[from]
    if (operation.op !== 'write' || operation.call.op !== op || to === from || change === undefined) continue
    const { slot } = change
    const name = `${slot.kind.resource.kind} ${slot.namespace === '' ? '' : `${slot.namespace}/`}${slot.name}`
    const last = run.changes[to - 1] ?? change
    const body = last.after === 0 ? undefined : versionOf(versions, last.after).body
    if (name !== object && !(op === 'create' && isNamesake(body, after))) continue
    isMade = true
    if (op === 'delete' || op === 'deletecollection' || content(body) === content(after)) return 'made all the same'
  }
  return isMade ? 'made otherwise' : 'not made'
}

/** Both have generated names of the same prefix. */
function isNamesake(a: WriteRecord['after'], b: WriteRecord['after']): boolean {
  const prefix = a?.metadata.generateName
  return prefix !== undefined && a?.kind === b?.kind && prefix === b?.metadata.generateName
}

/** What a controller decides: not what the API server fills in. */
function content(object: WriteRecord['after']): string {
  if (object === undefined) return ''
  const { resourceVersion: _1, managedFields: _2, uid: _3, creationTimestamp: _4, ...metadata } = object.metadata
  const { name, generation: _5, ...rest } = metadata as typeof metadata & { name?: string; generation?: number }
  const named = object.metadata.generateName === undefined ? { name, ...rest } : rest
  return JSON.stringify({ ...object, metadata: named })
}
