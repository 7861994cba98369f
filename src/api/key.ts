/**
 * Object keys as strings: `namespace/name` inside a kind, and `kind.group namespace/name` for people.
 */

import { groupOf } from './group-version-kind.ts'
import type { KubernetesObject } from './object.ts'

/** `namespace/name`, or `name` for cluster scope. Its string order is that of lists (etcd's order of keys). */
export function namespacedNameKey(namespace: string | undefined, name: string): string {
  return namespace === undefined || namespace === '' ? name : `${namespace}/${name}`
}

/** The key of an object, without its kind. */
export function keyOfObject(object: KubernetesObject): string {
  return namespacedNameKey(object.metadata.namespace, object.metadata.name ?? '')
}

/** `Deployment.apps web/frontend`: names an object in messages. */
export function describeObject(object: KubernetesObject): string {
  const group = groupOf(object.apiVersion)
  return `${group === '' ? object.kind : `${object.kind}.${group}`} ${keyOfObject(object)}`
}
