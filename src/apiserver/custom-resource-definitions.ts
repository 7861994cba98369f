/**
 * CustomResourceDefinitions as ordinary objects: what the server fills in, and the kinds that a state serves.
 * Which names they get is in definition-names.ts.
 */
import { missingSchemas, resourcesOfCustomResourceDefinition, validateCustomResourceDefinition } from '#api/crd.ts'
import { sentDefinitionFaults } from '#api/crd-faults.ts'
import { type FieldError, fieldInvalid } from '#api/field-errors.ts'
import type { KubernetesObject } from '#api/object.ts'
import type { ResourceInfo, ResourceTable } from '#api/resource.ts'
import { resourceTable } from '#api/scheme.ts'
import { CLEANUP_FINALIZER, DEFINITIONS } from './definition-cleanup.ts'
import { isEstablished, withAcceptedNames } from './definition-names.ts'
import { type Fields, fieldsOf, itemsOf } from './kinds/behaviour.ts'
import type { Change, StoredObject } from './request.ts'
import { type SortedMap, sizeOf, valuesOf } from './sorted-map.ts'
import type { ApiState } from './state.ts'

/** Completes names and conversion, and notes the stored version. Names are accepted when the definition is stored. */
export function completeDefinition(fields: Fields): Fields {
  const spec = fieldsOf(fields['spec'])
  const names = fieldsOf(spec['names'])
  const kind = typeof names['kind'] === 'string' ? names['kind'] : ''
  const completeNames = Object.freeze({
    ...names,
    singular: names['singular'] ?? kind.toLowerCase(),
    listKind: names['listKind'] ?? `${kind}List`,
  })
  const completeSpec = Object.freeze({
    ...spec,
    names: completeNames,
    conversion: spec['conversion'] ?? Object.freeze({ strategy: 'None' }),
  })
  const stored = itemsOf(spec['versions'])
    .map(fieldsOf)
    .find((version) => version['storage'] === true)?.['name']
  const status = fieldsOf(fields['status'])
  const storedVersions = new Set([...itemsOf(status['storedVersions']), ...(stored === undefined ? [] : [stored])])
  return {
    ...fields,
    spec: completeSpec,
    status: Object.freeze({ ...status, storedVersions: Object.freeze([...storedVersions]) }),
  }
}

/** Faults of a definition that is sent; `validateDefinition` takes more, for definitions that a simulation starts with. */
export function validateSentDefinition(fields: Fields, name: string): readonly FieldError[] {
  return [
    ...validateDefinition(fields, name),
    ...missingSchemas(fields as unknown as KubernetesObject),
    ...sentDefinitionFaults(fields),
  ]
}

export function validateDefinition(fields: Fields, name: string): readonly FieldError[] {
  return validateCustomResourceDefinition({ ...fields, metadata: { name } } as unknown as KubernetesObject)
}

/** What of a served kind cannot change, and versions that objects may be stored in. */
export function validateDefinitionUpdate(fields: Fields, old: KubernetesObject): readonly FieldError[] {
  const spec = fieldsOf(fields['spec'])
  const before = fieldsOf(old['spec'])
  const names = fieldsOf(spec['names'])
  const namesBefore = fieldsOf(before['names'])
  const errors: FieldError[] = []
  const keep = (field: string, value: unknown, valueBefore: unknown): void => {
    if (value !== valueBefore) errors.push(fieldInvalid(field, value ?? '', 'field is immutable'))
  }
  if (isEstablished(old)) {
    keep('spec.scope', spec['scope'], before['scope'])
    keep('spec.names.kind', names['kind'], namesBefore['kind'])
  }
  keep('spec.group', spec['group'], before['group'])
  keep('spec.names.plural', names['plural'], namesBefore['plural'])
  const versions = itemsOf(spec['versions']).map((version) => fieldsOf(version)['name'])
  for (const [index, stored] of itemsOf(fieldsOf(fields['status'])['storedVersions']).entries()) {
    if (versions.includes(stored)) continue
    const why = `missing from spec.versions; ${String(stored)} was previously a storage version, and must remain in spec.versions until a storage migration ensures no data remains persisted in ${String(stored)} and removes ${String(stored)} from status.storedVersions`
    errors.push(fieldInvalid(`status.storedVersions[${index}]`, stored, why))
  }
  return errors
}

/**
 * The removal of definitions that were only waiting for the objects that `changes` removed: those that are being
 * deleted and whose last finalizer is the cleanup's.
 */
export function finishDefinitions(
  table: ResourceTable,
  state: ApiState,
  changes: readonly Change[],
): readonly Change[] {
  const finished: Change[] = []
  for (const { resource, after } of changes) {
    if (after !== undefined || !resource.custom || sizeOf(state.objects.get(resource.key)) > 0) continue
    const definitions = table.byKind('apiextensions.k8s.io/v1', 'CustomResourceDefinition')
    if (definitions === undefined) continue
    const name = `${resource.resource}.${resource.group}`
    const before = state.get(definitions, '', name)
    if (before?.body.metadata.deletionTimestamp === undefined) continue
    if (before.body.metadata.finalizers?.some((finalizer) => finalizer !== CLEANUP_FINALIZER)) continue
    if (finished.some((change) => change.name === name)) continue
    finished.push({
      resource: definitions,
      namespace: '',
      name,
      before,
      after: undefined,
      revision: state.revision + finished.length + 1,
    })
  }
  return finished
}

const tables = new WeakMap<ResourceTable, WeakMap<object, ResourceTable>>()

/** `table` and the kinds of the CRDs in `state`; remembered for each set of CRDs. */
export function tableOfState(table: ResourceTable, state: ApiState): ResourceTable {
  const definitions = state.objects.get(DEFINITIONS)
  if (definitions === undefined) return table
  let ofTable = tables.get(table)
  if (ofTable === undefined) tables.set(table, (ofTable = new WeakMap()))
  let merged = ofTable.get(definitions)
  if (merged === undefined) ofTable.set(definitions, (merged = mergeTables(table, definitions)))
  return merged
}

function mergeTables(table: ResourceTable, definitions: SortedMap<StoredObject>): ResourceTable {
  const resources: ResourceInfo[] = [...table.all]
  for (const { body } of valuesOf(definitions)) {
    if (!isEstablished(body)) continue
    const defined = resourcesOfCustomResourceDefinition(withAcceptedNames(body))
    if (!('resources' in defined)) continue
    const terminating = body.metadata.deletionTimestamp !== undefined
    resources.push(
      ...(terminating ? defined.resources.map((resource) => ({ ...resource, terminating })) : defined.resources),
    )
  }
  return resourceTable(resources)
}
