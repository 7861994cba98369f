/**
 * JobSet as it is published, its controllers and webhooks unmodified: a set of one Job that runs to its end. What is
 * found is in README.md.
 */
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { apply, builtin, defineScenario, goController } from 'kamera'

const module = ['list', '-m', '-f', '{{.Dir}}', 'sigs.k8s.io/jobset']
const sources = execFileSync('go', module, { cwd: import.meta.dirname, encoding: 'utf8' }).trim()

const job = {
  backoffLimit: 0,
  template: { spec: { containers: [{ name: 'main', image: 'train:1' }] } },
}

const train = {
  apiVersion: 'jobset.x-k8s.io/v1alpha2',
  kind: 'JobSet',
  metadata: { namespace: 'default', name: 'train' },
  spec: { replicatedJobs: [{ name: 'workers', replicas: 1, template: { spec: job } }] },
}

export default defineScenario({
  name: 'go-jobset',
  crds: [join(sources, 'config/components/crd/bases/jobset.x-k8s.io_jobsets.yaml')],
  objects: [join(sources, 'config/components/webhook/manifests.yaml')],
  controllers: [goController({ name: 'jobset-controller' }), builtin.job(), builtin.podLifecycle()],
  actions: [apply(train)],
})
