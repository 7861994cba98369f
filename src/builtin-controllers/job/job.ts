/**
 * The Job controller: runs pods until enough of them have succeeded. What to do is planned in `job-plan.ts`.
 *
 * Source: https://kubernetes.io/docs/concepts/workloads/controllers/job/
 * Left out: the growing delay between failures, pod failure and success policies, backoffLimitPerIndex, completionTime,
 * and startTime where no deadline counts from it. Jobs are removed after their time by `../ttlafterfinished`.
 */
import { equalJson } from '#api/equal.ts'
import { formatTimestamp } from '#api/identity.ts'
import type { Json, KubernetesObject, OwnerReference } from '#api/object.ts'
import { controllerOf, controllerReferenceTo } from '#api/owner-reference.ts'
import type {
  Predicate,
  ReconcileRequest,
  ReconcileResult,
  Reconciler,
  ReconcilerTools,
} from '#controller/controller.ts'
import { type Controller, defineController } from '#controller/define-controller.ts'
import { candidatesFor, claim, mayAdopt } from '../claim.ts'
import { Expectations, expectationMemory } from '../expectations.ts'
import { type Pod, podType } from '../kinds.ts'
import { hasEnded, isReady, isTerminating } from '../pod-state.ts'
import { controllerManagerProcess } from '../processes.ts'
import { unlessGone } from '../unless-gone.ts'
import { endOf, type Job, type JobStatus, jobType } from './job-kind.ts'
import { deadlineOf, endsNow, type JobPlan, planJob, podCounts, type StatusInput, statusOf } from './job-plan.ts'
import {
  counted,
  countsAsFailed,
  indexAnnotation,
  isTracked,
  ledgerOf,
  trackingFinalizer,
  withEnded,
} from './job-tracking.ts'

/** On the pods of Jobs whose selector the API server made. */
const nameLabel = 'batch.kubernetes.io/job-name'

export function job(): Controller {
  return defineController({
    name: 'job',
    process: controllerManagerProcess,
    for: jobType,
    owns: [{ ...podType, predicate: changesCounts }],
    memory: expectationMemory,
    reconciler: (tools) => new JobReconciler(tools),
  })
}

/** Of a pod only what is counted, and what makes it belong to a Job. */
const changesCounts: Predicate = ({ type, object, old }) => {
  if (type !== 'MODIFIED' || old === undefined) return true
  const [before, after] = [old as Pod, object as Pod]
  return (
    hasEnded(before) !== hasEnded(after) ||
    isReady(before) !== isReady(after) ||
    isTerminating(before) !== isTerminating(after) ||
    isTracked(before) !== isTracked(after) ||
    !equalJson(before.metadata.labels, after.metadata.labels) ||
    !equalJson(before.metadata.ownerReferences, after.metadata.ownerReferences)
  )
}

/** What a reconcile has written: notes for the expectations. */
interface Written {
  readonly created: Pod[]
  readonly deleted: Pod[]
  readonly released: Pod[]
  counts?: Json
}

class JobReconciler implements Reconciler {
  readonly expectations: Expectations
  private readonly tools: ReconcilerTools

  constructor(tools: ReconcilerTools) {
    this.tools = tools
    this.expectations = new Expectations(tools, podType, trackingFinalizer)
  }

  async reconcile(request: ReconcileRequest): Promise<ReconcileResult> {
    const { client, clock } = this.tools
    const found = await client.tryGet<Job>(jobType, request)
    await this.releaseStrays(request, found)
    if (found === undefined) {
      this.expectations.forget(request)
      return {}
    }
    if (endOf(found) !== undefined) return {}
    const candidates = await candidatesFor<Pod>(found, found.spec.selector, podType, client)
    const counts = countsIn(found.status)
    const mayAct = await this.expectations.areFulfilled(request, candidates.owned, found, counts)
    const pods = await claim(found, candidates, this.tools, trackingFinalizer)
    if (!mayAct) return {}
    const deadline = deadlineOf(found, clock)
    const ledger = withEnded(ledgerOf(found, pods), found, pods)
    const isLeaving = found.metadata.deletionTimestamp !== undefined
    const plan = isLeaving ? nothing : planJob(found, pods, ledger, deadline)
    const written: Written = { created: [], deleted: [], released: [] }
    try {
      await this.scale(found, plan, written)
      if (
        (await this.account({ job: found, pods, plan, startTime: deadline?.startTime }, written)) &&
        !hasPods(written)
      )
        this.expectations.forget(request)
    } finally {
      this.expectations.expect(request, written.created, written.deleted, written)
    }
    return deadline === undefined || plan.end !== undefined ? {} : { requeueAfterMs: deadline.remainingMs }
  }

