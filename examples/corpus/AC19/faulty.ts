import { builtin, defineScenario } from 'kamera'
import { searchController } from './controller.ts'
import { workload } from './workload.ts'

export default defineScenario({
  name: 'AC19-faulty',
  ...workload,
  controllers: [searchController(), builtin.podLifecycle()],
})
