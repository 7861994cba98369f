/** The demo with the bug mended: `operator/former-members-fixed.ts` in place of `operator/former-members.ts`. */
import { builtin, defineScenario } from 'kamera'
import { removeClaimsOfFormerMembers } from '../operator/former-members-fixed.ts'
import { zookeeperOperator } from '../operator/operator.ts'
import { membersKeepTheirClaims, scaleDownAndUp } from '../workload.ts'

export default defineScenario({
  name: 'zookeeper-fixed',
  crds: ['../crd.yaml'],
  objects: ['../cluster.yaml', '../zk.yaml'],
  settled: true,
  controllers: [zookeeperOperator({ removeClaimsOfFormerMembers }), ...builtin.workloads()],
  actions: scaleDownAndUp,
  properties: [membersKeepTheirClaims],
})
