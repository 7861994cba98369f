/** What a trace calls things: objects by kind, namespace and name; versions by decimal strings. */
import type { KubernetesObject, TypeReference } from '#api/object.ts'
import type { ObjectName } from '#trace/path.ts'
import type { ApiCall } from '#trace/trace-event.ts'

export function objectName(kind: string, namespace: string | undefined, name: string): ObjectName {
  return namespace === undefined || namespace === '' ? `${kind} ${name}` : `${kind} ${namespace}/${name}`
}

/** Items of a recorded list lack their kind: it is that of the call. */
export function nameOfObject(object: KubernetesObject, type: TypeReference): ObjectName {
  return objectName(object.kind ?? type.kind, object.metadata?.namespace, object.metadata?.name ?? '')
}

/** The kind of `Kind namespace/name`. */
export function kindOf(object: ObjectName): string {
  const end = object.indexOf(' ')
  return end < 0 ? object : object.slice(0, end)
}

/** The objects that a call was answered with, or none. */
export function answeredObjects(call: ApiCall): readonly KubernetesObject[] {
  const { response } = call
  if ('items' in response) return response.items
  return 'object' in response && response.object !== null && response.object.metadata !== undefined
    ? [response.object]
    : []
}

/** The content that a write gave an object, where its answer shows it. */
export function committedContent(call: ApiCall, object: ObjectName, version: string): KubernetesObject | undefined {
  if (call.partial === true) return undefined
  return answeredObjects(call).find(
    (each) => each.metadata.resourceVersion === version && nameOfObject(each, call.object) === object,
  )
}

/** Less than 0 where `left` is older. An unknown version (empty) is equal to any. */
export function compareVersions(left: string, right: string): number {
  if (left === right || left === '' || right === '') return 0
  if (left.length !== right.length) return left.length - right.length
  return left < right ? -1 : 1
}

/** `namespace/name` of a request. */
export function requestName({ namespace, name }: { readonly namespace?: string; readonly name: string }): string {
  return namespace === undefined || namespace === '' ? name : `${namespace}/${name}`
}

export function isWrite({ verb }: ApiCall): boolean {
  return verb !== 'get' && verb !== 'list'
}
