/**
 * JobSet as it is published, its controllers unmodified: a set of one Job that runs to its end. What is found is in
 * README.md. The manifest has what JobSet's defaulting webhook would add, since webhooks are not run.
 */
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { apply, builtin, defineScenario, goController } from 'kamera'

const module = ['list', '-m', '-f', '{{.Dir}}', 'sigs.k8s.io/jobset']
const sources = execFileSync('go', module, { cwd: import.meta.dirname, encoding: 'utf8' }).trim()

const job = {
  parallelism: 1,
  completions: 1,
  completionMode: 'Indexed',
  backoffLimit: 0,
  template: { spec: { restartPolicy: 'Never', containers: [{ name: 'main', image: 'train:1' }] } },
}

const train = {
  apiVersion: 'jobset.x-k8s.io/v1alpha2',
  kind: 'JobSet',
  metadata: { namespace: 'default', name: 'train' },
  spec: {
    network: { enableDNSHostnames: true, subdomain: 'train', publishNotReadyAddresses: true },
    successPolicy: { operator: 'All' },
    startupPolicy: { startupPolicyOrder: 'AnyOrder' },
    replicatedJobs: [{ name: 'workers', replicas: 1, groupName: 'default', template: { spec: job } }],
  },
}

export default defineScenario({
  name: 'go-jobset',
  crds: [join(sources, 'config/components/crd/bases/jobset.x-k8s.io_jobsets.yaml')],
  controllers: [goController({ name: 'jobset-controller' }), builtin.job(), builtin.podLifecycle()],
  actions: [apply(train)],
})
