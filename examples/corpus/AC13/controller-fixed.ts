/**
 * The fixed twin of `controller.ts`: which claims are left over is told from the claims, not from a moment that may be
 * missed; and they go with the datacenter, as its dependents.
 */
import { defineController, type KubernetesObject } from 'kamera'
import { ownedClaimsOf, podsOf } from './manifests.ts'
import { claim, datacenter, pod } from './workload.ts'

export function cassandraController() {
  return defineController({
    name: 'cassandra-operator',
    for: datacenter,
    watches: [
      { ...pod, requests: datacenterOf },
      { ...claim, requests: datacenterOf },
    ],
    reconciler: ({ client, apiReader }) => ({
      async reconcile({ namespace = '', name }) {
        const members = { namespace, labelSelector: { app: name } }
        const pods = await client.list<KubernetesObject>(pod, members)
        const claims = await client.list<KubernetesObject>(claim, members)
        const center = await apiReader.tryGet(datacenter, { namespace, name })
        if (center === undefined) return
        const isThere = ({ metadata }: KubernetesObject) =>
          [...pods, ...claims].some((found) => found.metadata.name === metadata.name)
        for (const wanted of [...ownedClaimsOf(center), ...podsOf(center)])
          if (!isThere(wanted)) await client.create(wanted)
        for (const leaving of pods.filter(({ metadata }) => ordinalOf(metadata.name) >= center.spec.nodes)) {
          if (leaving.metadata.deletionTimestamp === undefined)
            await client.delete(leaving, { preconditions: { uid: leaving.metadata.uid ?? '' } })
        }
        for (const former of claims.filter(({ metadata }) => ordinalOf(metadata.name) >= center.spec.nodes)) {
          const member = former.metadata.name?.replace('data-', '') ?? ''
          if ((await apiReader.tryGet(pod, { namespace, name: member })) !== undefined) continue
          await client.delete(former, { preconditions: { uid: former.metadata.uid ?? '' } })
        }
      },
    }),
  })
}

function ordinalOf(name = ''): number {
  return Number(name.slice(name.lastIndexOf('-') + 1))
}

function datacenterOf({ metadata: { namespace = '', labels } }: KubernetesObject) {
  return labels?.app === undefined ? [] : [{ namespace, name: labels.app }]
}
