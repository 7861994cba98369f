/**
 * A Pipeline runs its steps as Jobs, one after the other: the next one begins when the one before is complete.
 *
 * A step may run twice: the Job controller knows from memory which Pods it has made, and one that starts anew on an old
 * list makes another. Kubernetes says so of Jobs, whatever their completions, so a step has to bear it; what this scenario
 * compares is how the Pipeline and its Jobs end.
 */
import { builtin, create, defineController, defineScenario, type KubernetesObject } from 'kamera'

const pipeline = { apiVersion: 'example.kamera.dev/v1', kind: 'Pipeline' }
const job = { apiVersion: 'batch/v1', kind: 'Job' }

interface Job extends KubernetesObject {
  readonly status?: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] }
}

const pipelineController = defineController({
  name: 'pipeline-operator',
  for: pipeline,
  owns: [job],
  reconciler: ({ client }) => ({
    async reconcile({ namespace = '', name }) {
      const object = await client.tryGet(pipeline, { namespace, name })
      if (object === undefined || object.status?.phase === 'Done') return
      for (const step of object.spec.steps as readonly string[]) {
        const existing = await client.tryGet<Job>(job, { namespace, name: `${name}-${step}` })
        if (existing === undefined) {
          await client.create(jobOf(object, step))
          return
        }
        if (!isComplete(existing)) return
      }
      await client.status().update({ ...object, status: { phase: 'Done' } })
    },
  }),
})

function isComplete({ status }: Job): boolean {
  return status?.conditions?.some(({ type, status: state }) => type === 'Complete' && state === 'True') === true
}

function jobOf({ metadata: { namespace, name, uid } }: KubernetesObject, step: string) {
  const ownerReferences = [{ ...pipeline, name, uid, controller: true }]
  return {
    ...job,
    metadata: { namespace, name: `${name}-${step}`, ownerReferences },
    spec: { template: { spec: { restartPolicy: 'Never', containers: [{ name: step, image: step }] } } },
  }
}

export default defineScenario({
  name: 'job-runner',
  kinds: [pipeline],
  controllers: [pipelineController, builtin.job(), builtin.podLifecycle()],
  actions: [
    create({ ...pipeline, metadata: { namespace: 'default', name: 'release' }, spec: { steps: ['build', 'ship'] } }),
  ],
  ignoreInOutcomes: [
    { apiVersion: 'v1', kind: 'Pod', reason: 'a Job may run its program twice' },
    { ...job, path: 'status.succeeded', reason: 'a Job may run its program twice' },
  ],
})
