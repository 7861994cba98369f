/**
 * The stable identity of a StatefulSet's pods: ordinal, name, labels, and the claims that go with them.
 * Source: https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#pod-identity
 */
import type { KubernetesObject } from '#api/object.ts'
import type { Pod, PodSpec, PodTemplate, StatefulSet } from '../kinds.ts'

export const revisionLabel = 'controller-revision-hash'
const podNameLabel = 'statefulset.kubernetes.io/pod-name'
const podIndexLabel = 'apps.kubernetes.io/pod-index'

function podName(set: StatefulSet, ordinal: number): string {
  return `${set.metadata.name}-${ordinal}`
}

/** The ordinal in a pod's name, or undefined when the name is not of the form `<statefulset>-<ordinal>`. */
export function ordinalOf(set: StatefulSet, pod: Pod): number | undefined {
  const prefix = `${set.metadata.name}-`
  const digits = pod.metadata.name.slice(prefix.length)
  return pod.metadata.name.startsWith(prefix) && /^(0|[1-9][0-9]*)$/.test(digits) ? Number(digits) : undefined
}

function claimName(set: StatefulSet, template: string, ordinal: number): string {
  return `${template}-${podName(set, ordinal)}`
}

/** Whether the set wants a pod of this ordinal. */
export function isInRange(set: StatefulSet, ordinal: number): boolean {
  const start = set.spec.ordinals?.start ?? 0
  return ordinal >= start && ordinal < start + (set.spec.replicas ?? 1)
}

/** The pod of an ordinal, of the template of a revision. */
export function podOf(
  set: StatefulSet,
  ordinal: number,
  { revision, template }: { readonly revision: string; readonly template: PodTemplate },
): KubernetesObject {
  const { serviceName } = set.spec
  const name = podName(set, ordinal)
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      ...namespaceOf(set),
      labels: {
        ...template.metadata?.labels,
        [podNameLabel]: name,
        [podIndexLabel]: String(ordinal),
        [revisionLabel]: revision,
      },
      ...(template.metadata?.annotations === undefined ? {} : { annotations: template.metadata.annotations }),
      ownerReferences: [
        {
          apiVersion: set.apiVersion,
          kind: set.kind,
          name: set.metadata.name,
          uid: set.metadata.uid,
          controller: true,
          blockOwnerDeletion: true,
        },
      ],
    },
    spec: {
      ...template.spec,
      hostname: name,
      ...(serviceName === undefined ? {} : { subdomain: serviceName }),
      ...volumesOf(set, ordinal, template),
    },
  }
}

/** The claims of an ordinal, as they are made; `claims.ts` gives them owners where the set asks for it. */
export function claimsOf(set: StatefulSet, ordinal: number): readonly KubernetesObject[] {
  return (set.spec.volumeClaimTemplates ?? []).map((template) => ({
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: {
      name: claimName(set, template.metadata.name, ordinal),
      ...namespaceOf(set),
      labels: { ...template.metadata.labels, ...set.spec.selector?.matchLabels },
      ...(template.metadata.annotations === undefined ? {} : { annotations: template.metadata.annotations }),
    },
    ...(template.spec === undefined ? {} : { spec: template.spec }),
  }))
}

/** The template's volumes and one for each claim; a claim takes the place of a volume of the same name. */
function volumesOf(set: StatefulSet, ordinal: number, template: PodTemplate): Pick<PodSpec, 'volumes'> {
  const claims = (set.spec.volumeClaimTemplates ?? []).map(({ metadata }) => ({
    name: metadata.name,
    persistentVolumeClaim: { claimName: claimName(set, metadata.name, ordinal) },
  }))
  const others = (template.spec?.volumes ?? []).filter(({ name }) => claims.every((claim) => claim.name !== name))
  const volumes = [...claims, ...others]
  return volumes.length === 0 ? {} : { volumes }
}

function namespaceOf(set: StatefulSet): { readonly namespace?: string } {
  return set.metadata.namespace === undefined ? {} : { namespace: set.metadata.namespace }
}
