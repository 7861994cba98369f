import { builtin, defineScenario } from 'kamera'
import { searchController } from './controller-fixed.ts'
import { workload } from './workload.ts'

export default defineScenario({
  name: 'AC19-fixed',
  ...workload,
  controllers: [searchController(), builtin.podLifecycle()],
})
