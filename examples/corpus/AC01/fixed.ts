import { defineScenario } from 'kamera'
import { zookeeperController } from './controller-fixed.ts'
import { workload } from './workload.ts'

export default defineScenario({ name: 'AC01-fixed', ...workload, controllers: [zookeeperController()] })
