/** A controller in Python, by nothing but `docs/host-protocol.md`: ConfigMaps that are copied. */
import { always, apply, defineScenario, hostController } from 'kamera'

const configMap = { apiVersion: 'v1', kind: 'ConfigMap' }
const labels = { copy: 'yes' }

export default defineScenario({
  name: 'python-host',
  controllers: [hostController({ name: 'copier', command: ['python3', 'host.py'] })],
  objects: [{ ...configMap, metadata: { namespace: 'default', name: 'a', labels }, data: { color: 'red' } }],
  actions: [apply({ ...configMap, metadata: { namespace: 'default', name: 'a', labels }, data: { color: 'blue' } })],
  properties: [
    always('a copy has the colour of some time', (cluster) => {
      const copy = cluster.get(configMap, { namespace: 'default', name: 'a-copy' })
      return copy === undefined || ['red', 'blue'].includes(copy['data'].color)
    }),
  ],
})
