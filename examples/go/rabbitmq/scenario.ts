/** The RabbitMQ cluster operator as it is published, its reconciler unmodified. What is found is in README.md. */
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { apply, builtin, defineScenario, goController } from 'kamera'

const module = ['list', '-m', '-f', '{{.Dir}}', 'github.com/rabbitmq/cluster-operator/v2']
const sources = execFileSync('go', module, { cwd: import.meta.dirname, encoding: 'utf8' }).trim()

const cluster = {
  apiVersion: 'rabbitmq.com/v1beta1',
  kind: 'RabbitmqCluster',
  metadata: { namespace: 'default', name: 'hello-world' },
  spec: { persistence: { storage: '0' } },
}

export default defineScenario({
  name: 'go-rabbitmq',
  crds: [join(sources, 'config/crd/bases/rabbitmq.com_rabbitmqclusters.yaml')],
  controllers: [
    goController({ name: 'rabbitmq-operator', readsClock: true, allowRandom: true }),
    builtin.statefulset(),
    builtin.podLifecycle(),
    builtin.endpoints(),
  ],
  actions: [apply(cluster)],
})
