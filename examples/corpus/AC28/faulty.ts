import { defineScenario } from 'kamera'
import { machineSetController } from './controller.ts'
import { workload } from './workload.ts'

export default defineScenario({ name: 'AC28-faulty', ...workload, controllers: [machineSetController()] })
