/**
 * The demo: a ZooKeeper operator that deletes the data of a running member.
 * The operator is in `operator/`; `fixed/scenario.ts` is the same with the bug mended.
 */
import { builtin, defineScenario } from 'kamera'
import { removeClaimsOfFormerMembers } from './operator/former-members.ts'
import { zookeeperOperator } from './operator/operator.ts'
import { membersKeepTheirClaims, scaleDownAndUp } from './workload.ts'

export default defineScenario({
  name: 'zookeeper',
  crds: ['./crd.yaml'],
  objects: ['./cluster.yaml', './zk.yaml'],
  settled: true,
  controllers: [zookeeperOperator({ removeClaimsOfFormerMembers }), ...builtin.workloads()],
  actions: scaleDownAndUp,
  properties: [membersKeepTheirClaims],
})
