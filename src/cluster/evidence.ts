/**
 * What a reconcile in flight would delete, had its reads been fresh. At granularity write its deletions commit later
 * than its reads are answered, and others write in between; so what the truth was worth then is remembered as the
 * outcome of the reconcile that reads it, executed at once. Only of controllers that delete, and only where a read was
 * not fresh: all others have nothing to remember.
 *
 * Reads after a write count from that write on: until then what they will be answered is open.
 */
import { walkOtherwise } from './counterfactual.ts'
import { internInFlight } from './deliver.ts'
import { valueOf } from './interner.ts'
import type { CommittedChange, Run, RunCall } from './run.ts'
import type { Cluster, Evidence, Foretold, RequestEntry } from './tables.ts'
import { versionOf } from './versions.ts'
import { batchAt, memoryOf, placeOf, type RunPlace } from './walk.ts'
import type { ReadSource, World } from './world.ts'

export const STALE_EVIDENCE_ORACLE = 'no-delete-on-stale-evidence'

const NOTHING: { readonly evidence: undefined } = { evidence: undefined }

/** For a run that stopped before a write. Undefined: code must run first. */
export function evidenceAfter(world: World, run: Run): { readonly evidence: Evidence | undefined } | undefined {
  const { request, inFlight } = run
  const { controller } = request
  if (inFlight?.evidence !== undefined) return inStep(world, run, inFlight.evidence)
  if (!controller.deletes || controller.process.alwaysLive) return NOTHING
  if (world.cluster.scenario.oracles?.[STALE_EVIDENCE_ORACLE] === false) return NOTHING
  // A write of a batch that is not complete is answered later; and without reads after a write nothing new is read.
  if (inFlight !== undefined && (run.early.length > 0 || controller.readsAfterWrite.size === 0)) return NOTHING
  const place = placeOf(run)
  const fresh = walkOtherwise(world, request, { readsFrom: 'truth', place, whole: false })
  if (fresh === undefined) return undefined
  // The same place of the trie: every answer was the same.
  if (fresh.node === run.node) return NOTHING
  const truth = foretell(world, request, 'truth', place)
  const incarnations = truth && foretell(world, request, 'incarnations', place)
  return truth && incarnations && { evidence: { truth, incarnations } }
}

/** What is foretold when the run has made its write. Undefined: code must run first. */
function inStep(world: World, run: Run, known: Evidence): { readonly evidence: Evidence } | undefined {
  const truth = goOn(world, run, 'truth', known.truth)
  const incarnations = truth && goOn(world, run, 'incarnations', known.incarnations)
  return truth && incarnations && { evidence: { truth, incarnations } }
}

/**
 * Once they are apart, what the run reads after its write still has its own moment: what the reconcile, begun anew with
 * fresh reads, would delete by then rests on nothing stale.
 */
function goOn(world: World, run: Run, readsFrom: ReadSource, known: Foretold): Foretold | undefined {
  const next = goOnInStep(world, run, readsFrom, known)
  if (next === undefined || next.twin !== 0 || run.reads.length === 0) return next
  const anew = slotsDeleted(world, run.request, readsFrom, undefined)
  return anew && { slots: [...new Set([...next.slots, ...anew])].sort((a, b) => a - b), twin: 0 }
}

/** As long as both make the same changes, others' writes are met by both: what is read after them is new evidence. */
function goOnInStep(world: World, run: Run, readsFrom: ReadSource, known: Foretold): Foretold | undefined {
  const { inFlight } = run
  if (known.twin === 0 || inFlight === undefined) return known
  const twin = valueOf(world.cluster.inFlights, known.twin)
  const apart: Foretold = { slots: known.slots, twin: 0 }
  if (batchAt(twin.node).length > 1 || batchAt(inFlight.node).length > 1) return apart
  const place = { inFlight: { ...twin, frozen: inFlight.frozen }, offset: 0, errors: run.errors, retired: run.retired }
  const other = walkOtherwise(world, run.request, { readsFrom, place, whole: false })
  if (other === undefined) return undefined
  return sameChanges(other.changes, run.changes) ? foretell(world, run.request, readsFrom, place) : apart
}

function sameChanges(some: readonly CommittedChange[], others: readonly CommittedChange[]): boolean {
  return (
    some.length === others.length &&
    some.every(({ slot, after }, place) => slot === others[place]?.slot && after === others[place]?.after)
  )
}

/** What the reconcile would do from a place on. Undefined: code must run first. */
function foretell(world: World, request: RequestEntry, readsFrom: ReadSource, place: RunPlace): Foretold | undefined {
  const slots = slotsDeleted(world, request, readsFrom, place)
  const next = slots && walkOtherwise(world, request, { readsFrom, place, whole: false })
  if (slots === undefined || next === undefined) return undefined
  if (next.stoppedAt !== 'write') return { slots, twin: 0 }
  const { node, replies } = next
  const memory = place.inFlight?.memory ?? memoryOf(world, request)
  return { slots, twin: internInFlight(world, { node, replies: [...replies], early: [], frozen: [], memory }) }
}

/** The slots that a reconcile would delete, as a whole or from a place on. Undefined: code must run first. */
export function slotsDeleted(
  world: World,
  request: RequestEntry,
  readsFrom: ReadSource,
  place: RunPlace | undefined,
): readonly number[] | undefined {
  const other = walkOtherwise(world, request, { readsFrom, place, whole: true })
  if (other === undefined) return undefined
  return [
    ...deletions(world.cluster, other.changes).map(({ slot }) => slot.id),
    ...other.calls.flatMap(slotAskedToDelete),
  ]
}

/** What is not there yet when the counterfactual is executed may be there when the deletion commits: to ask is enough. */
function slotAskedToDelete({ operation }: RunCall): readonly number[] {
  if (operation.op !== 'write' || operation.call.op !== 'delete' || operation.slot === undefined) return []
  const { preconditions } = (operation.call.options ?? {}) as { readonly preconditions?: object }
  return preconditions === undefined ? [operation.slot.id] : []
}

/** The changes by which live objects are deleted: removed, or marked. */
export function deletions(cluster: Cluster, changes: readonly CommittedChange[]): readonly CommittedChange[] {
  return changes.filter(({ before, after }) => isLive(cluster, before) && !isLive(cluster, after))
}

/** Whether a version is of an object that is there and not being deleted. */
export function isLive(cluster: Cluster, version: number): boolean {
  return version !== 0 && versionOf(cluster.versions, version).body.metadata.deletionTimestamp === undefined
}
