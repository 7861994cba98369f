/** The generated data of `built-in-types.ts`, read when it is first needed. Its letters are explained there. */
import { builtInTypesJson } from './built-in-types.ts'

export type Encoded = string | EncodedObject
export interface EncodedObject {
  readonly l?: Encoded
  readonly m?: readonly string[]
  readonly s?: 1
  readonly v?: Encoded
  readonly f?: Readonly<Record<string, EncodedField>>
  readonly r?: string
  readonly a?: 1
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
  read ??= JSON.parse(builtInTypesJson) as BuiltIns
  return read
}
