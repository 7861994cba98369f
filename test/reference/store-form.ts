/**
 * The store without versions, as canonical JSON: what `stores` and `outcomes` of the reference search hold. Real
 * objects are brought to the same form, so that the explorer's stores and outcomes can be compared with them.
 */
import type { KubernetesObject } from '#api/object.ts'
import { canonicalJson, type ObjectVersion, type Store } from './store.ts'

/** An owner reference is to the live object of that name, or dangling. */
interface StoredForm {
  readonly kind: string
  readonly name: string
  readonly spec: unknown
  readonly status: unknown
  readonly labels: unknown
  readonly annotations: unknown
  readonly finalizers: readonly string[] | undefined
  readonly terminating: boolean
  readonly owner: { readonly kind: string; readonly name: string; readonly live: boolean } | undefined
}

export function storeForm(store: Store): string {
  const objects = Object.values(store.objects)
  return formOf(objects.map((object) => formOfVersion(object, objects)))
}

/** The same form of real objects. Leave out objects of other groups (Namespaces, …) before. */
export function storeFormOfObjects(objects: readonly KubernetesObject[]): string {
  return formOf(objects.map((object) => formOfObject(object, objects)))
}

function formOfVersion(object: ObjectVersion, objects: readonly ObjectVersion[]): StoredForm {
  const { kind, name, spec, status, terminating, owner } = object
  return {
    kind,
    name,
    spec,
    status,
    labels: nonEmpty(object.labels),
    annotations: nonEmpty(object.annotations),
    finalizers: object.finalizers.length > 0 ? object.finalizers : undefined,
    terminating,
    owner: owner && { kind: owner.kind, name: owner.name, live: objects.some((other) => other.uid === owner.uid) },
  }
}

function formOfObject(object: KubernetesObject, objects: readonly KubernetesObject[]): StoredForm {
  const { metadata } = object
  const owner = metadata.ownerReferences?.[0]
  const finalizers = metadata.finalizers ?? []
  return {
    kind: object.kind,
    name: metadata.name ?? '',
    spec: object['spec'],
    status: object['status'],
    labels: nonEmpty(metadata.labels),
    annotations: nonEmpty(metadata.annotations),
    finalizers: finalizers.length > 0 ? finalizers : undefined,
    terminating: metadata.deletionTimestamp !== undefined,
    owner: owner && {
      kind: owner.kind,
      name: owner.name,
      live: objects.some((other) => other.metadata.uid === owner.uid),
    },
  }
}

/** Empty maps of metadata are not stored. */
function nonEmpty(fields: Readonly<Record<string, unknown>> | undefined): unknown {
  return fields === undefined || Object.keys(fields).length === 0 ? undefined : fields
}

function formOf(objects: readonly StoredForm[]): string {
  const sorted = [...objects].sort((left, right) =>
    `${left.kind}/${left.name}` < `${right.kind}/${right.name}` ? -1 : 1,
  )
  return canonicalJson(sorted)
}
