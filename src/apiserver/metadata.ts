/**
 * `metadata` of a write: what the server sets itself, what it keeps, and what it refuses.
 * Source: apiserver/pkg/registry/rest/{create,update}.go, apimachinery/pkg/api/validation/objectmeta.go.
 */
import { type FieldError, fieldForbidden, fieldInvalid, fieldRequired, fieldTooLong } from '#api/field-errors.ts'
import { labelValueFault, nameFault, qualifiedNameFault } from '#api/name-formats.ts'
import type { ObjectMeta, OwnerReference } from '#api/object.ts'
import type { ResourceInfo } from '#api/resource.ts'

type MutableMeta = { -readonly [Field in keyof ObjectMeta]: ObjectMeta[Field] }

/** What the server decided for a new object. */
export interface NewIdentity {
  readonly name: string
  readonly namespace: string
  readonly uid: string
  readonly creationTimestamp: string
}

/** The stored metadata of a new object. */
export function metadataForCreate(resource: ResourceInfo, given: ObjectMeta, identity: NewIdentity): ObjectMeta {
  const metadata: MutableMeta = { name: identity.name }
  if (given.generateName) metadata.generateName = given.generateName
  if (resource.namespaced) metadata.namespace = identity.namespace
  metadata.uid = identity.uid
  if (resource.generation !== 'none') metadata.generation = 1
  metadata.creationTimestamp = identity.creationTimestamp
  copyOwnFields(metadata, given)
  return metadata
}

/** The stored metadata of a new version; `generation` is still the old one. Not frozen yet. */
export function metadataForUpdate(given: ObjectMeta, old: ObjectMeta): MutableMeta {
  const metadata: MutableMeta = { name: old.name as string }
  if (given.generateName) metadata.generateName = given.generateName
  if (old.namespace !== undefined) metadata.namespace = old.namespace
  if (old.uid !== undefined) metadata.uid = old.uid
  if (old.generation !== undefined) metadata.generation = old.generation
  if (old.creationTimestamp !== undefined) metadata.creationTimestamp = old.creationTimestamp
  if (old.deletionTimestamp !== undefined) metadata.deletionTimestamp = old.deletionTimestamp
  if (old.deletionGracePeriodSeconds !== undefined) metadata.deletionGracePeriodSeconds = old.deletionGracePeriodSeconds
  copyOwnFields(metadata, given)
  if (old.managedFields !== undefined) metadata.managedFields = old.managedFields
  return metadata
}

/** The fields that belong to clients. Empty ones are left out, as in upstream's serialisation. */
function copyOwnFields(metadata: MutableMeta, given: ObjectMeta): void {
  if (given.labels && !isEmpty(given.labels)) metadata.labels = given.labels
  if (given.annotations && !isEmpty(given.annotations)) metadata.annotations = given.annotations
  if (given.ownerReferences && given.ownerReferences.length > 0) metadata.ownerReferences = given.ownerReferences
  if (given.finalizers && given.finalizers.length > 0) metadata.finalizers = given.finalizers
}

function isEmpty(fields: object): boolean {
  for (const _ in fields) return false
  return true
}

/**
 * What is wrong with the JSON types of metadata, as a sentence; undefined when it can be decoded.
 * Everything after this check may rely on the types of `ObjectMeta`.
 */
export function metadataTypeFault(metadata: unknown): string | undefined {
  if (metadata === undefined || metadata === null) return undefined
  if (typeof metadata !== 'object' || Array.isArray(metadata)) return 'metadata must be an object'
  const fields = metadata as Readonly<Record<string, unknown>>
  for (const name of TEXT_FIELDS) {
    const value = fields[name]
    if (value !== undefined && value !== null && typeof value !== 'string') return `metadata.${name} must be a string`
  }
  for (const name of ['labels', 'annotations']) {
    const value = fields[name]
    if (value === undefined || value === null) continue
    if (typeof value !== 'object' || Array.isArray(value)) return `metadata.${name} must be a map of strings`
    for (const key in value) {
      if (typeof (value as Record<string, unknown>)[key] !== 'string')
        return `metadata.${name}[${key}] must be a string`
    }
  }
  return listTypeFault(fields)
}

