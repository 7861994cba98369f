import { defineScenario } from 'kamera'
import { databaseController } from './controller.ts'
import { workload } from './workload.ts'

export default defineScenario({ name: 'AC05-faulty', ...workload, controllers: [databaseController()] })
