/**
 * The StatefulSet controller: pods with a stable name and their own claims, created in order and removed from the
 * top. What to do is planned in `pod-plan.ts`; a reconcile writes the template down (`revisions.ts`), carries the plan
 * out, looks after the claims (`claims.ts`) and then writes the status.
 *
 * Source: https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/ and
 * kubernetes/pkg/controller/statefulset/stateful_set_control.go.
 * Left out: minReadySeconds and maxUnavailable. A pod is deleted with its uid as a precondition, which upstream does
 * not do. Where a pod waits for an old claim to be collected, this controller is told when it is gone; upstream looks
 * again only when something else happens.
 */
import type { KubernetesObject } from '#api/object.ts'
import type { MapFunction, ReconcileRequest, Reconciler, ReconcilerTools } from '#controller/controller.ts'
import { type Controller, defineController } from '#controller/define-controller.ts'
import { candidatesFor, claim, mayAdopt } from '../claim.ts'
import { type Pod, persistentVolumeClaimType, podType, type StatefulSet, statefulSetType } from '../kinds.ts'
import { controllerManagerProcess } from '../processes.ts'
import { unlessGone } from '../unless-gone.ts'
import { createClaims, hasStaleClaim, retainClaims } from './claims.ts'
import { ordinalOf, podOf } from './pod-identity.ts'
import { isBelowPartition, planPods } from './pod-plan.ts'
import { type Revisions, revisionsOf, surplusRevisions, templateOf } from './revisions.ts'
import { countStatus, differs } from './statefulset-status.ts'

export function statefulSet(): Controller {
  return defineController({
    name: 'statefulset',
    process: controllerManagerProcess,
    for: statefulSetType,
    owns: [podType],
    watches: [
      { ...persistentVolumeClaimType, predicate: ({ type }) => type === 'DELETED', requests: setsThatWait },
      { ...podType, predicate: ({ type, object }) => type !== 'DELETED' && isOrphan(object), requests: adopters },
    ],
    reconciler: (tools) => new StatefulSetReconciler(tools),
  })
}

function isOrphan({ metadata }: KubernetesObject): boolean {
  return metadata.ownerReferences?.some(({ controller }) => controller === true) !== true
}

/** The sets that would adopt a pod without a controller. */
const adopters: MapFunction = async (pod, { cached }) => {
  const sets = await cached.list<StatefulSet>(statefulSetType, { namespace: pod.metadata.namespace ?? '' })
  return sets.filter((set) => mayAdopt(set.spec.selector, pod)).map(requestOf)
}

/** The sets that may wait for an old claim to go before they make a pod again. */
const setsThatWait: MapFunction = async (claim, { cached }) => {
  const sets = await cached.list<StatefulSet>(statefulSetType, { namespace: claim.metadata.namespace ?? '' })
  return sets.filter((set) => mayHaveMade(set, claim)).map(requestOf)
}

function mayHaveMade(set: StatefulSet, { metadata: { name = '' } }: KubernetesObject): boolean {
  const isOfTemplate = (template: string): boolean => name.startsWith(`${template}-${set.metadata.name}-`)
  return (
    set.spec.persistentVolumeClaimRetentionPolicy?.whenScaled === 'Delete' &&
    (set.spec.volumeClaimTemplates ?? []).some(({ metadata }) => isOfTemplate(metadata.name))
  )
}

function requestOf({ metadata: { namespace = '', name } }: StatefulSet): ReconcileRequest {
  return { namespace, name }
}

class StatefulSetReconciler implements Reconciler {
  private readonly tools: ReconcilerTools

  constructor(tools: ReconcilerTools) {
    this.tools = tools
  }

  async reconcile(request: ReconcileRequest): Promise<void> {
    const { client } = this.tools
    const set = await client.tryGet<StatefulSet>(statefulSetType, request)
    if (set === undefined) return
    const pods = await this.podsOf(set)
    const revisions = await revisionsOf(set, this.tools)
    const plan = planPods(set, pods, revisions.update.metadata.name)
    const created: number[] = []
    for (const ordinal of plan.create) if (await this.createPod(set, ordinal, revisions)) created.push(ordinal)
    for (const pod of pods) await retainClaims(set, pod, client)
    for (const pod of plan.delete) await this.deletePod(pod)
    const status = countStatus(set, pods, { ...plan, create: created }, revisions)
    if (differs(status, set.status)) await client.status().update({ ...set, status: { ...set.status, ...status } })
    for (const revision of surplusRevisions(set, revisions, pods)) await client.delete(revision)
  }

  /** Pods of the set's own names that match its selector: their controller is this set, or becomes it. */
  private async podsOf(set: StatefulSet): Promise<readonly Pod[]> {
    const { matching, owned } = await candidatesFor<Pod>(set, set.spec.selector, podType, this.tools.client)
    const isNamed = (pod: Pod): boolean => ordinalOf(set, pod) !== undefined
    return claim(set, { matching: matching.filter(isNamed), owned: owned.filter(isNamed) }, this.tools)
  }

  /** False: its claim is still that of a pod which is gone. */
  private async createPod(set: StatefulSet, ordinal: number, { current, update }: Revisions): Promise<boolean> {
    const { client } = this.tools
    if (await hasStaleClaim(set, ordinal, client)) return false
    await createClaims(set, ordinal, client)
    const revision = isBelowPartition(set, ordinal) ? current : update
    const template = templateOf(revision)
    const pod = (await client.create(podOf(set, ordinal, { revision: revision.metadata.name, template }))) as Pod
    await retainClaims(set, pod, client)
    return true
  }

  private async deletePod(pod: Pod): Promise<void> {
    await unlessGone(this.tools.client.delete(pod, { preconditions: { uid: pod.metadata.uid } }))
  }
}
