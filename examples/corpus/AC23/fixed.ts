import { defineScenario } from 'kamera'
import { statusControllers } from './controller-fixed.ts'
import { workload } from './workload.ts'

export default defineScenario({ name: 'AC23-fixed', ...workload, controllers: [...statusControllers()] })
