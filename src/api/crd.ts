/**
 * CustomResourceDefinitions (apiextensions.k8s.io/v1) as data: the kinds they define, and what is wrong with them.
 * Source: apiextensions-apiserver/pkg/apis/apiextensions/validation.
 */
import { type FieldError, fieldInvalid, fieldRequired } from './field-errors.ts'
import { labelFault, subdomainFault } from './name-formats.ts'
import type { KubernetesObject } from './object.ts'
import { type ResourceInfo, resourceInfo } from './resource.ts'

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
  const storageVersion = versions.find((version) => version.storage)?.name as string
  const resources = versions
    .filter((version) => version.served)
    .map((version) => resourceOfVersion({ group, names, scope, storageVersion, version }))
  return { resources }
}

interface VersionOfDefinition {
  readonly group: string
  readonly names: Names
  readonly scope: string
  readonly storageVersion: string
  readonly version: Version
}

function resourceOfVersion({ group, names, scope, storageVersion, version }: VersionOfDefinition): ResourceInfo {
  const scale = version.subresources?.scale
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
    storageVersion,
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
    const fault = labelFault(names.plural)
    if (fault !== undefined) errors.push(fieldInvalid('spec.names.plural', names.plural, fault))
  }
  if (!names.kind) errors.push(fieldRequired('spec.names.kind'))
  else {
    const fault = labelFault(names.kind.toLowerCase())
    if (fault !== undefined)
      errors.push(
        fieldInvalid('spec.names.kind', names.kind, `may have mixed case, but should otherwise match: ${fault}`),
      )
    if (names.listKind === names.kind)
      errors.push(fieldInvalid('spec.names.listKind', names.listKind, 'kind and listKind may not be the same'))
  }
}

function checkVersions(versions: unknown, errors: FieldError[]): void {
  if (!Array.isArray(versions) || versions.length === 0) {
    errors.push(fieldRequired('spec.versions'))
    return
  }
  const list = versions as readonly Partial<Version>[]
  list.forEach((version, index) => {
    const fault = labelFault(version.name ?? '')
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
