/** A cache is created, and deleted as `kubectl delete` does it. */
import { create, remove } from 'kamera'

export const cache = { apiVersion: 'example.kamera.dev/v1', kind: 'Cache' }
export const statefulSet = { apiVersion: 'apps/v1', kind: 'StatefulSet' }

export const workload = {
  kinds: [cache],
  actions: [
    create({ ...cache, metadata: { namespace: 'default', name: 'sessions' }, spec: { replicas: 1 } }),
    remove({ ...cache, namespace: 'default', name: 'sessions' }),
  ],
}

// biome-ignore lint/suspicious/noExplicitAny: an object of a kind without a schema
export function statefulSetOf({ apiVersion, kind, metadata: { namespace, name, uid }, spec: { replicas } }: any) {
  const labels = { app: name }
  return {
    ...statefulSet,
    metadata: { namespace, name, ownerReferences: [{ apiVersion, kind, name, uid, controller: true }] },
    spec: {
      replicas,
      serviceName: name,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: 'cache', image: 'cache' }] } },
    },
  }
}
