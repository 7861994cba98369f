/**
 * The Deployment controller: a ReplicaSet for each pod template, and the way from the old ones to the new one. Each
 * reconcile takes one step: what the ReplicaSets should be is planned in `rollout-plan.ts` and `revisions.ts`, then
 * carried out, then the status and the revision annotation are written at once.
 *
 * Source: https://kubernetes.io/docs/concepts/workloads/controllers/deployment/
 * Left out: minReadySeconds, the annotation revision-history, the deprecated rollback annotation, messages of
 * conditions and, unless deadlines count, their times.
 */
import { equalJson } from '#api/equal.ts'
import type { KubernetesObject } from '#api/object.ts'
import { controllerOf, isControlledBy } from '#api/owner-reference.ts'
import { ApiError } from '#api/status.ts'
import type {
  MapFunction,
  Predicate,
  ReconcileRequest,
  ReconcileResult,
  Reconciler,
  ReconcilerTools,
} from '#controller/controller.ts'
import { type Controller, defineController } from '#controller/define-controller.ts'
import { candidatesFor, claim, mayAdopt } from '../claim.ts'
import {
  type Deployment,
  type DeploymentStatus,
  deploymentType,
  type Pod,
  podType,
  type ReplicaSet,
  replicaSetType,
} from '../kinds.ts'
import { hasEnded } from '../pod-state.ts'
import { controllerManagerProcess } from '../processes.ts'
import { areSameTemplate } from '../template-hash.ts'
import { countStatus, isComplete, type RolloutStep, remainingTimeMs } from './deployment-status.ts'
import {
  annotationsFor,
  desiredReplicasAnnotation,
  maxReplicasAnnotation,
  newReplicaSet,
  type Revisions,
  revisionAnnotation,
  revisionsOf,
  setsToForget,
} from './revisions.ts'
import {
  isScaled,
  newSetReplicas,
  planOldSets,
  planScaling,
  type ReplicaPlan,
  replicasMax,
  replicasOf,
  totalReplicas,
  wantedReplicas,
} from './rollout-plan.ts'

export interface DeploymentOptions {
  /**
   * Whether `progressDeadlineSeconds` is counted, so that a rollout that stands still gets the condition Progressing
   * False, ProgressDeadlineExceeded. Every Deployment has a deadline, by default of 600 s, so that each rollout would
   * have a timer and a clock in it, which makes for far more states. Default false: the condition stays as it was.
   */
  readonly progressDeadline?: boolean
}

export function deployment({ progressDeadline = false }: DeploymentOptions = {}): Controller {
  return defineController({
    name: 'deployment',
    process: controllerManagerProcess,
    mapsWithoutStatus: true,
    for: deploymentType,
    owns: [{ ...replicaSetType, predicate: changesRollout }],
    watches: [
      {
        ...replicaSetType,
        predicate: ({ type, object }) => type !== 'DELETED' && isOrphan(object),
        requests: adopters,
      },
      { ...podType, predicate: ({ type }) => type === 'DELETED', requests: recreatingDeployment },
    ],
    reconciler: (tools) => new DeploymentReconciler(tools, progressDeadline),
  })
}

/** Of a ReplicaSet everything but which generation it has observed; that only holds back the history. */
const changesRollout: Predicate = ({ type, object, old }) => {
  if (type !== 'MODIFIED' || old === undefined) return true
  const [before, after] = [old as ReplicaSet, object as ReplicaSet]
  const { observedGeneration: _before, ...statusBefore } = before.status ?? { replicas: 0 }
  const { observedGeneration: _after, ...statusAfter } = after.status ?? { replicas: 0 }
  return (
    before.metadata.generation !== after.metadata.generation ||
    !equalJson(before.metadata.labels, after.metadata.labels) ||
    !equalJson(before.metadata.annotations, after.metadata.annotations) ||
    !equalJson(before.metadata.ownerReferences, after.metadata.ownerReferences) ||
    !equalJson(statusBefore, statusAfter)
  )
}

function isOrphan(object: KubernetesObject): boolean {
  return controllerOf(object) === undefined
}

/** The Deployments that would adopt a ReplicaSet without a controller. */
const adopters: MapFunction = async (set, { cached }) => {
  if (!isOrphan(set)) return []
  const { namespace = '' } = set.metadata
  const deployments = await cached.list<Deployment>(deploymentType, { namespace })
  return deployments
    .filter(({ spec }) => mayAdopt(spec.selector, set))
    .map(({ metadata }) => ({ namespace, name: metadata.name }))
}

