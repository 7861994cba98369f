import { create, defineScenario } from 'kamera'
import { database, databaseController } from './controller-fixed.ts'

export default defineScenario({
  name: 'AC08-fixed',
  kinds: [database],
  controllers: [databaseController()],
  actions: [create({ ...database, metadata: { namespace: 'default', name: 'db' } })],
})
