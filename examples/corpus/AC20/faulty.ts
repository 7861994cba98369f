import { defineScenario } from 'kamera'
import { topologyController } from './controller.ts'
import { workload } from './workload.ts'

export default defineScenario({ name: 'AC20-faulty', ...workload, controllers: [topologyController()] })
