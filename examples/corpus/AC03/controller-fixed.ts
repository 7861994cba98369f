/**
 * The fixed twin of `controller.ts`: a claim goes when no member can need it, by what the API server says: the
 * datacenter does not want the member, and the StatefulSet, which only this operator scales, has shrunk to less.
 */
import { defineController, type KubernetesObject } from 'kamera'
import { claimsOf, hasSettled, ordinalOf, statefulSetOf } from './manifests.ts'
import { claim, datacenter, pod, statefulSet } from './workload.ts'

export function cassandraController() {
  return defineController({
    name: 'cassandra-operator',
    for: datacenter,
    owns: [statefulSet, claim],
    watches: [{ ...pod, requests: datacenterOf }],
    reconciler: ({ client, apiReader }) => ({
      async reconcile({ namespace = '', name }) {
        const center = await client.tryGet(datacenter, { namespace, name })
        if (center === undefined) return
        const claims = await client.list<KubernetesObject>(claim, { namespace, labelSelector: { app: name } })

        const live = await apiReader.tryGet(statefulSet, { namespace, name })
        if (live !== undefined && hasSettled(live)) {
          const { spec } = await apiReader.get(datacenter, { namespace, name })
          const members = Math.max(live.spec.replicas, spec.nodes)
          for (const former of claims.filter((candidate) => ordinalOf(candidate) >= members)) {
            await client.delete(former, { preconditions: { uid: former.metadata.uid ?? '' } })
          }
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
