import { defineScenario } from 'kamera'
import { volumeController } from './controller-fixed.ts'
import { workload } from './workload.ts'

export default defineScenario({ name: 'AC21-fixed', ...workload, controllers: [volumeController()] })
