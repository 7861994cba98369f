/**
 * A controller of plain client-go, as sample-controller is: informers, listers and a work queue, no controller-runtime.
 * The controller is in `controller/`; only `main.go` knows Kamera. What is found: a Deployment that is made and deleted
 * while the watch of Deployments is broken is never made again, since its informer has never heard of it. A factory
 * with a resync period mends that in the end.
 */
import { create, defineScenario, eventually, goController, patch, remove } from 'kamera'

const configMap = { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'default', name: 'web' }
const deployment = { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'default', name: 'web' }

export default defineScenario({
  name: 'go-client-go',
  controllers: [goController({ name: 'deployer', command: ['go', 'run', './client-go'], directory: '..' })],
  actions: [
    create({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { namespace: 'default', name: 'web', labels: { deploy: 'yes' } },
      data: { image: 'web:1', replicas: '1' },
    }),
    patch(configMap, { data: { replicas: '2' } }),
    remove(deployment),
  ],
  properties: [eventually('two replicas', (cluster) => cluster.get(deployment, deployment)?.spec.replicas === 2)],
})
