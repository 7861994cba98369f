/** A database whose proxy is switched on, off and on again. */
import { create, patch } from 'kamera'

export const database = { apiVersion: 'example.kamera.dev/v1', kind: 'Database' }
export const statefulSet = { apiVersion: 'apps/v1', kind: 'StatefulSet' }

const db = { ...database, metadata: { namespace: 'default', name: 'db' }, spec: { proxy: { enabled: true } } }
const target = { ...database, namespace: 'default', name: 'db' }

export const workload = {
  kinds: [database],
  actions: [
    create(db),
    patch(target, { spec: { proxy: { enabled: false } } }),
    patch(target, { spec: { proxy: { enabled: true } } }),
  ],
}

/** The proxy's StatefulSet. */
// biome-ignore lint/suspicious/noExplicitAny: an object of a kind without a schema
export function proxyOf({ apiVersion, kind, metadata: { namespace, name, uid } }: any) {
  const labels = { app: `${name}-proxy` }
  return {
    ...statefulSet,
    metadata: {
      namespace,
      name: `${name}-proxy`,
      ownerReferences: [{ apiVersion, kind, name, uid, controller: true }],
    },
    spec: {
      replicas: 1,
      serviceName: labels.app,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: 'proxy', image: 'proxy' }] } },
    },
  }
}
