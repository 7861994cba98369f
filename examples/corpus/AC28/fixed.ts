import { defineScenario } from 'kamera'
import { machineSetController } from './controller-fixed.ts'
import { workload } from './workload.ts'

export default defineScenario({ name: 'AC28-fixed', ...workload, controllers: [machineSetController()] })