/** With the strategy Recreate the last old pod that goes lets the new ones come. */
const recreatingDeployment: MapFunction = async (pod, { cached }) => {
  const { namespace = '' } = pod.metadata
  const setReference = controllerOf(pod)
  if (setReference?.kind !== 'ReplicaSet') return []
  const set = await cached.tryGet<ReplicaSet>(replicaSetType, { namespace, name: setReference.name })
  const reference = set === undefined ? undefined : controllerOf(set)
  if (reference?.kind !== 'Deployment') return []
  const owner = await cached.tryGet<Deployment>(deploymentType, { namespace, name: reference.name })
  return owner?.spec.strategy?.type === 'Recreate' ? [{ namespace, name: reference.name }] : []
}

class DeploymentReconciler implements Reconciler {
  private readonly tools: ReconcilerTools
  private readonly countsDeadlines: boolean

  constructor(tools: ReconcilerTools, countsDeadlines: boolean) {
    this.tools = tools
    this.countsDeadlines = countsDeadlines
  }

  async reconcile(request: ReconcileRequest): Promise<ReconcileResult> {
    const { client } = this.tools
    const found = await client.tryGet<Deployment>(deploymentType, request)
    if (found === undefined) return {}
    const candidates = await candidatesFor<ReplicaSet>(found, found.spec.selector, replicaSetType, client)
    const sets = await claim(found, candidates, this.tools)
    const revisions = revisionsOf(found, sets)
    if (found.metadata.deletionTimestamp !== undefined) return this.finish(found, revisions, undefined)
    if (found.spec.paused === true || isScaled(found, revisions)) {
      return this.finish(found, await this.carryOut(found, revisions, planScaling(found, revisions)), undefined)
    }
    if (found.spec.strategy?.type === 'Recreate') return this.recreate(found, revisions)
    return this.roll(found, revisions)
  }

  /** One step of a rolling update: the new set grows, or else the old ones shrink. */
  private async roll(found: Deployment, revisions: Revisions): Promise<ReconcileResult> {
    const { newSet, oldSets } = revisions
    const replicas = newSetReplicas(found, revisions)
    if (newSet === undefined) return this.start(found, revisions, replicas)
    const plan: ReplicaPlan =
      replicas === replicasOf(newSet) ? planOldSets(found, newSet, oldSets) : new Map([[newSet, replicas]])
    return this.finish(found, await this.carryOut(found, revisions, plan), 'FoundNewReplicaSet')
  }

  /** All old pods go before the first new one comes. */
  private async recreate(found: Deployment, revisions: Revisions): Promise<ReconcileResult> {
    const { newSet, oldSets } = revisions
    if (totalReplicas(oldSets) > 0) {
      const plan = new Map(oldSets.map((set) => [set, 0]))
      return this.finish(found, await this.carryOut(found, revisions, plan), undefined)
    }
    if (await this.haveOldPods(found, oldSets)) return this.finish(found, revisions, undefined)
    if (newSet === undefined) return this.start(found, revisions, wantedReplicas(found))
    const plan = new Map([[newSet, wantedReplicas(found)]])
    return this.finish(found, await this.carryOut(found, revisions, plan), 'FoundNewReplicaSet')
  }

  private async haveOldPods({ metadata, spec }: Deployment, oldSets: readonly ReplicaSet[]): Promise<boolean> {
    if (oldSets.some(({ status }) => (status?.replicas ?? 0) > 0)) return true
    const { namespace = '' } = metadata
    const pods = await this.tools.client.list<Pod>(podType, { namespace, labelSelector: spec.selector ?? '' })
    return pods.some((pod) => !hasEnded(pod) && oldSets.some((set) => isControlledBy(pod, set)))
  }

  /** Makes the ReplicaSet of the present template. */
  private async start(found: Deployment, revisions: Revisions, replicas: number): Promise<ReconcileResult> {
    const annotations = { ...annotationsFor(found, revisions.number), ...scaleAnnotations(found) }
    const body = newReplicaSet(found, replicas, annotations)
    try {
      const newSet = (await this.tools.client.create(body)) as ReplicaSet
      return await this.finish(found, { ...revisions, newSet }, 'NewReplicaSetCreated')
    } catch (error) {
      if (!(error instanceof ApiError && error.isAlreadyExists)) throw error
      await this.handleTakenName(found, body.metadata.name as string)
      throw error
    }
  }

