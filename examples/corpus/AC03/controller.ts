/**
 * A Cassandra operator that deletes the claim of a pod that is on its way out.
 * From cassandra-operator #407: pods are looked up in a cache, and the pod that is being deleted there may long have
 * been replaced by another of the same name, whose data then go.
 */
import { defineController, type KubernetesObject } from 'kamera'
import { claimsOf, statefulSetOf } from './manifests.ts'
import { claim, datacenter, pod, statefulSet } from './workload.ts'

export function cassandraController() {
  return defineController({
    name: 'cassandra-operator',
    for: datacenter,
    owns: [statefulSet, claim],
    watches: [{ ...pod, requests: datacenterOf }],
    reconciler: ({ client }) => ({
      async reconcile({ namespace = '', name }) {
        const center = await client.tryGet(datacenter, { namespace, name })
        if (center === undefined) return
        const claims = await client.list<KubernetesObject>(claim, { namespace, labelSelector: { app: name } })

        for (const { metadata } of await client.list(pod, { namespace, labelSelector: { app: name } })) {
          const former = claims.find((candidate) => candidate.metadata.name === `data-${metadata.name}`)
          if (metadata.deletionTimestamp !== undefined && former !== undefined) await client.delete(former)
        }

        for (const wanted of claimsOf(center)) {
          if (!claims.some(({ metadata }) => metadata.name === wanted.metadata.name)) await client.create(wanted)
        }
        const wanted = statefulSetOf(center)
        const set = await client.tryGet(statefulSet, wanted.metadata)
        if (set === undefined) await client.create(wanted)
        else if (set.spec.replicas !== wanted.spec.replicas) {
          await client.update({ ...set, spec: { ...set.spec, replicas: wanted.spec.replicas } })
        }
      },
    }),
  })
}

function datacenterOf({ metadata: { namespace = '', labels } }: KubernetesObject) {
  return labels?.app === undefined ? [] : [{ namespace, name: labels.app }]
}
