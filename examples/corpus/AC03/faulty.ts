import { builtin, defineScenario } from 'kamera'
import { cassandraController } from './controller.ts'
import { workload } from './workload.ts'

export default defineScenario({
  name: 'AC03-faulty',
  ...workload,
  controllers: [cassandraController(), builtin.statefulset(), builtin.podLifecycle()],
})
