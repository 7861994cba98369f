import { defineScenario } from 'kamera'
import { topologyController } from './controller-fixed.ts'
import { workload } from './workload.ts'

export default defineScenario({ name: 'AC20-fixed', ...workload, controllers: [topologyController()] })
