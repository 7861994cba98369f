/**
 * What the API server may do for one kind beyond the generic verbs; `kinds.ts` says which kind does what.
 */
import { copyFields, setField } from '#api/clone.ts'
import { equalJson } from '#api/equal.ts'
import { type FieldError, fieldInvalid } from '#api/field-errors.ts'
import type { KubernetesObject } from '#api/object.ts'

/** An object's fields, frozen; replaced, never changed. */
export type Fields = Readonly<Record<string, unknown>>

/** What is known of a new object when its kind prepares it. */
export interface NewObject {
  readonly name: string
  readonly namespace: string
  readonly uid: string
}

export interface KindBehaviour {
  /** `status` of a new object; the client's own is dropped when the kind has a status subresource. */
  readonly initialStatus?: unknown
  /** Defaults, of creates and updates alike. Answers the same object when there is nothing to fill in. */
  readonly withDefaults?: (fields: Fields) => Fields
  /** What only a create fills in, after the defaults. */
  readonly prepareForCreate?: (fields: Fields, created: NewObject) => Fields
  /** What an update at the main endpoint keeps of the stored object, after the defaults. */
  readonly prepareForUpdate?: (fields: Fields, old: KubernetesObject) => Fields
  /** A value that the kind's Go type could not hold: answered as 400. */
  readonly typeFault?: (fields: Fields) => string | undefined
  /** Refuses contradictions; of required fields only those whose absence would matter to a controller. */
  readonly validate?: (fields: Fields, name: string, namespace: string) => readonly FieldError[]
  readonly validateUpdate?: (fields: Fields, old: KubernetesObject) => readonly FieldError[]
  /** Labels that every object of the kind has. */
  readonly requiredLabels?: (name: string) => Readonly<Record<string, string>>
  /** Metadata that `/status` does not touch. */
  readonly statusKeeps?: readonly ('labels' | 'ownerReferences')[]
}

export const EMPTY: Fields = Object.freeze({})
export const NO_ERRORS: readonly FieldError[] = Object.freeze([])

/** A field's object value, or an empty one. */
export function fieldsOf(value: unknown): Fields {
  return value !== null && typeof value === 'object' && !Array.isArray(value) ? (value as Fields) : EMPTY
}

/** A field's list value, or an empty one. */
export function itemsOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? (value as readonly unknown[]) : []
}

/** The object with the fields of `defaults` that it lacks; itself when it lacks none. */
export function fillIn(fields: Fields, defaults: Fields): Fields {
  let copy: Record<string, unknown> | undefined
  for (const key of Object.keys(defaults)) {
    if (fields[key] !== undefined) continue
    copy ??= copyFields(fields)
    copy[key] = defaults[key]
  }
  return copy === undefined ? fields : Object.freeze(copy)
}

/** The object with one field replaced; itself when the value is the same already. */
export function withField(fields: Fields, key: string, value: unknown): Fields {
  if (fields[key] === value) return fields
  const copy = copyFields(fields)
  if (value === undefined) delete copy[key]
  else setField(copy, key, value)
  return Object.freeze(copy)
}

/** Changes one field by a function of its object value; absent fields stay absent. */
export function mapField(fields: Fields, key: string, change: (value: Fields) => Fields): Fields {
  const value = fields[key]
  return value === undefined || value === null || typeof value !== 'object'
    ? fields
    : withField(fields, key, change(value as Fields))
}

/** Changes each object of a list; the same list when none changes. */
export function mapItems(fields: Fields, key: string, change: (item: Fields) => Fields): Fields {
  const list = fields[key]
  if (!Array.isArray(list)) return fields
  let copy: unknown[] | undefined
  for (let index = 0; index < list.length; index++) {
    const item: unknown = list[index]
    if (item === null || typeof item !== 'object') continue
    const changed = change(item as Fields)
    if (changed !== item) (copy ??= list.slice())[index] = changed
  }
  return copy === undefined ? fields : withField(fields, key, Object.freeze(copy))
}

/** The object without these fields. */
export function without(fields: Fields, names: readonly string[]): Record<string, unknown> {
  const rest: Record<string, unknown> = {}
  for (const key of Object.keys(fields)) if (!names.includes(key)) setField(rest, key, fields[key])
  return rest
}

/** Refuses a change of `spec.NAME`. */
export function immutableSpec(...names: readonly string[]): NonNullable<KindBehaviour['validateUpdate']> {
  return (fields, old) => {
    const spec = fieldsOf(fields['spec'])
    const before = fieldsOf(old['spec'])
    if (spec === before) return NO_ERRORS
    const errors: FieldError[] = []
    for (const name of names) {
      if (!equalJson(spec[name], before[name]))
        errors.push(fieldInvalid(`spec.${name}`, spec[name], 'field is immutable'))
    }
    return errors
  }
}

/** Remembers the results of a pure function of an object, by identity: the same body is often sent many times. */
export function remembered(compute: (fields: Fields) => Fields): (fields: Fields) => Fields {
  const known = new WeakMap<Fields, Fields>()
  return (fields) => {
    const result = known.get(fields)
    if (result !== undefined) return result
    const computed = compute(fields)
    known.set(fields, computed)
    if (computed !== fields) known.set(computed, computed)
    return computed
  }
}