const TEXT_FIELDS = [
  'name',
  'generateName',
  'namespace',
  'uid',
  'resourceVersion',
  'creationTimestamp',
  'deletionTimestamp',
]

function listTypeFault(fields: Readonly<Record<string, unknown>>): string | undefined {
  const { finalizers, ownerReferences } = fields
  if (finalizers !== undefined && finalizers !== null) {
    if (!Array.isArray(finalizers) || !finalizers.every((item) => typeof item === 'string')) {
      return 'metadata.finalizers must be a list of strings'
    }
  }
  if (ownerReferences !== undefined && ownerReferences !== null) {
    if (
      !Array.isArray(ownerReferences) ||
      !ownerReferences.every((item) => item !== null && typeof item === 'object')
    ) {
      return 'metadata.ownerReferences must be a list of objects'
    }
  }
  return undefined
}

const NO_ERRORS: readonly FieldError[] = Object.freeze([])
const nameCaches = new Map<string, Set<string>>()
const NAMES_REMEMBERED_MAX = 20000

/** Faults of a new object's metadata. */
export function validateMetadata(resource: ResourceInfo, metadata: ObjectMeta): readonly FieldError[] {
  let errors: FieldError[] | undefined
  const name = metadata.name ?? ''
  const format = resource.nameFormat ?? 'subdomain'
  if (name === '') {
    errors = [fieldRequired('metadata.name', 'name or generateName is required')]
  } else if (!isKnownName(format, name)) {
    const fault = nameFault(name, format)
    if (fault === undefined) rememberName(format, name)
    else errors = [fieldInvalid('metadata.name', name, fault)]
  }
  const more = validateClientFields(metadata)
  if (more.length === 0) return errors ?? NO_ERRORS
  return errors === undefined ? more : [...errors, ...more]
}

function isKnownName(format: string, name: string): boolean {
  return nameCaches.get(format)?.has(name) === true
}

function rememberName(format: string, name: string): void {
  let known = nameCaches.get(format)
  if (known === undefined || known.size >= NAMES_REMEMBERED_MAX) nameCaches.set(format, (known = new Set()))
  known.add(name)
}

/** Faults of labels, annotations, finalizers and owner references. */
function validateClientFields(metadata: ObjectMeta): readonly FieldError[] {
  const { labels, annotations, finalizers, ownerReferences } = metadata
  if (labels === undefined && annotations === undefined && finalizers === undefined && ownerReferences === undefined)
    return NO_ERRORS
  const errors: FieldError[] = []
  for (const key in labels) {
    const fault = qualifiedNameFault(key)
    if (fault !== undefined) errors.push(fieldInvalid('metadata.labels', key, fault))
    const value = labels[key] as string
    const valueFault = value === '' ? undefined : labelValueFault(value)
    if (valueFault !== undefined) errors.push(fieldInvalid('metadata.labels', value, valueFault))
  }
  if (annotations !== undefined) validateAnnotations(annotations, errors)
  if (finalizers !== undefined) validateFinalizers(finalizers, errors)
  if (ownerReferences !== undefined) validateOwnerReferences(ownerReferences, errors)
  return errors
}

const ANNOTATIONS_BYTES_MAX = 256 * 1024

function validateAnnotations(annotations: Readonly<Record<string, string>>, errors: FieldError[]): void {
  let bytes = 0
  for (const key in annotations) {
    const fault = qualifiedNameFault(key.toLowerCase())
    if (fault !== undefined) errors.push(fieldInvalid('metadata.annotations', key, fault))
    bytes += key.length + (annotations[key] as string).length
  }
  if (bytes > ANNOTATIONS_BYTES_MAX) errors.push(fieldTooLong('metadata.annotations', ANNOTATIONS_BYTES_MAX))
}

/** The finalizers that need no slash. */
const STANDARD_FINALIZERS = ['kubernetes', 'orphan', 'foregroundDeletion']

