import { defineScenario } from 'kamera'
import { rolloutController } from './controller-fixed.ts'
import { workload } from './workload.ts'

export default defineScenario({ name: 'AC25-fixed', ...workload, controllers: [rolloutController()] })
