/** The fields of a custom resource's spec, as far as its schema names them. */
import type { Json, KubernetesObject, TypeReference } from '#api/object.ts'
import { ScenarioError } from './scenario-error.ts'

/** What a schema says of a field that matters for changing it; without `type` it says nothing. */
export interface SpecSchema {
  readonly type?: 'integer' | 'number' | 'boolean' | 'string' | 'object' | 'array'
  readonly minimum?: number
  readonly maximum?: number
  /** Values of an enumeration. */
  readonly values?: readonly Json[]
  readonly isRequired: boolean
}

export interface SpecField extends SpecSchema {
  readonly path: readonly string[]
}

interface Schema {
  readonly type?: SpecSchema['type']
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly enum?: readonly Json[]
  readonly minimum?: number
  readonly maximum?: number
  readonly exclusiveMinimum?: boolean
  readonly exclusiveMaximum?: boolean
}

interface Version {
  readonly name: string
  readonly served: boolean
  readonly storage?: boolean
  readonly schema?: { readonly openAPIV3Schema?: Schema }
}

export function isDefinition({ kind }: KubernetesObject): boolean {
  return kind === 'CustomResourceDefinition'
}

/** The kind of a definition in its stored version, and every field of its spec, parents before children. */
export function specSchemaOf(
  definition: KubernetesObject,
  where: string,
): { readonly type: TypeReference; readonly schema: readonly SpecField[] } {
  const {
    group,
    names,
    versions = [],
  } = (definition['spec'] ?? {}) as {
    readonly group?: string
    readonly names?: { readonly kind?: string }
    readonly versions?: readonly Version[]
  }
  const version = versions.find(({ storage }) => storage === true) ?? versions[0]
  if (group === undefined || names?.kind === undefined || version === undefined)
    throw new ScenarioError(
      `${where}: the CustomResourceDefinition ${definition.metadata?.name} has no group, kind or version.`,
    )
  const spec = version.schema?.openAPIV3Schema?.properties?.['spec']
  return {
    type: { apiVersion: `${group}/${version.name}`, kind: names.kind },
    schema: spec === undefined ? [] : fieldsOf(spec, ['spec']),
  }
}

function fieldsOf({ properties = {}, required = [] }: Schema, path: readonly string[]): readonly SpecField[] {
  return Object.entries(properties).flatMap(([name, schema]) => [
    fieldOf(schema, [...path, name], required.includes(name)),
    ...fieldsOf(schema, [...path, name]),
  ])
}

function fieldOf(schema: Schema, path: readonly string[], isRequired: boolean): SpecField {
  const { type = 'string', minimum, maximum } = schema
  return {
    path,
    type,
    isRequired,
    ...(minimum === undefined ? {} : { minimum: schema.exclusiveMinimum === true ? minimum + 1 : minimum }),
    ...(maximum === undefined ? {} : { maximum: schema.exclusiveMaximum === true ? maximum - 1 : maximum }),
    ...(schema.enum === undefined ? {} : { values: schema.enum }),
  }
}
