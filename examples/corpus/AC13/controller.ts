/**
 * A Cassandra operator that deletes the claims of members that leave.
 * From cassandra-operator #398: it does so while it can see the pod being deleted. When it looks too late the pod is
 * gone, and a claim without a pod, which has no owner reference either, is never looked at again.
 */
import { defineController, type KubernetesObject } from 'kamera'
import { claimsOf, podsOf } from './manifests.ts'
import { claim, datacenter, pod } from './workload.ts'

export function cassandraController() {
  return defineController({
    name: 'cassandra-operator',
    for: datacenter,
    watches: [
      { ...pod, requests: datacenterOf },
      { ...claim, requests: datacenterOf },
    ],
    reconciler: ({ client }) => ({
      async reconcile({ namespace = '', name }) {
        const members = { namespace, labelSelector: { app: name } }
        const pods = await client.list<KubernetesObject>(pod, members)
        const claims = await client.list<KubernetesObject>(claim, members)
        for (const { metadata } of pods.filter((candidate) => candidate.metadata.deletionTimestamp !== undefined)) {
          const former = claims.find((candidate) => candidate.metadata.name === `data-${metadata.name}`)
          if (former !== undefined) await client.delete(former)
        }

        const center = await client.tryGet(datacenter, { namespace, name })
        if (center === undefined) return
        const isThere = ({ metadata }: KubernetesObject) =>
          [...pods, ...claims].some((found) => found.metadata.name === metadata.name)
        for (const wanted of [...claimsOf(center), ...podsOf(center)]) if (!isThere(wanted)) await client.create(wanted)
        for (const leaving of pods.filter(({ metadata }) => ordinalOf(metadata.name) >= center.spec.nodes)) {
          if (leaving.metadata.deletionTimestamp === undefined)
            await client.delete(leaving, { preconditions: { uid: leaving.metadata.uid ?? '' } })
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
