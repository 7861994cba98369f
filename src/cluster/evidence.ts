/**
 * What a reconcile in flight would delete, had its reads been fresh. At granularity write its deletions commit later
 * than its reads are answered, and others write in between; so what the truth was worth then is remembered as the
 * outcome of the reconcile that reads it, executed at once. Only of controllers that delete, and only where a read was
 * not fresh: all others have nothing to remember.
 *
 * Reads after a write count from that write on: until then what they will be answered is open.
 */
import { walkOtherwise } from './counterfactual.ts'
import type { CommittedChange, Run } from './run.ts'
import type { Cluster, Evidence } from './tables.ts'
import { versionOf } from './versions.ts'
import { placeOf } from './walk.ts'
import type { ReadSource, World } from './world.ts'

export const STALE_EVIDENCE_ORACLE = 'no-delete-on-stale-evidence'

const NOTHING: { readonly evidence: undefined } = { evidence: undefined }

/** For a run that stopped before a write. Undefined: code must run first. */
export function evidenceAfter(world: World, run: Run): { readonly evidence: Evidence | undefined } | undefined {
  const { request, inFlight } = run
  const { controller } = request
  if (inFlight?.evidence !== undefined) return { evidence: inFlight.evidence }
  if (!controller.deletes || controller.process.alwaysLive) return NOTHING
  if (world.cluster.scenario.oracles?.[STALE_EVIDENCE_ORACLE] === false) return NOTHING
  // A write of a batch that is not complete is answered later; and without reads after a write nothing new is read.
  if (inFlight !== undefined && (run.early.length > 0 || controller.readsAfterWrite.size === 0)) return NOTHING
  const place = placeOf(run)
  const fresh = walkOtherwise(world, request, { readsFrom: 'truth', place, whole: false })
  if (fresh === undefined) return undefined
  // The same place of the trie: every answer was the same.
  if (fresh.node === run.node) return NOTHING
  const truth = slotsDeleted(world, run, 'truth')
  const incarnations = truth === undefined ? undefined : slotsDeleted(world, run, 'incarnations')
  if (truth === undefined || incarnations === undefined) return undefined
  return { evidence: { truth, incarnations } }
}

/** The slots that the reconcile of a run would delete as a whole. Undefined: code must run first. */
export function slotsDeleted(world: World, run: Run, readsFrom: ReadSource): readonly number[] | undefined {
  const other = walkOtherwise(world, run.request, { readsFrom, place: placeOf(run), whole: true })
  return other === undefined ? undefined : deletions(world.cluster, other.changes).map(({ slot }) => slot.id)
}

/** The changes by which live objects are deleted: removed, or marked. */
export function deletions(cluster: Cluster, changes: readonly CommittedChange[]): readonly CommittedChange[] {
  return changes.filter(({ before, after }) => isLive(cluster, before) && !isLive(cluster, after))
}

/** Whether a version is of an object that is there and not being deleted. */
function isLive(cluster: Cluster, version: number): boolean {
  return version !== 0 && versionOf(cluster.versions, version).body.metadata.deletionTimestamp === undefined
}
