import { defineScenario } from 'kamera'
import { volumeController } from './controller.ts'
import { workload } from './workload.ts'

export default defineScenario({ name: 'AC21-faulty', ...workload, controllers: [volumeController()] })
