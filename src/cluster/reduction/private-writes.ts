/**
 * Private writes: at single writes, where no fault is left, the last write of a reconcile in flight that concerns nobody
 * else is the only action that is explored in a state.
 *
 * Why this loses nothing. Let w be such a write, of an object o, by a reconcile of the request r, and let t be any
 * other action that may happen before w. Nobody but r was seen to read or write o (`touches.ts`), so t does to o nothing
 * and does the same whether w has happened or not; w is decided by o's version and by whether the resourceVersion that r
 * holds is the current one, both of which t leaves as they are, so w does the same before and after t. w enqueues at most
 * r, which cannot begin before w, and is in the queue or not, however often it is put there. What ends with w neither
 * leaves a timer, nor asks for another run, nor changes a memory. So w;t and t;w are both possible where one is, and end
 * in the same state, but for numbers of revisions, which are no part of a state's identity, and for versions of o that
 * others keep and do not read. No property was seen to read o, and no oracle judges w by more than o and what r has
 * read, so w is invisible: whatever is true after t is true after w;t. By induction along a path, each rest state, each
 * verdict and each fair cycle that is reached otherwise is reached with w first; a state in which t is done and w is not
 * differs from one that is explored in o alone, and in r, which nobody asks about.
 *
 * A write is not put off for ever on a cycle, and nothing else is: w ends a reconcile in flight, of which there are
 * finitely many, and absorbed no-ops (the only other action taken alone) shrink the queue and begin nothing.
 *
 * Conditions, each checked below:
 * (a) no unit of any budget is left, so that no crash, error, lag or event comes between; no episode of lag is open;
 *     the instance that runs r was not replaced;
 * (b) w is an update or a patch of one object that is there and stays, its only call that has not committed, and
 *     the reconcile ends after it without another call. It changes that object alone, and of its metadata neither its
 *     owners, nor its finalizers, nor that it is being deleted (the collector and oracles ask for these);
 * (c) its decision depends on the object alone (`WriteOperation.memoable`), and r has read no clock;
 * (d) its event wakes r or nobody, and is handed to no handler;
 * (e) the reconcile ends without error, timer, requeue and memory, and r waits for no timer;
 * (f) the user's script, as far as it may go on before the cluster rests, has no action on the object;
 * (g) nobody else is concerned with the object. That is not known beforehand: the first call, mapping function, property
 *     or decision that is met and is concerned with an object that was relied on makes the search start again. It is
 *     met: up to it, t does the same before and after w.
 *
 * Source: persistent sets of one action (Godefroid); the proviso for cycles holds since no cycle has only such actions.
 */
import { equalJson } from '#api/equal.ts'
import { type DynamicPlan, executeMapping, planOf } from '../plan.ts'
import type { Run } from '../run.ts'
import { type Cluster, type InFlight, type RequestEntry, SCRIPT, type Slot } from '../tables.ts'
import { relyOnPrivacy } from '../touches.ts'
import type { WriteOperation } from '../trie.ts'
import { versionOf } from '../versions.ts'
import { batchAt } from '../walk.ts'
import type { World } from '../world.ts'

/**
 * The first of some reconciles in flight whose write may be taken before anything else, in a state in which no unit of any
 * budget is left. They have been walked. Undefined: code must run first.
 */
export function privateWrite(
  world: World,
  runs: readonly Run[],
  { from, to }: { readonly from: number; readonly to: number },
): Run | 'none' | undefined {
  for (let i = from; i < to; i++) {
    const run = runs[i] as Run
    const isPrivate = isPrivateWrite(world, run)
    if (isPrivate === undefined) return undefined
    if (isPrivate) return run
  }
  return 'none'
}

