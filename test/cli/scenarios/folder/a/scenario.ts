import { apply, defineScenario, remove } from 'kamera'

export default defineScenario({
  name: 'two-maps',
  controllers: [],
  objects: ['../maps.yaml'],
  actions: [apply('../maps.yaml', { at: 'rest' }), remove({ kind: 'ConfigMap', name: 'one' })],
})
