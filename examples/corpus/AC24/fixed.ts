import { defineScenario } from 'kamera'
import { rolloutControllers } from './controller-fixed.ts'
import { workload } from './workload.ts'

export default defineScenario({ name: 'AC24-fixed', ...workload, controllers: [...rolloutControllers()] })
