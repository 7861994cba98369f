import { defineScenario } from 'kamera'
import { rolloutControllers } from './controller.ts'
import { workload } from './workload.ts'

export default defineScenario({ name: 'AC24-faulty', ...workload, controllers: [...rolloutControllers()] })
