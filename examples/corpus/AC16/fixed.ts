import { defineScenario } from 'kamera'
import { cacheController } from './controller-fixed.ts'
import { workload } from './workload.ts'

export default defineScenario({ name: 'AC16-fixed', ...workload, controllers: [cacheController()] })
