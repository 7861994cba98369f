/**
 * CustomResourceDefinitions (apiextensions.k8s.io/v1) as data: the kinds they define, and what is wrong with them.
 * Source: apiextensions-apiserver/pkg/apis/apiextensions/validation.
 */
import { frozenCopy } from './clone.ts'
import { optionalNameFaults, versionFaults } from './crd-faults.ts'
import { equalJson } from './equal.ts'
import { type FieldError, fieldInvalid, fieldRequired } from './field-errors.ts'
import { nameFault, subdomainFault } from './name-formats.ts'
import type { KubernetesObject } from './object.ts'
import { type PrinterColumn, type ResourceInfo, resourceInfo } from './resource.ts'
import type { JsonSchema } from './structural-schema/json-schema.ts'
import { compileResourceSchema } from './structural-schema/resource-schema.ts'
import { schemaFaults } from './structural-schema/schema-faults.ts'

export type CustomResources =
  | { readonly resources: readonly ResourceInfo[] }
  | { readonly errors: readonly FieldError[] }

interface Version {
  readonly name: string
  readonly served: boolean
  readonly storage: boolean
  readonly deprecated?: boolean
  readonly deprecationWarning?: string
  readonly subresources?: {
    readonly status?: object | null
    readonly scale?: {
      readonly specReplicasPath: string
      readonly statusReplicasPath: string
      readonly labelSelectorPath?: string
    }
  }
  readonly selectableFields?: readonly { readonly jsonPath: string }[]
  readonly additionalPrinterColumns?: readonly PrinterColumn[]
  readonly schema?: { readonly openAPIV3Schema?: JsonSchema }
}

interface Names {
  readonly plural: string
  readonly kind: string
  readonly singular?: string
  readonly listKind?: string
  readonly shortNames?: readonly string[]
  readonly categories?: readonly string[]
}

/** One resource for each served version, or every fault of the definition with its field. */
export function resourcesOfCustomResourceDefinition(definition: KubernetesObject): CustomResources {
  const errors = validateCustomResourceDefinition(definition)
  if (errors.length > 0) return { errors }
  const { group, names, scope, versions } = definition['spec'] as {
    group: string
    names: Names
    scope: string
    versions: readonly Version[]
  }
  const storage = versions.find((version) => version.storage) as Version
  const resources = versions
    .filter((version) => version.served)
    .map((version) => resourceOfVersion({ group, names, scope, storage, version }))
  return { resources }
}

interface VersionOfDefinition {
  readonly group: string
  readonly names: Names
  readonly scope: string
  readonly storage: Version
  readonly version: Version
}

function resourceOfVersion({ group, names, scope, storage, version }: VersionOfDefinition): ResourceInfo {
  const scale = version.subresources?.scale
  const schema = version.schema?.openAPIV3Schema
  const storageSchema = storage.schema?.openAPIV3Schema
  return resourceInfo({
    group,
    version: version.name,
    kind: names.kind,
    resource: names.plural,
    namespaced: scope === 'Namespaced',
    statusSubresource: version.subresources?.status != null,
    generation: 'content',
    custom: true,
    unconditionalUpdate: false,
    storageVersion: storage.name,
    ...(schema === undefined ? {} : { schema: compileResourceSchema(frozenSchema(schema)) }),
    ...(storageSchema === undefined || storage === version
      ? {}
      : { storageSchema: compileResourceSchema(frozenSchema(storageSchema)) }),
    singular: names.singular ?? names.kind.toLowerCase(),
    listKind: names.listKind ?? `${names.kind}List`,
    ...(version.deprecated === true
      ? { deprecationWarning: version.deprecationWarning ?? `${group}/${version.name} ${names.kind} is deprecated` }
      : {}),
    ...(names.shortNames === undefined ? {} : { shortNames: names.shortNames }),
    ...(names.categories === undefined ? {} : { categories: names.categories }),
    ...(version.selectableFields === undefined
      ? {}
      : { selectableFields: version.selectableFields.map(({ jsonPath }) => withoutDot(jsonPath)) }),
    ...(version.additionalPrinterColumns === undefined ? {} : { printerColumns: version.additionalPrinterColumns }),
    ...(scale === undefined
      ? {}
      : {
          scale: {
            specReplicas: withoutDot(scale.specReplicasPath),
            statusReplicas: withoutDot(scale.statusReplicasPath),
            ...(scale.labelSelectorPath ? { selector: withoutDot(scale.labelSelectorPath) } : {}),
          },
        }),
  })
}

/** A definition that is stored is frozen and its schemas are compiled once; one that is not ours is copied. */
function frozenSchema(schema: JsonSchema): JsonSchema {
  return Object.isFrozen(schema) ? schema : frozenCopy(schema)
}

/** JSON paths of CRDs begin with a dot. */
function withoutDot(path: string): string {
  return path.startsWith('.') ? path.slice(1) : path
}

