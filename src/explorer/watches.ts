/** What `withResourceDep` means as watches of a controller. */
import { groupOf } from '#api/group-version-kind.ts'
import type { KubernetesObject, TypeReference } from '#api/object.ts'
import type { ReconcileRequest, WatchesOptions } from '#controller/controller.ts'

/** One watch for each kind beside the primary one, which a controller watches as it is. */
export function watchesOf(
  primary: TypeReference | undefined,
  dependencies: readonly TypeReference[],
  isNamespaced: (type: TypeReference) => boolean,
): readonly WatchesOptions[] {
  const others = new Map(dependencies.map((type) => [`${groupOf(type.apiVersion)}/${type.kind}`, type]))
  if (primary !== undefined) others.delete(`${groupOf(primary.apiVersion)}/${primary.kind}`)
  return [...others.values()].map((type) => ({
    ...type,
    requests: (object) => {
      const owners = primary === undefined ? [] : ownersOf(object, primary, isNamespaced(primary))
      return owners.length > 0 ? owners : [requestFor(object.metadata.namespace, object.metadata.name as string)]
    },
  }))
}

function ownersOf(object: KubernetesObject, primary: TypeReference, namespaced: boolean): readonly ReconcileRequest[] {
  return (object.metadata.ownerReferences ?? [])
    .filter(({ apiVersion, kind }) => kind === primary.kind && groupOf(apiVersion) === groupOf(primary.apiVersion))
    .map(({ name }) => requestFor(namespaced ? object.metadata.namespace : undefined, name))
}

function requestFor(namespace: string | undefined, name: string): ReconcileRequest {
  return namespace === undefined ? { name } : { namespace, name }
}
