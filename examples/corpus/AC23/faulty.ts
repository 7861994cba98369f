import { defineScenario } from 'kamera'
import { statusControllers } from './controller.ts'
import { workload } from './workload.ts'

export default defineScenario({ name: 'AC23-faulty', ...workload, controllers: [...statusControllers()] })