  private async scale(found: Job, plan: JobPlan, { created, deleted, released }: Written): Promise<void> {
    for (const index of plan.create) created.push((await this.tools.client.create(podOf(found, index))) as Pod)
    for (const pod of plan.delete) {
      // What is not needed any more is no failure: it is not to be counted. Where the Job ends, all are counted.
      if (plan.end === undefined && isTracked(pod)) await this.release(pod, released)
      await unlessGone(this.tools.client.delete(pod, { preconditions: { uid: pod.metadata.uid } }))
      deleted.push(pod)
    }
  }

  /** Writes down which pods have ended, removes their finalizers, and counts them. Whether the status was written. */
  private async account(
    input: Omit<StatusInput, 'counts' | 'ledger' | 'ended'> & { readonly pods: readonly Pod[] },
    written: Written,
  ): Promise<boolean> {
    const { job: found, pods, plan } = input
    const counts = podCounts(pods, plan)
    const mine = pods.filter((pod) => isTracked(pod) && !written.released.includes(pod))
    const isLeaving = found.metadata.deletionTimestamp !== undefined
    const noted = withEnded(ledgerOf(found, pods), found, mine, plan.end?.type === 'Failed')
    const released = mine.filter(
      (pod) => isLeaving || plan.end !== undefined || pod.status?.phase === 'Succeeded' || countsAsFailed(pod, found),
    )
    const first = await this.writeStatus(found, statusOf({ ...input, counts, ledger: noted, ended: false }), written)
    for (const pod of released) await this.release(pod, written.released)
    const tracked = new Set(mine.filter((pod) => !released.includes(pod)).map(({ metadata }) => metadata.uid))
    const ledger = counted(noted, tracked)
    const ended = endsNow(plan, counts, ledger)
    // Only who removes Jobs after their time asks when they ended.
    const timed = ended && found.spec.ttlSecondsAfterFinished !== undefined
    const endedAt = timed ? formatTimestamp(this.tools.clock.now().getTime()) : undefined
    const last = await this.writeStatus(
      first,
      statusOf({ ...input, job: first, counts, ledger, ended, endedAt }),
      written,
    )
    return last !== found
  }

  private async writeStatus(found: Job, status: JobStatus, written: Written): Promise<Job> {
    if (equalJson(status, found.status)) return found
    const updated = (await this.tools.client.status().update({ ...found, status: { ...status } })) as Job
    const counts = countsIn(status)
    if (!equalJson(counts, countsIn(found.status))) written.counts = counts
    return updated
  }

  /** Pods that are held for a Job which is gone: nobody counts them any more. */
  private async releaseStrays({ namespace = '', name }: ReconcileRequest, found: Job | undefined): Promise<void> {
    const labelSelector = { matchLabels: { [nameLabel]: name } }
    const pods = await this.tools.client.list<Pod>(podType, {
      namespace,
      ...(found === undefined ? {} : { labelSelector }),
    })
    for (const pod of pods.filter(isTracked)) {
      const owner = controllerOf(pod)
      const isGone = owner === undefined || (isJobOf(owner, name) && owner.uid !== found?.metadata.uid)
      if (isGone && !mayAdopt(found?.spec.selector, pod)) await this.release(pod, [])
    }
  }

  private async release(pod: Pod, released: Pod[]): Promise<void> {
    const { uid, finalizers = [] } = pod.metadata
    const rest = finalizers.filter((finalizer) => finalizer !== trackingFinalizer)
    await unlessGone(this.tools.client.patch(pod, { metadata: { uid, finalizers: rest } }, { patchType: 'merge' }))
    released.push(pod)
  }
}

const nothing: JobPlan = { create: [], delete: [], end: undefined }

function hasPods({ created, deleted, released }: Written): boolean {
  return created.length + deleted.length + released.length > 0
}

function isJobOf(owner: OwnerReference, name: string): boolean {
  return owner.kind === jobType.kind && owner.apiVersion === jobType.apiVersion && owner.name === name
}

/** What the next reconcile counts on: one that acted on an older count would run pods again. */
function countsIn(status: JobStatus | undefined): Json {
  const { succeeded = 0, failed = 0, completedIndexes = '', uncountedTerminatedPods = {} } = status ?? {}
  return { succeeded, failed, completedIndexes, uncounted: { ...uncountedTerminatedPods } } as Json
}

/** A pod of the Job; with an index it carries it as annotation, label and hostname. */
function podOf(found: Job, index: number | undefined): KubernetesObject {
  const { metadata = {}, spec = {} } = found.spec.template
  const { name, namespace } = found.metadata
  const mark = index === undefined ? {} : { [indexAnnotation]: String(index) }
  const hasAnnotations = metadata.annotations !== undefined || index !== undefined
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      generateName: index === undefined ? `${name}-` : `${name}-${index}-`,
      ...(namespace === undefined ? {} : { namespace }),
      labels: { ...metadata.labels, ...mark },
      finalizers: [trackingFinalizer],
      ...(hasAnnotations ? { annotations: { ...metadata.annotations, ...mark } } : {}),
      ownerReferences: [controllerReferenceTo(found)],
    },
    spec: index === undefined ? spec : { ...spec, hostname: `${name}-${index}` },
  }
}
