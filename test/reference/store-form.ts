/**
 * The store without versions, as canonical JSON: what `stores` and `outcomes` of the reference search hold. Real
 * objects are brought to the same form, so that the explorer's stores and outcomes can be compared with them.
 */
import type { KubernetesObject } from '#api/object.ts'
import { canonicalJson, GENERATED_NAME, type ObjectVersion, type Store } from './store.ts'

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
  const generated = objects.flatMap(({ metadata }) => (metadata.generateName === undefined ? [] : [metadata.name]))
  const form = canonicalJson(objects.map((object) => formOfObject(object, objects)))
  const spelt = generated.reduce<string>(
    (text, name = '', place) => text.replaceAll(`"${name}"`, `"${prefixOf(objects, name)}${placeholder(place)}"`),
    form,
  )
  return formOf(JSON.parse(spelt) as StoredForm[])
}

function prefixOf(objects: readonly KubernetesObject[], name: string): string {
  return objects.find(({ metadata }) => metadata.name === name)?.metadata.generateName ?? ''
}

/** As the reference spells a generated name. */
function placeholder(place: number): string {
  return `~${String(place).padStart(4, '0')}~`
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

/** Of all spellings of the generated names the one whose text comes first: stores are equal up to renaming. */
function formOf(objects: readonly StoredForm[]): string {
  const names = [...new Set(canonicalJson(objects).match(GENERATED_NAME) ?? [])].sort()
  const texts = permutations(names.map((_name, place) => `~${place}~`)).map((spelling) => {
    const renamed = canonicalJson(objects).replaceAll(GENERATED_NAME, (name) => spelling[names.indexOf(name)]!)
    return sortedForm(JSON.parse(renamed) as StoredForm[])
  })
  return texts.sort()[0]!
}

function permutations<T>(items: readonly T[]): T[][] {
  if (items.length === 0) return [[]]
  return items.flatMap((item, place) => permutations(items.toSpliced(place, 1)).map((rest) => [item, ...rest]))
}

function sortedForm(objects: readonly StoredForm[]): string {
  const sorted = [...objects].sort((left, right) =>
    `${left.kind}/${left.name}` < `${right.kind}/${right.name}` ? -1 : 1,
  )
  return canonicalJson(sorted)
}
