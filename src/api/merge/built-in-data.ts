/**
 * The generated data of `built-in-types.ts`, read when it is first needed, and what it lacks. The letters are explained
 * there; `d` is a number that need not be whole, `b` an object that may be a boolean instead.
 */
import { builtInTypesJson } from './built-in-types.ts'
import { definitionTypes } from './definition-types.ts'

export type Encoded = string | EncodedObject
export interface EncodedObject {
  readonly l?: Encoded
  readonly m?: readonly string[]
  readonly s?: 1
  readonly v?: Encoded
  readonly f?: Readonly<Record<string, EncodedField>>
  readonly r?: string
  readonly a?: 1
  readonly b?: 1
}
export type EncodedField =
  | Encoded
  | { readonly t: Encoded; readonly p?: string; readonly k?: string; readonly d?: unknown }

interface BuiltIns {
  readonly kinds: Readonly<Record<string, string>>
  readonly types: Readonly<Record<string, EncodedObject>>
}

let read: BuiltIns | undefined

export function builtIns(): BuiltIns {
  if (read !== undefined) return read
  const { kinds, types } = JSON.parse(builtInTypesJson) as BuiltIns
  const definitions = {
    'apiextensions.k8s.io/v1/CustomResourceDefinition': 'apiextensions.v1.CustomResourceDefinition',
  }
  read = { kinds: { ...kinds, ...definitions }, types: { ...types, ...definitionTypes } }
  return read
}
