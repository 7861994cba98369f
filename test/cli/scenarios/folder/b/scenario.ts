import { defineScenario } from 'kamera'

export default defineScenario({
  name: 'one-map',
  controllers: [],
  objects: [{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'one' } }],
})
