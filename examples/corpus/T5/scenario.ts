/**
 * A rolling update of a Deployment makes a second pod for one replica, as its maxSurge allows, and deletes the first.
 * None of them is a duplicate, and no alarm is to be raised.
 */
import { always, builtin, type ClusterReader, defineScenario, type KubernetesObject, patch } from 'kamera'

const deployment = { apiVersion: 'apps/v1', kind: 'Deployment' }
const key = { namespace: 'default', name: 'web' }
const replicas = 1
const maxSurge = 1

const labels = { app: 'web' }
const template = (image: string) => ({ metadata: { labels }, spec: { containers: [{ name: 'web', image }] } })

interface ReplicaSet {
  readonly spec: { readonly replicas: number }
}

interface Pod extends KubernetesObject {
  readonly status?: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] }
}

/** Pods on their way out do not count, as for the Deployment itself. */
function podsOf(cluster: ClusterReader): readonly Pod[] {
  const pods = cluster.list<Pod>({ apiVersion: 'v1', kind: 'Pod' })
  return pods.filter(({ metadata }) => metadata.deletionTimestamp === undefined)
}

function isReady({ status }: Pod): boolean {
  return status?.conditions?.some(({ type, status: state }) => type === 'Ready' && state === 'True') === true
}

export default defineScenario({
  name: 'T5',
  objects: [
    {
      ...deployment,
      metadata: key,
      spec: {
        replicas,
        selector: { matchLabels: labels },
        strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge, maxUnavailable: 0 } },
        template: template('web:1'),
      },
    },
  ],
  settled: true,
  controllers: [builtin.deployment(), builtin.replicaset(), builtin.podLifecycle()],
  actions: [patch({ ...deployment, ...key }, { spec: { template: template('web:2') } })],
  properties: [
    always('no more replicas than asked for, and the surge', (cluster) => {
      const sets = cluster.list<ReplicaSet>({ apiVersion: 'apps/v1', kind: 'ReplicaSet' })
      return sets.reduce((sum, { spec }) => sum + spec.replicas, 0) <= replicas + maxSurge
    }),
    always('as many pods are ready as asked for', (cluster) => podsOf(cluster).filter(isReady).length >= replicas),
  ],
})
