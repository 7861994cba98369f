import { builtin, defineScenario } from 'kamera'
import { cassandraController } from './controller-fixed.ts'
import { workload } from './workload.ts'

export default defineScenario({
  name: 'AC13-fixed',
  ...workload,
  controllers: [cassandraController(), builtin.podLifecycle()],
})