function validateFinalizers(finalizers: readonly string[], errors: FieldError[]): void {
  for (const finalizer of finalizers) {
    const fault = qualifiedNameFault(finalizer)
    if (fault !== undefined) errors.push(fieldInvalid('metadata.finalizers', finalizer, fault))
  }
  if (finalizers.includes(STANDARD_FINALIZERS[1] as string) && finalizers.includes(STANDARD_FINALIZERS[2] as string)) {
    errors.push(
      fieldInvalid('metadata.finalizers', finalizers, 'finalizer orphan and foregroundDeletion cannot be both set'),
    )
  }
}

function validateOwnerReferences(references: readonly OwnerReference[], errors: FieldError[]): void {
  let controllerName = ''
  references.forEach((reference) => {
    const at = 'metadata.ownerReferences'
    if (!reference.apiVersion)
      errors.push(fieldInvalid(`${at}.apiVersion`, reference.apiVersion ?? '', 'version must not be empty'))
    if (!reference.kind) errors.push(fieldInvalid(`${at}.kind`, reference.kind ?? '', 'must not be empty'))
    if (!reference.name) errors.push(fieldInvalid(`${at}.name`, reference.name ?? '', 'must not be empty'))
    if (!reference.uid) errors.push(fieldInvalid(`${at}.uid`, reference.uid ?? '', 'must not be empty'))
    if (reference.apiVersion === 'v1' && reference.kind === 'Event') {
      errors.push(fieldInvalid(at, reference, '/v1, Kind=Event is disallowed from being an owner'))
    }
    if (reference.controller !== true) return
    if (controllerName !== '') {
      const detail = `Only one reference can have Controller set to true. Found "true" in references for ${controllerName} and ${reference.kind}/${reference.name}`
      errors.push(fieldInvalid(at, references, detail))
    }
    controllerName = `${reference.kind}/${reference.name}`
  })
}

/** Faults of a new version's metadata: `given` is what the client sent, `next` what would be stored. */
export function validateMetadataUpdate(given: ObjectMeta, next: ObjectMeta, old: ObjectMeta): readonly FieldError[] {
  let errors: FieldError[] | undefined
  if (given.uid && given.uid !== old.uid) errors = [immutable('uid', given.uid)]
  if (given.deletionTimestamp && old.deletionTimestamp === undefined) {
    errors = [...(errors ?? []), immutable('deletionTimestamp', given.deletionTimestamp)]
  }
  const grace = given.deletionGracePeriodSeconds
  if (grace !== undefined && grace !== null && grace !== old.deletionGracePeriodSeconds) {
    errors = [...(errors ?? []), immutable('deletionGracePeriodSeconds', grace)]
  }
  if (old.deletionTimestamp !== undefined && next.finalizers !== undefined) {
    const added = next.finalizers.filter((finalizer) => old.finalizers?.includes(finalizer) !== true)
    if (added.length > 0) {
      const list = added.map((finalizer) => JSON.stringify(finalizer)).join(', ')
      errors ??= []
      errors.push(
        fieldForbidden(
          'metadata.finalizers',
          `no new finalizers can be added if the object is being deleted, found new finalizers []string{${list}}`,
        ),
      )
    }
  }
  const more = validateChangedClientFields(next, old)
  if (more.length === 0) return errors ?? NO_ERRORS
  return errors === undefined ? more : [...errors, ...more]
}

function immutable(field: string, value: unknown): FieldError {
  return fieldInvalid(`metadata.${field}`, value, 'field is immutable')
}

/** Parts that are the very same as before need no second look. */
function validateChangedClientFields(next: ObjectMeta, old: ObjectMeta): readonly FieldError[] {
  const changed: MutableMeta = {}
  if (next.labels !== undefined && next.labels !== old.labels) changed.labels = next.labels
  if (next.annotations !== undefined && next.annotations !== old.annotations) changed.annotations = next.annotations
  if (next.finalizers !== undefined && next.finalizers !== old.finalizers) changed.finalizers = next.finalizers
  if (next.ownerReferences !== undefined && next.ownerReferences !== old.ownerReferences)
    changed.ownerReferences = next.ownerReferences
  return validateClientFields(changed)
}
