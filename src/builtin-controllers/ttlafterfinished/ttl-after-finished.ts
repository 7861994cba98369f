/**
 * The TTL-after-finished controller: deletes a Job, with its pods, `ttlSecondsAfterFinished` after its end.
 * Source: https://kubernetes.io/docs/concepts/workloads/controllers/ttlafterfinished/
 */
import type { ReconcileRequest, ReconcileResult, Reconciler, ReconcilerTools } from '#controller/controller.ts'
import { type Controller, defineController } from '#controller/define-controller.ts'
import { endOf, type Job, jobType } from '../job/job-kind.ts'
import { controllerManagerProcess } from '../processes.ts'
import { unlessGone } from '../unless-gone.ts'

export function ttlAfterFinished(): Controller {
  return defineController({
    name: 'ttl-after-finished',
    process: controllerManagerProcess,
    for: { ...jobType, predicate: ({ type, object }) => type !== 'DELETED' && expiryMs(object as Job) !== undefined },
    reconciler: (tools) => new TtlAfterFinished(tools),
  })
}

class TtlAfterFinished implements Reconciler {
  private readonly tools: ReconcilerTools

  constructor(tools: ReconcilerTools) {
    this.tools = tools
  }

  async reconcile(request: ReconcileRequest): Promise<ReconcileResult> {
    const { client, apiReader, clock } = this.tools
    const job = await client.tryGet<Job>(jobType, request)
    const expiry = job === undefined ? undefined : expiryMs(job)
    if (expiry === undefined) return {}
    const remainingMs = expiry - clock.now().getTime()
    if (remainingMs > 0) return { requeueAfterMs: remainingMs }
    // The TTL may have been raised meanwhile: before it deletes, upstream asks the API server once more.
    const latest = await apiReader.tryGet<Job>(jobType, request)
    if (latest === undefined || (expiryMs(latest) ?? Number.POSITIVE_INFINITY) > expiry) return {}
    const preconditions = { uid: latest.metadata.uid }
    await unlessGone(client.delete(latest, { propagationPolicy: 'Foreground', preconditions }))
    return {}
  }
}

/** When a Job is to be deleted; undefined: never, not yet known, or it is being deleted already. */
function expiryMs(job: Job): number | undefined {
  const { ttlSecondsAfterFinished } = job.spec
  const { lastTransitionTime } = endOf(job) ?? {}
  if (ttlSecondsAfterFinished === undefined || lastTransitionTime === undefined) return undefined
  if (job.metadata.deletionTimestamp !== undefined) return undefined
  return Date.parse(lastTransitionTime) + ttlSecondsAfterFinished * 1000
}
