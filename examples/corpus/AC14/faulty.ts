import { defineScenario } from 'kamera'
import { cassandraController } from './controller.ts'
import { workload } from './workload.ts'

export default defineScenario({ name: 'AC14-faulty', ...workload, controllers: [cassandraController()] })
