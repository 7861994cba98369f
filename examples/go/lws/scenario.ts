/**
 * LeaderWorkerSet as it is published, its controllers and webhooks unmodified: one group of a leader and a worker. What
 * is found is in README.md.
 */
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { apply, builtin, defineScenario, goController } from 'kamera'

const module = ['list', '-m', '-f', '{{.Dir}}', 'sigs.k8s.io/lws']
const sources = execFileSync('go', module, { cwd: import.meta.dirname, encoding: 'utf8' }).trim()

const set = {
  apiVersion: 'leaderworkerset.x-k8s.io/v1',
  kind: 'LeaderWorkerSet',
  metadata: { namespace: 'default', name: 'serve' },
  spec: {
    replicas: 1,
    leaderWorkerTemplate: {
      size: 2,
      workerTemplate: { spec: { containers: [{ name: 'main', image: 'serve:1' }] } },
    },
  },
}

export default defineScenario({
  name: 'go-lws',
  crds: [join(sources, 'config/crd/bases/leaderworkerset.x-k8s.io_leaderworkersets.yaml')],
  objects: [join(sources, 'config/webhook/manifests.yaml')],
  controllers: [goController({ name: 'lws-controller' }), builtin.statefulset(), builtin.podLifecycle()],
  actions: [apply(set)],
})
