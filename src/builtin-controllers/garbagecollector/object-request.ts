/**
 * Requests that name an object of any kind. A request is only a namespace and a name, so the garbage collector
 * puts the type into the name: `Kind.version.group/name`, or `Kind.version/name` for the core group, as in
 * `StatefulSet.v1.apps/zk` and `Pod.v1/zk-0`. No kind, version or group contains a slash, no kind or version a dot.
 */
import type { KubernetesObject, NamespacedName, TypeReference } from '#api/object.ts'
import type { ReconcileRequest } from '#controller/controller.ts'

export function requestForObject(object: KubernetesObject): ReconcileRequest {
  const { namespace, name = '' } = object.metadata
  return requestFor(
    { apiVersion: object.apiVersion, kind: object.kind },
    namespace === undefined ? { name } : { namespace, name },
  )
}

/** The object that a request of `requestForObject` names. */
export function objectOfRequest(request: ReconcileRequest): {
  readonly type: TypeReference
  readonly key: NamespacedName
} {
  const slash = request.name.indexOf('/')
  const [kind = '', version = '', ...group] = request.name.slice(0, slash).split('.')
  const apiVersion = group.length === 0 ? version : `${group.join('.')}/${version}`
  return { type: { apiVersion, kind }, key: { ...request, name: request.name.slice(slash + 1) } }
}

function requestFor(type: TypeReference, key: NamespacedName): ReconcileRequest {
  const [version = '', group] = type.apiVersion.split('/').reverse()
  const typeName = group === undefined ? `${type.kind}.${version}` : `${type.kind}.${version}.${group}`
  return { ...key, name: `${typeName}/${key.name}` }
}
