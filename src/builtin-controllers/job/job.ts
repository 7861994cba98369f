/**
 * The Job controller: runs pods until enough of them have succeeded. What to do is planned in `job-plan.ts`.
 *
 * Source: https://kubernetes.io/docs/concepts/workloads/controllers/job/
 * Left out: tracking with finalizers (a pod that has succeeded and is deleted before its Job has ended is run again),
 * the growing delay between failures, pod failure and success policies, backoffLimitPerIndex, completionTime, and
 * startTime where no deadline counts from it. Jobs are removed after their time by `../ttlafterfinished`.
 */
import { equalJson } from '#api/equal.ts'
import { formatTimestamp } from '#api/identity.ts'
import type { KubernetesObject } from '#api/object.ts'
import { controllerReferenceTo } from '#api/owner-reference.ts'
import { ApiError } from '#api/status.ts'
import type {
  Predicate,
  ReconcileRequest,
  ReconcileResult,
  Reconciler,
  ReconcilerTools,
} from '#controller/controller.ts'
import { type Controller, defineController } from '#controller/define-controller.ts'
import { candidatesFor, claim } from '../claim.ts'
import { Expectations, expectationMemory } from '../expectations.ts'
import { type Pod, podType } from '../kinds.ts'
import { hasEnded, isReady, isTerminating } from '../pod-state.ts'
import { controllerManagerProcess } from '../processes.ts'
import { endOf, type Job, jobType } from './job-kind.ts'
import { countStatus, deadlineOf, endsNow, indexAnnotation, type JobPlan, planJob } from './job-plan.ts'

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
    !equalJson(before.metadata.labels, after.metadata.labels) ||
    !equalJson(before.metadata.ownerReferences, after.metadata.ownerReferences)
  )
}

class JobReconciler implements Reconciler {
  readonly expectations: Expectations
  private readonly tools: ReconcilerTools

  constructor(tools: ReconcilerTools) {
    this.tools = tools
    this.expectations = new Expectations(tools)
  }

  async reconcile(request: ReconcileRequest): Promise<ReconcileResult> {
    const { client, clock } = this.tools
    const found = await client.tryGet<Job>(jobType, request)
    if (found === undefined) {
      this.expectations.forget(request)
      return {}
    }
    if (endOf(found) !== undefined) return {}
    const candidates = await candidatesFor<Pod>(found, found.spec.selector, podType, client)
    const mayAct = await this.expectations.areFulfilled(request, candidates.owned)
    const pods = await claim(found, candidates, this.tools)
    if (!mayAct || found.metadata.deletionTimestamp !== undefined) return {}
    const deadline = deadlineOf(found, clock)
    const plan = planJob(found, pods, deadline)
    await this.carryOut(request, found, plan)
    // Only who removes Jobs after their time asks when they ended.
    const timed = found.spec.ttlSecondsAfterFinished !== undefined && endsNow(pods, plan)
    const status = countStatus(found, pods, plan, {
      startTime: deadline?.startTime,
      endedAt: timed ? formatTimestamp(clock.now().getTime()) : undefined,
    })
    const result = deadline === undefined || plan.end !== undefined ? {} : { requeueAfterMs: deadline.remainingMs }
    if (equalJson(status, found.status)) return result
    if (plan.create.length + plan.delete.length === 0) this.expectations.forget(request)
    await client.status().update({ ...found, status: { ...status } })
    return result
  }

  private async carryOut(request: ReconcileRequest, found: Job, plan: JobPlan): Promise<void> {
    const created: Pod[] = []
    const deleted: Pod[] = []
    try {
      for (const index of plan.create) created.push((await this.tools.client.create(podOf(found, index))) as Pod)
      for (const pod of plan.delete) {
        await this.deletePod(pod)
        deleted.push(pod)
      }
    } finally {
      this.expectations.expect(request, created, deleted)
    }
  }

  private async deletePod(pod: Pod): Promise<void> {
    try {
      await this.tools.client.delete(pod, { preconditions: { uid: pod.metadata.uid } })
    } catch (error) {
      if (!(error instanceof ApiError && error.isNotFound)) throw error
    }
  }
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
      ...(hasAnnotations ? { annotations: { ...metadata.annotations, ...mark } } : {}),
      ownerReferences: [controllerReferenceTo(found)],
    },
    spec: index === undefined ? spec : { ...spec, hostname: `${name}-${index}` },
  }
}
