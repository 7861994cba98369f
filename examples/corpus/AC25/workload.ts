/** A rollout is created. It has one ReplicaSet and never any reason to be aborted. */
import { always, create } from 'kamera'

export const rollout = { apiVersion: 'example.kamera.dev/v1', kind: 'Rollout' }
export const replicaSet = { apiVersion: 'apps/v1', kind: 'ReplicaSet' }

export const workload = {
  kinds: [rollout],
  actions: [create({ ...rollout, metadata: { namespace: 'default', name: 'web' }, spec: { replicas: 1 } })],
  properties: [
    always('the rollout is not aborted', (cluster) =>
      cluster.list(rollout).every(({ status }) => status?.phase !== 'Aborted'),
    ),
  ],
}

// biome-ignore lint/suspicious/noExplicitAny: an object of a kind without a schema
export function replicaSetOf({ apiVersion, kind, metadata: { namespace, name, uid }, spec: { replicas } }: any) {
  const labels = { app: name }
  return {
    ...replicaSet,
    metadata: { namespace, name: `${name}-1`, ownerReferences: [{ apiVersion, kind, name, uid, controller: true }] },
    spec: {
      replicas,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: 'web', image: 'web' }] } },
    },
  }
}
