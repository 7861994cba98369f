/**
 * no-create-for-dead-owner: an object is created by a reconcile that had read its owner as being deleted or gone, or had
 * itself removed the owner's last finalizer; or an object is left at rest that was created when its owner was already
 * being deleted, or gone, whatever the reconcile had read.
 *
 * The owner is what the owner references name (the controller's, when one is marked so); without any it is the object
 * that the reconcile's request names. What a reconcile knows of its owner is its last answer about it: who looks again
 * and finds it alive may create.
 *
 * Why it is a bug: the object is garbage at birth. It holds up the deletion, comes back while the user deletes, or
 * stays for ever.
 * What it can miss: a reconcile that asked nothing about the owner, where the collector removes what it made.
 * What it can take for a bug: an object that is made because its owner is being deleted (a clean-up Job): exclude it.
 * How to switch it off: `oracles: { 'no-create-for-dead-owner': { exclude: ['Kind namespace/name', 'Kind'] } }`, or
 * `false`.
 */
import type { Action } from '#cluster/action.ts'
import { answersBefore, knowledgeOf } from '#cluster/answers.ts'
import { nameOf } from '#cluster/describe-calls.ts'
import { viewVersion } from '#cluster/evaluate.ts'
import { isLive } from '#cluster/evidence.ts'
import { ownersOf } from '#cluster/owners.ts'
import type { CommittedChange, Run } from '#cluster/run.ts'
import type { Slot } from '#cluster/tables.ts'
import type { Flag, TransitionJudge } from '#cluster/transition-judge.ts'
import { ensureCapacity, type World } from '#cluster/world.ts'
import { isExcluded } from './exclusions.ts'
import { violationsOf } from './flagged.ts'
import { entryWithFewestFaults } from './outcomes.ts'
import type { Oracle, Violation } from './violation.ts'

export const DEAD_OWNER_ORACLE = 'no-create-for-dead-owner'

export const noCreateForDeadOwner: Oracle = {
  name: DEAD_OWNER_ORACLE,
  judge,
  async check(level) {
    const violations = new Map(violationsOf(level, DEAD_OWNER_ORACLE).map((violation) => [violation.key, violation]))
    for (const { leftovers, state } of level.rests) {
      for (const leftover of leftovers) {
        if (leftover.type !== 'object' || !leftover.maker.late) continue
        const { slot, maker } = leftover
        const object = nameOf(slot)
        const key = keyOf(maker.controller, slot)
        if (violations.has(key) || isExcluded(level.cluster.scenario, DEAD_OWNER_ORACLE, object)) continue
        const root = level.cluster.slots[maker.root]
        const owner = root === undefined ? 'an object' : nameOf(root)
        violations.set(key, {
          oracle: DEAD_OWNER_ORACLE,
          key,
          place: { type: 'path', entry: entryWithFewestFaults(level, state) },
          message: () =>
            `the cluster is at rest, and ${object} is left: ${maker.controller} created it for ${owner} when that was already being deleted.`,
          objects: [object],
          controllers: [maker.controller],
        } satisfies Violation)
      }
    }
    return [...violations.values()]
  },
}

const NONE: readonly Flag[] = []

function judge(world: World, action: Action): ReturnType<TransitionJudge> {
  const { run } = action
  // Variants with a lag or a crash share the run of the action that they vary.
  if (run === undefined || action.request === undefined || action.lags.length > 0 || action.crashAfter >= 0) return NONE
  const flags: Flag[] = []
  for (const [index, change] of run.changes.entries()) {
    if (change.before !== 0 || change.after === 0) continue
    const flag = judgeCreation(world, run, index, change)
    if (flag !== undefined) flags.push(flag)
  }
  return flags
}

function judgeCreation(world: World, run: Run, index: number, change: CommittedChange): Flag | undefined {
  const { cluster } = world
  const { slot } = change
  const { kind } = slot.kind.resource
  if (kind === 'Event' || kind === 'Lease') return undefined
  const owners = ownersOf(cluster, run, change)
  ensureCapacity(world)
  const suspects = owners.filter((owner) => mayBeDead(world, run, owner))
  if (suspects.length === 0 || isExcluded(cluster.scenario, DEAD_OWNER_ORACLE, nameOf(slot))) return undefined
  const answers = answersBefore(world, run, index)
  for (const owner of suspects) {
    const known = knowledgeOf(world, answers, owner)
    if (known === undefined || known.is === 'there') continue
    return flagOf(run, slot, owner, known.is)
  }
  return undefined
}

/** Cheap: an owner that is alive in the truth, before and after, and in the view cannot have been read otherwise. */
function mayBeDead(world: World, run: Run, owner: Slot): boolean {
  const { cluster, state, next } = world
  const { part } = owner
  if (run.inFlight !== undefined || !isLive(cluster, state[part] ?? 0) || !isLive(cluster, next[part] ?? 0)) return true
  return !isLive(cluster, viewVersion(world, run.request.controller.process, owner).version)
}

function keyOf(controller: string, slot: Slot): string {
  return `${DEAD_OWNER_ORACLE} ${controller} create ${slot.kind.resource.kind}`
}

function flagOf(run: Run, slot: Slot, owner: Slot, is: 'going' | 'gone'): Flag {
  const { request } = run
  const controller = request.controller.definition.name
  const object = nameOf(slot)
  const seen = is === 'gone' ? 'gone' : 'being deleted'
  return {
    oracle: DEAD_OWNER_ORACLE,
    key: keyOf(controller, slot),
    objects: [object],
    controllers: [controller],
    message: () =>
      `${request.label} creates ${object} for ${nameOf(owner)}, which the same reconcile had seen ${seen}.`,
  }
}
