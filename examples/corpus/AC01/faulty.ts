import { defineScenario } from 'kamera'
import { zookeeperController } from './controller.ts'
import { workload } from './workload.ts'

export default defineScenario({ name: 'AC01-faulty', ...workload, controllers: [zookeeperController()] })