function isPrivateWrite(world: World, run: Run): boolean | undefined {
  const { cluster, state } = world
  const { request, inFlight } = run
  if (inFlight === undefined || run.retired !== 0 || isBehind(world)) return false
  const operation = lastWrite(run, inFlight)
  const slot = operation?.slot
  if (slot === undefined || state[slot.part] === 0 || !endsQuietly(run, state)) return false
  const version = state[slot.part] as number
  const change = run.changes[0] ?? { slot, before: version, after: version }
  if (run.changes.length > 1 || change.slot !== slot || change.after === 0) return false
  if (!keepsTies(cluster, change) || userMayTouch(world, slot)) return false
  const isQuiet = run.changes.length === 0 || wakesOnly(world, request, change)
  return isQuiet && relyOnPrivacy(cluster, change, { by: request, upTo: world.learntUpTo })
}

function isBehind({ cluster, state }: World): boolean {
  for (const { episodeParts } of cluster.processes)
    for (const part of episodeParts.values()) if (state[part] !== 0) return true
  return false
}

/** The write, when it is a single one, the last call of the reconcile, and decided by its object alone. */
function lastWrite(run: Run, inFlight: InFlight): WriteOperation | undefined {
  const { operation } = inFlight.node
  if (operation?.op !== 'write' || !operation.memoable) return undefined
  if (operation.call.op !== 'update' && operation.call.op !== 'patch') return undefined
  if (run.stoppedAt !== 'leaf' || run.errors.length > 0 || inFlight.early.length > 0) return undefined
  if (run.reads.length > 0 || run.readClock || run.usedRandom || run.instant !== 0 || run.waits.length > 0)
    return undefined
  return batchAt(inFlight.node).length === 1 ? operation : undefined
}

function endsQuietly({ leaf, request }: Run, state: Int32Array): boolean {
  if (leaf === undefined || leaf.type !== 'done' || leaf.requeue || leaf.requeueAfterMs >= 0) return false
  if (request.handles !== undefined || request.controller.memoryPart !== 0) return false
  return request.timerPart === 0 || state[request.timerPart] === 0
}

/** Whether a change leaves what the garbage collector and the oracles ask of any object. */
function keepsTies(
  { versions }: Cluster,
  { before, after }: { readonly before: number; readonly after: number },
): boolean {
  if (before === after) return true
  const old = versionOf(versions, before).body.metadata
  const now = versionOf(versions, after).body.metadata
  return (
    old.deletionTimestamp === now.deletionTimestamp &&
    equalJson(old.finalizers ?? [], now.finalizers ?? []) &&
    equalJson(old.ownerReferences ?? [], now.ownerReferences ?? [])
  )
}

/** Whether the user may act on an object before the cluster comes to rest. */
function userMayTouch({ cluster, state }: World, slot: Slot): boolean {
  for (let index = state[SCRIPT] as number; index < cluster.actions.length; index++) {
    const prepared = cluster.actions[index]
    if (prepared === undefined || prepared.action.at === 'rest') return false
    if (prepared.slot === slot) return true
  }
  return false
}

/** Whether the event of a change enqueues nobody but `request`. Undefined: code must run first. */
function wakesOnly(
  world: World,
  request: RequestEntry,
  { slot, before, after }: { readonly slot: Slot; readonly before: number; readonly after: number },
): boolean | undefined {
  const isOwn = (woken: RequestEntry): boolean => woken === request
  for (const { requests, handlers, dynamic } of planOf(world, slot, before, after).processes) {
    if (handlers.length > 0 || !requests.every(isOwn)) return false
    for (const plan of dynamic) {
      const woken = requestsWithoutReading(world, plan)
      if (woken === undefined) return undefined
      if (woken === 'reads' || !woken.every(isOwn)) return false
    }
  }
  return true
}

/** The requests of a mapping function that could not be asked without a state. Undefined: it has to be run first. */
function requestsWithoutReading(world: World, plan: DynamicPlan): readonly RequestEntry[] | 'reads' | undefined {
  if (plan.root.operation !== undefined) return 'reads'
  const known = plan.leaves.get(plan.root)
  if (known === undefined) {
    const state = world.state.slice()
    world.needed = async () => {
      world.next.set(state)
      await executeMapping(world, plan)
    }
  }
  return known
}
