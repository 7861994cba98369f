/** The demo mended, `examples/zookeeper/fixed`, with its operator in Go. */
import { builtin, defineScenario, goController } from 'kamera'
import { membersKeepTheirClaims, scaleDownAndUp } from '../../zookeeper/workload.ts'

const operator = goController({ name: 'zookeeper', command: ['go', 'run', './zookeeper-fixed'], directory: '..' })

export default defineScenario({
  name: 'go-zookeeper-fixed',
  crds: ['../../zookeeper/crd.yaml'],
  objects: ['../../zookeeper/cluster.yaml', '../../zookeeper/zk.yaml'],
  settled: true,
  controllers: [operator, ...builtin.workloads()],
  actions: scaleDownAndUp,
  properties: [membersKeepTheirClaims],
})
