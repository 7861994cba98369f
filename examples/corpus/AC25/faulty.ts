import { defineScenario } from 'kamera'
import { rolloutController } from './controller.ts'
import { workload } from './workload.ts'

export default defineScenario({ name: 'AC25-faulty', ...workload, controllers: [rolloutController()] })