/** Every fault of a definition; empty when it can be served. */
export function validateCustomResourceDefinition(definition: KubernetesObject): readonly FieldError[] {
  const errors: FieldError[] = []
  const spec: unknown = definition['spec']
  if (spec === null || typeof spec !== 'object') return [fieldRequired('spec')]
  const { group, names, scope, versions } = spec as {
    group?: unknown
    names?: Partial<Names>
    scope?: unknown
    versions?: unknown
  }
  if (typeof group !== 'string' || group === '') errors.push(fieldRequired('spec.group'))
  else checkGroup(group, errors)
  checkNames(names ?? {}, errors)
  if (scope === undefined || scope === '') errors.push(fieldRequired('spec.scope'))
  else if (scope !== 'Namespaced' && scope !== 'Cluster') {
    errors.push({
      reason: 'FieldValueNotSupported',
      message: `Unsupported value: ${JSON.stringify(scope)}: supported values: "Cluster", "Namespaced"`,
      field: 'spec.scope',
    })
  }
  checkVersions(versions, errors)
  if (Array.isArray(versions)) {
    errors.push(...versionSchemaFaults(versions as readonly Version[]), ...versionFaults(versions))
  }
  const expected = `${names?.plural ?? ''}.${typeof group === 'string' ? group : ''}`
  const name = definition.metadata?.name ?? ''
  if (name !== expected) errors.push(fieldInvalid('metadata.name', name, `must be spec.names.plural+"."+spec.group`))
  return errors
}

function checkGroup(group: string, errors: FieldError[]): void {
  const fault = subdomainFault(group)
  if (fault !== undefined) errors.push(fieldInvalid('spec.group', group, fault))
  else if (!group.includes('.'))
    errors.push(fieldInvalid('spec.group', group, 'should be a domain with at least one dot'))
}

function checkNames(names: Partial<Names>, errors: FieldError[]): void {
  if (!names.plural) errors.push(fieldRequired('spec.names.plural'))
  else {
    const fault = nameFault(names.plural, 'label-1035')
    if (fault !== undefined) errors.push(fieldInvalid('spec.names.plural', names.plural, fault))
  }
  if (!names.kind) errors.push(fieldRequired('spec.names.kind'))
  else {
    const fault = nameFault(names.kind.toLowerCase(), 'label-1035')
    if (fault !== undefined)
      errors.push(
        fieldInvalid('spec.names.kind', names.kind, `may have mixed case, but should otherwise match: ${fault}`),
      )
    if (names.listKind === names.kind)
      errors.push(fieldInvalid('spec.names.listKind', names.listKind, 'kind and listKind may not be the same'))
  }
  errors.push(...optionalNameFaults(names))
}

function checkVersions(versions: unknown, errors: FieldError[]): void {
  if (!Array.isArray(versions) || versions.length === 0) {
    errors.push(fieldRequired('spec.versions'))
    return
  }
  const list = versions as readonly Partial<Version>[]
  list.forEach((version, index) => {
    const fault = nameFault(version.name ?? '', 'label-1035')
    if (fault !== undefined) errors.push(fieldInvalid(`spec.versions[${index}].name`, version.name ?? '', fault))
  })
  if (new Set(list.map((version) => version.name)).size !== list.length) {
    errors.push(
      fieldInvalid(
        'spec.versions',
        list.map((version) => version.name),
        'must contain unique version names',
      ),
    )
  }
  if (list.filter((version) => version.storage === true).length !== 1) {
    errors.push(
      fieldInvalid(
        'spec.versions',
        list.map((version) => version.name),
        'must have exactly one version marked as storage version',
      ),
    )
  }
}

/** Faults of the schemas. Those of versions that all have the same one are named by upstream's inner field. */
function versionSchemaFaults(versions: readonly Version[]): readonly FieldError[] {
  const schemas = versions.map((version) => version.schema?.openAPIV3Schema)
  const isShared = schemas.every((schema) => equalJson(schema, schemas[0]))
  return schemas.flatMap((schema, index) => {
    if (schema === undefined || (isShared && index > 0)) return []
    return schemaFaults(
      schema,
      isShared ? 'spec.validation.openAPIV3Schema' : `spec.versions[${index}].schema.openAPIV3Schema`,
    )
  })
}

/** What is refused in a definition that is sent, but taken in one that a simulation starts with: versions without schema. */
export function missingSchemas(definition: KubernetesObject): readonly FieldError[] {
  const versions: unknown = definition['spec']?.versions
  if (!Array.isArray(versions)) return []
  return (versions as readonly Version[]).flatMap((version, index) =>
    version.schema?.openAPIV3Schema == null
      ? [fieldRequired(`spec.versions[${index}].schema.openAPIV3Schema`, 'schemas are required')]
      : [],
  )
}