  /** The name is taken: by this very set, which the cache will show, or by another template, so the hash changes. */
  private async handleTakenName(found: Deployment, name: string): Promise<void> {
    const { client } = this.tools
    const { namespace = '' } = found.metadata
    const taken = await client.tryGet<ReplicaSet>(replicaSetType, { namespace, name })
    if (taken === undefined) return
    if (isControlledBy(taken, found) && areSameTemplate(taken.spec.template, found.spec.template)) return
    const collisionCount = (found.status?.collisionCount ?? 0) + 1
    await client.status().update({ ...found, status: { ...found.status, collisionCount } })
  }

  /** Writes the replicas of the plan, and the annotations of the new set where they have changed. */
  private async carryOut(found: Deployment, revisions: Revisions, plan: ReplicaPlan): Promise<Revisions> {
    const write = async (set: ReplicaSet): Promise<ReplicaSet> => {
      const replicas = plan.get(set) ?? replicasOf(set)
      const isNew = set === revisions.newSet && found.spec.paused !== true
      const annotations = {
        ...set.metadata.annotations,
        ...(isNew ? annotationsFor(found, revisions.number) : {}),
        ...(plan.has(set) || isNew ? scaleAnnotations(found) : {}),
      }
      if (replicas === replicasOf(set) && equalJson(annotations, set.metadata.annotations ?? {})) return set
      const changed = { ...set, metadata: { ...set.metadata, annotations }, spec: { ...set.spec, replicas } }
      return (await this.tools.client.update(changed)) as ReplicaSet
    }
    const oldSets: ReplicaSet[] = []
    for (const set of revisions.oldSets) oldSets.push(await write(set))
    return { ...revisions, oldSets, newSet: revisions.newSet === undefined ? undefined : await write(revisions.newSet) }
  }

  /** Writes the status and the revision, then forgets old sets beyond the history limit. */
  private async finish(found: Deployment, revisions: Revisions, step: RolloutStep): Promise<ReconcileResult> {
    const { client } = this.tools
    const { newSet, oldSets, number } = revisions
    const sets = newSet === undefined ? oldSets : [...oldSets, newSet]
    const clock = this.countsDeadlines ? this.tools.clock : undefined
    const status = countStatus({ deployment: found, newSet, sets, step, clock })
    const annotations =
      newSet === undefined || found.spec.paused === true
        ? found.metadata.annotations
        : { ...found.metadata.annotations, [revisionAnnotation]: String(number) }
    if (!equalJson(status, found.status) || !equalJson(annotations, found.metadata.annotations)) {
      const metadata = annotations === undefined ? found.metadata : { ...found.metadata, annotations }
      await client.status().update({ ...found, metadata, status })
    }
    if (found.metadata.deletionTimestamp !== undefined) return {}
    if (isComplete(found, status) || found.spec.paused === true) await this.forgetSets(setsToForget(found, oldSets))
    return this.lookAgain(found, status)
  }

  private async forgetSets(sets: readonly ReplicaSet[]): Promise<void> {
    for (const set of sets) {
      await this.tools.client.delete(set, {
        preconditions: { uid: set.metadata.uid },
        propagationPolicy: 'Background',
      })
    }
  }

  /** A rollout under way is looked at again a second after its deadline, as upstream does. */
  private lookAgain(found: Deployment, status: DeploymentStatus): ReconcileResult {
    if (!this.countsDeadlines || found.spec.paused === true) return {}
    const progressing = status.conditions?.find(({ type }) => type === 'Progressing')
    if (progressing?.reason === 'NewReplicaSetAvailable') return {}
    const remainingMs = remainingTimeMs(progressing, found.spec.progressDeadlineSeconds, this.tools.clock.now())
    return remainingMs === undefined ? {} : { requeueAfterMs: Math.max(0, remainingMs) + 1000 }
  }
}

function scaleAnnotations(found: Deployment): Readonly<Record<string, string>> {
  return {
    [desiredReplicasAnnotation]: String(wantedReplicas(found)),
    [maxReplicasAnnotation]: String(replicasMax(found)),
  }
}
