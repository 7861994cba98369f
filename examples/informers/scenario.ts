/**
 * `startOperator` is the program's own function and runs unchanged. A crash between the user's deletion and the event
 * leaves the Secret behind.
 */
import type { KubeConfig } from '@kubernetes/client-node'
import { apply, defineInformers, defineScenario, remove } from 'kamera'
import { startOperator } from './operator.ts'

const settings = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'settings' }, data: { color: 'blue' } }

export default defineScenario({
  name: 'informers',
  controllers: [
    defineInformers({
      name: 'copier',
      watches: [{ apiVersion: 'v1', kind: 'ConfigMap' }],
      start: ({ kubeConfig }) => startOperator(kubeConfig as KubeConfig),
    }),
  ],
  garbageCollection: false,
  actions: [apply(settings), remove({ apiVersion: 'v1', kind: 'ConfigMap', name: 'settings' })],
})
