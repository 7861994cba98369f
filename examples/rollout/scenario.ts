/**
 * Two Deployments of two replicas in one namespace, rolled to a new image by Kubernetes' own controllers. In every
 * order both end with the new image, no rollout ever has fewer than two pods ready, and none touches the other's pods.
 * `--set 'names=["web"]'` explores one of them, `--set controllers=workloads` leaves out the controllers
 * that have nothing to do here, `--set atOnce=true` collapses them all into the writes that wake them.
 */
import { always, builtin, type ClusterReader, defineScenario, eventually, patch } from 'kamera'

const deploymentType = { apiVersion: 'apps/v1', kind: 'Deployment' }
const replicas = 2

interface Pod {
  readonly metadata: { readonly deletionTimestamp?: string }
  readonly spec: { readonly containers: readonly { readonly image: string }[] }
  readonly status: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] }
}

function deployment(name: string): object {
  return {
    ...deploymentType,
    metadata: { namespace: 'default', name },
    spec: {
      replicas,
      selector: { matchLabels: { app: name } },
      template: { metadata: { labels: { app: name } }, spec: { containers: [{ name: 'main', image: `${name}:1` }] } },
    },
  }
}

function rollToNewImage(name: string) {
  const containers = [{ name: 'main', image: `${name}:2` }]
  return patch({ ...deploymentType, namespace: 'default', name }, { spec: { template: { spec: { containers } } } })
}

function readyPods(name: string, cluster: ClusterReader): readonly Pod[] {
  return cluster
    .list<Pod>({ apiVersion: 'v1', kind: 'Pod' }, { namespace: 'default', labelSelector: { app: name } })
    .filter(({ metadata, status }) => {
      const isReady = status.conditions?.some((condition) => condition.type === 'Ready' && condition.status === 'True')
      return metadata.deletionTimestamp === undefined && isReady === true
    })
}

function isRolledOut(name: string, cluster: ClusterReader): boolean {
  const pods = readyPods(name, cluster)
  return pods.length === replicas && pods.every(({ spec }) => spec.containers[0]?.image === `${name}:2`)
}

interface Parameters {
  readonly names?: readonly string[]
  readonly controllers?: 'workloads' | 'all'
  readonly atOnce?: boolean
}

export default ({ names = ['web', 'api'], controllers = 'all', atOnce = false }: Parameters) =>
  defineScenario({
    name: 'rollout',
    objects: names.map(deployment),
    settled: true,
    controllers: builtin[controllers]({ atOnce }),
    actions: names.map(rollToNewImage),
    properties: [
      always('as many pods are ready as asked for', (cluster) =>
        names.every((name) => readyPods(name, cluster).length >= replicas),
      ),
      eventually('both have the new image', (cluster) => names.every((name) => isRolledOut(name, cluster))),
    ],
  })
