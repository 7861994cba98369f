import { defineScenario } from 'kamera'
import { cacheController } from './controller.ts'
import { workload } from './workload.ts'

export default defineScenario({ name: 'AC16-faulty', ...workload, controllers: [cacheController()] })
