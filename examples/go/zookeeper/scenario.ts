/** The demo, `examples/zookeeper`, with its operator in Go: the same bug, the same outcomes. */
import { builtin, defineScenario, goController } from 'kamera'
import { membersKeepTheirClaims, scaleDownAndUp } from '../../zookeeper/workload.ts'

const operator = goController({ name: 'zookeeper', command: ['go', 'run', './zookeeper'], directory: '..' })

export default defineScenario({
  name: 'go-zookeeper',
  crds: ['../../zookeeper/crd.yaml'],
  objects: ['../../zookeeper/cluster.yaml', '../../zookeeper/zk.yaml'],
  settled: true,
  controllers: [operator, ...builtin.workloads()],
  actions: scaleDownAndUp,
  properties: [membersKeepTheirClaims],
})
