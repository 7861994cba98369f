/**
 * no-delete-on-stale-evidence: a reconcile deletes a live object of a kind that holds state, although the same
 * reconcile, with each read answered from the truth at the moment it was made, would not have. Of disposable kinds it is
 * a violation when the reads rest on an earlier incarnation: an object that was deleted and is there again by that name.
 * The other reconcile is executed.
 *
 * Why it is a bug: a deletion cannot be taken back, and a cache may be behind for any time. What was to be deleted by
 * what the reconcile had seen is in use again.
 * An object all of whose owners are gone is in use no more: the collector is about to delete it.
 * What it can miss: data destroyed otherwise (an update, an external system). At granularity write, once a
 * counterfactual makes another write than the reconcile did, it is executed as if nobody came in between from then on.
 * How to switch it off: `oracles: { 'no-delete-on-stale-evidence': { exclude: ['Kind namespace/name', 'Kind'] } }`, or
 * `false`.
 */
import type { Action } from '#cluster/action.ts'
import { nameOf } from '#cluster/describe-calls.ts'
import { deletions, STALE_EVIDENCE_ORACLE, slotsDeleted } from '#cluster/evidence.ts'
import { isGarbage } from '#cluster/leftovers.ts'
import type { Run } from '#cluster/run.ts'
import type { RequestEntry, Slot } from '#cluster/tables.ts'
import type { Flag, TransitionJudge } from '#cluster/transition-judge.ts'
import { placeOf } from '#cluster/walk.ts'
import type { ReadSource, World } from '#cluster/world.ts'
import { isExcluded } from './exclusions.ts'
import { violationsOf } from './flagged.ts'
import { staleReads } from './last-reconcile.ts'
import type { Oracle } from './violation.ts'

/** Kinds whose objects hold nothing: what deletes one too many makes another. */
const DISPOSABLE: ReadonlySet<string> = new Set([
  'Pod',
  'ReplicaSet.apps',
  'EndpointSlice.discovery.k8s.io',
  'Endpoints',
  'ControllerRevision.apps',
  'Event',
  'Event.events.k8s.io',
  'Lease.coordination.k8s.io',
])

export const noDeleteOnStaleEvidence: Oracle = {
  name: STALE_EVIDENCE_ORACLE,
  judge,
  check: async (level) => violationsOf(level, STALE_EVIDENCE_ORACLE),
}

const NONE: readonly Flag[] = []

function judge(world: World, action: Action): ReturnType<TransitionJudge> {
  const { run, request } = action
  if (run === undefined || request === undefined || request.controller.process.alwaysLive) return NONE
  // Variants with a lag or a crash share the run of the action that they vary.
  if (action.lags.length > 0 || action.crashAfter >= 0) return NONE
  const deleted = deletions(world.cluster, run.changes).map(({ slot }) => slot)
  const suspects = deleted.filter(
    (slot) =>
      !isExcluded(world.cluster.scenario, STALE_EVIDENCE_ORACLE, nameOf(slot)) &&
      !isGarbage(world.cluster, world.state, slot),
  )
  const flags: Flag[] = []
  for (const readsFrom of ['truth', 'incarnations'] as const) {
    const of = suspects.filter((slot) => (readsFrom === 'incarnations') === isDisposable(slot))
    if (of.length === 0) continue
    const kept = keptBy(world, run, readsFrom)
    if (kept === undefined) return undefined
    for (const slot of of) if (!kept(slot)) flags.push(flagOf(request, slot))
  }
  return flags
}

function isDisposable({ kind: { resource } }: Slot): boolean {
  return DISPOSABLE.has(resource.group === '' ? resource.kind : `${resource.kind}.${resource.group}`)
}

/** Whether a deletion is among those of the reconcile with other answers. Undefined: code must run first. */
function keptBy(world: World, run: Run, readsFrom: ReadSource): ((slot: Slot) => boolean) | undefined {
  if (run.inFlight === undefined) {
    const slots = slotsDeleted(world, run.request, readsFrom, placeOf(run))
    return slots && ((slot) => slots.includes(slot.id))
  }
  const { evidence } = run.inFlight
  // Every read was fresh.
  if (evidence === undefined) return () => true
  const { slots } = readsFrom === 'truth' ? evidence.truth : evidence.incarnations
  return (slot) => slots.includes(slot.id)
}

function flagOf(request: RequestEntry, slot: Slot): Flag {
  const controller = request.controller.definition.name
  const object = nameOf(slot)
  return {
    oracle: STALE_EVIDENCE_ORACLE,
    key: `${STALE_EVIDENCE_ORACLE} ${controller} delete ${slot.kind.resource.kind}`,
    objects: [object],
    controllers: [controller],
    message: (path) => {
      const reads = staleReads(path)
      const because = reads.length === 0 ? 'what it had read earlier in the same reconcile' : reads.join(' and ')
      return `${request.label} deletes ${object}, which is in use, because of ${because}: with fresh reads the same reconcile does not delete it.`
    },
  }
}
