/**
 * no-leak: at rest there is something left of what is gone: an object or a finalizer that a reconcile made for a root
 * that is not there any more; an owner reference to nothing, though the collector has run; a resource of an external
 * system whose id no object holds.
 *
 * The root is the object that the reconcile's request names. An object with an owner reference belongs to its owners,
 * and the collector sees to it. What a restart would make again is wanted by somebody else and no leak: that is
 * executed.
 *
 * Why it is a bug: nobody is left to remove it. It costs money or quota, and comes back to life with the name.
 * What it can miss: what was made for an earlier object of a name that is in use again; resources of systems that the
 * scenario does not model, or whose declaration has no `resources`. What is kept on purpose looks like a leak.
 * How to switch it off: `oracles: { 'no-leak': { exclude: ['Kind namespace/name', 'Kind'] } }`, or `false`; for
 * external systems the object is `External name`.
 */
import { nameOf } from '#cluster/describe-calls.ts'
import { stateOf } from '#cluster/entry-state.ts'
import { isInterrupted } from '#cluster/interruption.ts'
import type { Leftover } from '#cluster/leftovers.ts'
import type { Cluster } from '#cluster/tables.ts'
import { isWanted } from '#cluster/wanted.ts'
import { isExcluded } from './exclusions.ts'
import { entryWithFewestFaults } from './outcomes.ts'
import type { Oracle, Violation } from './violation.ts'

const NAME = 'no-leak'

/** What is kept on purpose by controllers that are known to be right, with the reason. */
const KEPT: readonly { readonly controller: string; readonly kind: string }[] = [
  // A StatefulSet's claims outlive it: whoever deletes it by mistake keeps the data (persistentVolumeClaimRetentionPolicy: Retain).
  { controller: 'statefulset', kind: 'PersistentVolumeClaim' },
  // The class's reclaim policy says whether a volume outlives its claim.
  { controller: 'volume-provisioner', kind: 'PersistentVolume' },
]

export const noLeak: Oracle = {
  name: NAME,
  async check(level) {
    const violations = new Map<string, Violation>()
    const asked = new Map<string, boolean>()
    for (const rest of level.rests) {
      const suspects = rest.leftovers.filter((leftover) => isSuspect(level.cluster, leftover))
      const news = suspects.filter((leftover) => !violations.has(keyOf(leftover)))
      if (news.length === 0) continue
      if (await isInterrupted(level)) break
      const entry = entryWithFewestFaults(level, rest.state)
      for (const leftover of news) {
        const key = keyOf(leftover)
        const question = `${key} ${objectOf(leftover)} ${rest.text}`
        const wanted = asked.get(question) ?? (await isWanted(level, await stateOf(level, entry), leftover))
        asked.set(question, wanted)
        if (wanted || violations.has(key)) continue
        violations.set(key, {
          oracle: NAME,
          key,
          place: { type: 'path', entry },
          message: () => messageOf(level.cluster, leftover),
          objects: [objectOf(leftover)],
          controllers: 'maker' in leftover ? [leftover.maker.controller] : [],
        })
      }
    }
    return [...violations.values()]
  },
}

/** Whether a leftover is one that the oracle looks at. */
export function isSuspect({ scenario }: Cluster, leftover: Leftover): boolean {
  if (isExcluded(scenario, NAME, objectOf(leftover))) return false
  if (leftover.type !== 'object') return true
  const { maker, slot } = leftover
  return !KEPT.some(({ controller, kind }) => controller === maker.controller && kind === slot.kind.resource.kind)
}

/** `Kind namespace/name`, or `External name` for a system. */
export function objectOf(leftover: Leftover): string {
  return leftover.type === 'external' ? `External ${leftover.system}` : nameOf(leftover.slot)
}

function keyOf(leftover: Leftover): string {
  if (leftover.type === 'external') return `${NAME} external ${leftover.system}`
  const { kind } = leftover.slot.kind.resource
  const maker = leftover.type === 'owner' ? '' : `${leftover.maker.controller} `
  return `${NAME} ${maker}${leftover.type} ${kind}`
}

function messageOf(cluster: Cluster, leftover: Leftover): string {
  const rootOf = (root: number): string => {
    const slot = cluster.slots[root]
    return slot === undefined ? 'an object' : nameOf(slot)
  }
  const object = objectOf(leftover)
  switch (leftover.type) {
    case 'object':
      return `the cluster is at rest, and ${object} is left: ${leftover.maker.controller} made it for ${rootOf(leftover.maker.root)}, which is gone, and nobody will remove it.`
    case 'finalizer':
      return `the cluster is at rest, and ${object} has the finalizer ${leftover.finalizer}: ${leftover.maker.controller} put it there for ${rootOf(leftover.maker.root)}, which is gone, and nobody will take it away.`
    case 'owner':
      return `the cluster is at rest, and ${object} is left with an owner that is gone, ${leftover.owner}: the garbage collector has run and could not remove it.`
    case 'external':
      return `the cluster is at rest, and the external system ${leftover.system} holds ${leftover.resource}, an id that no object has: nobody will ever release it.`
  }
}
