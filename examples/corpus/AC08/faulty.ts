import { create, defineScenario } from 'kamera'
import { database, databaseController } from './controller.ts'

export default defineScenario({
  name: 'AC08-faulty',
  kinds: [database],
  controllers: [databaseController()],
  actions: [create({ ...database, metadata: { namespace: 'default', name: 'db' } })],
})
