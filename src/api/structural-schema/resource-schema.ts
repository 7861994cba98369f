/**
 * The schema of one version of a custom resource, compiled once: what decoding makes of an object, and what is wrong
 * with one. `ResourceInfo.schema` holds it; a kind without one takes any object as it is.
 */
import type { FieldError } from '../field-errors.ts'
import { fieldInvalid } from '../field-errors.ts'
import type { KubernetesObject } from '../object.ts'
import { compileRules } from './cel-rules.ts'
import { type Fields, type JsonSchema, someSchema } from './json-schema.ts'
import { compileListTypes, embeddedResourceFaults, embeddedResourceTypeFault, listTypeFaults } from './list-types.ts'
import { compileNormalise, type Normalise } from './normalise.ts'
import { unknownFields } from './unknown-fields.ts'
import { compileValidation, type ValidateValue } from './validate.ts'

export interface ResourceSchema {
  readonly source: JsonSchema
  /** The object pruned and defaulted; the same object when there is nothing to do. */
  readonly normalise: (object: KubernetesObject) => KubernetesObject
  /** The object pruned only: what another version of it shows here. */
  readonly prune: (object: KubernetesObject) => KubernetesObject
  /** Paths of what pruning takes away, metadata included. */
  readonly unknownFields: (object: KubernetesObject) => readonly string[]
  /** Why an object cannot be decoded: an embedded resource's type or metadata has the wrong JSON type. */
  readonly typeFault: (
    object: KubernetesObject,
    metadataFault: (metadata: unknown) => string | undefined,
  ) => string | undefined
  /** Faults of a new object, or of a new version of `old`, at the main endpoint. */
  readonly validate: (object: KubernetesObject, old: KubernetesObject | undefined) => readonly FieldError[]
  /** Faults of a new status. */
  readonly validateStatus: (object: KubernetesObject, old: KubernetesObject) => readonly FieldError[]
}

const NO_ERRORS: readonly FieldError[] = Object.freeze([])
const compiled = new WeakMap<JsonSchema, ResourceSchema>()

/** Remembered for each schema. The schema must be frozen, and free of the faults that `schemaFaults` finds. */
export function compileResourceSchema(schema: JsonSchema): ResourceSchema {
  const known = compiled.get(schema)
  if (known !== undefined) return known
  const made = compile(schema)
  compiled.set(schema, made)
  return made
}

function compile(source: JsonSchema): ResourceSchema {
  const isEmbedding = someSchema(source, (at) => at['x-kubernetes-embedded-resource'] === true)
  const listTypesHold = compileListTypes(source)
  const validateValue = compileValidation(source)
  const statusSchema = source.properties?.['status']
  const validateStatusValue = statusSchema === undefined ? undefined : compileValidation(statusSchema)

  /** Lists that broke their type before may go on doing so. */
  const listFaults = (object: Fields, old: Fields | undefined): readonly FieldError[] => {
    if (listTypesHold === undefined || listTypesHold(object, old)) return NO_ERRORS
    const faults = listTypeFaults(source, object)
    return faults.length > 0 && old !== undefined && listTypeFaults(source, old).length > 0 ? NO_ERRORS : faults
  }
  const rules = compileRules(source)
  const withRules = (
    errors: readonly FieldError[],
    object: KubernetesObject,
    old: KubernetesObject | undefined,
  ): readonly FieldError[] => {
    if (rules === undefined || (object === old && !rules.hasTransitions)) return errors
    const notTried = rulesNotTried(errors)
    return notTried === undefined ? joined(errors, rules.evaluate(object, old)) : [...errors, notTried]
  }
  return Object.freeze({
    source,
    normalise: asObjects(compileNormalise(source, true)),
    prune: asObjects(compileNormalise(source, false)),
    unknownFields: (object: KubernetesObject) => unknownFields(source, object),
    typeFault: (object: KubernetesObject, metadataFault: (metadata: unknown) => string | undefined) =>
      isEmbedding ? embeddedResourceTypeFault(source, object, metadataFault) : undefined,
    validate: (object: KubernetesObject, old: KubernetesObject | undefined) =>
      withRules(
        joined(
          validateValue(object, old),
          isEmbedding ? embeddedResourceFaults(source, object) : NO_ERRORS,
          listFaults(object, old),
        ),
        object,
        old,
      ),
    validateStatus: (object: KubernetesObject, old: KubernetesObject) =>
      withRules(joined(statusFaults(validateStatusValue, object, old), listFaults(object, old)), object, old),
  })
}

function asObjects(normalise: Normalise): (object: KubernetesObject) => KubernetesObject {
  return (object) => normalise(object) as KubernetesObject
}

function statusFaults(
  validate: ValidateValue | undefined,
  object: KubernetesObject,
  old: KubernetesObject,
): readonly FieldError[] {
  if (validate === undefined || object['status'] === undefined) return NO_ERRORS
  const faults = validate(object['status'], old['status'])
  if (faults.length === 0) return NO_ERRORS
  return faults.map((fault) =>
    fault.field === '<nil>' ? { ...fault, field: 'status' } : { ...fault, field: under('status', fault.field) },
  )
}

function under(parent: string, path: string): string {
  return path === '' ? parent : `${parent}.${path}`
}

function joined(...lists: readonly (readonly FieldError[])[]): readonly FieldError[] {
  const some = lists.filter((list) => list.length > 0)
  return some.length === 0 ? NO_ERRORS : some.flat()
}

/** Faults after which rules are not tried: values that they may take for granted are missing or of another type. */
const BLOCKING: ReadonlySet<string> = new Set([
  'FieldValueNotSupported',
  'FieldValueRequired',
  'FieldValueTooLong',
  'FieldValueTooMany',
  'FieldValueTypeInvalid',
])

/** The remark that rules were not tried; undefined when these faults do not keep them from it. */
function rulesNotTried(errors: readonly FieldError[]): FieldError | undefined {
  if (!errors.some(({ reason }) => BLOCKING.has(reason))) return undefined
  const detail =
    'some validation rules were not checked because the object was invalid; correct the existing errors to complete validation'
  return fieldInvalid('<nil>', null, detail)
}
