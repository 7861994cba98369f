import { defineScenario } from 'kamera'
import { databaseController } from './controller-fixed.ts'
import { workload } from './workload.ts'

export default defineScenario({ name: 'AC05-fixed', ...workload, controllers: [databaseController()] })
