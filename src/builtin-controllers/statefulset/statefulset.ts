/**
 * The StatefulSet controller: pods with a stable name and their own claims, created in order and removed from the
 * top. What to do is planned in `pod-plan.ts`; a reconcile carries the plan out and then writes the status.
 *
 * Source: https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/
 * Left out: adoption and release of pods, ControllerRevision objects (a pod below the partition or replaced in the
 * middle of a rolling update comes back at the new revision), minReadySeconds, maxUnavailable, and claim retention
 * other than the default, Retain. A pod is deleted with its uid as a precondition, which upstream does not do.
 */
import { ApiError } from '#api/status.ts'
import type { Client } from '#controller/client.ts'
import type { ReconcileRequest, Reconciler } from '#controller/controller.ts'
import { type Controller, defineController } from '#controller/define-controller.ts'
import { type Pod, persistentVolumeClaimType, podType, type StatefulSet, statefulSetType } from '../kinds.ts'
import { controllerManagerProcess } from '../processes.ts'
import { claimsOf, ordinalOf, podOf } from './pod-identity.ts'
import { planPods } from './pod-plan.ts'
import { countStatus, differs } from './statefulset-status.ts'
import { revisionName } from './template-hash.ts'

export function statefulSet(): Controller {
  return defineController({
    name: 'statefulset',
    process: controllerManagerProcess,
    for: statefulSetType,
    owns: [podType],
    reconciler: ({ client }) => new StatefulSetReconciler(client),
  })
}

class StatefulSetReconciler implements Reconciler {
  private readonly client: Client

  constructor(client: Client) {
    this.client = client
  }

  async reconcile(request: ReconcileRequest): Promise<void> {
    const set = await this.client.tryGet<StatefulSet>(statefulSetType, request)
    if (set === undefined) return
    const revision = revisionName(set.metadata.name, set.spec.template)
    const pods = await this.podsOf(set)
    const plan = planPods(set, pods, revision)
    for (const ordinal of plan.create) {
      await this.createClaims(set, ordinal)
      await this.client.create(podOf(set, ordinal, revision))
    }
    for (const pod of plan.delete) await this.deletePod(pod)
    const status = countStatus(set, pods, plan, revision)
    if (differs(status, set.status)) await this.client.status().update({ ...set, status: { ...set.status, ...status } })
  }

  /** Pods that match the selector and whose controller is this set: the label alone proves nothing. */
  private async podsOf(set: StatefulSet): Promise<readonly Pod[]> {
    const { namespace = '' } = set.metadata
    const pods = await this.client.list<Pod>(podType, { namespace, labelSelector: set.spec.selector ?? '' })
    return pods
      .filter((pod) =>
        pod.metadata.ownerReferences?.some(({ uid, controller }) => controller === true && uid === set.metadata.uid),
      )
      .filter((pod) => ordinalOf(set, pod) !== undefined)
  }

  private async createClaims(set: StatefulSet, ordinal: number): Promise<void> {
    for (const claim of claimsOf(set, ordinal)) {
      const { namespace = '', name = '' } = claim.metadata
      const existing = await this.client.tryGet(persistentVolumeClaimType, { namespace, name })
      if (existing === undefined) await this.client.create(claim)
    }
  }

  private async deletePod(pod: Pod): Promise<void> {
    try {
      await this.client.delete(pod, { preconditions: { uid: pod.metadata.uid } })
    } catch (error) {
      if (!(error instanceof ApiError && error.isNotFound)) throw error
    }
  }
}
