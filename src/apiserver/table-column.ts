/** A column of a Table, and the two that nearly every kind has. */
import type { KubernetesObject } from '#api/object.ts'
import { ageText } from './age-text.ts'

export type Cell = string | number | boolean | null

/** A column and how its cell is made. */
export interface TableColumn {
  readonly name: string
  readonly type: string
  readonly format?: string
  readonly description?: string
  readonly priority?: number
  readonly cell: (object: KubernetesObject, nowMs: number) => Cell
}

const NAME_DESCRIPTION =
  'Name must be unique within a namespace. Is required when creating resources, although some resources may allow a client to request the generation of an appropriate name automatically.'
const AGE_DESCRIPTION =
  'CreationTimestamp is a timestamp representing the server time when this object was created. It is not guaranteed to be set in happens-before order across separate operations.'

export const NAME: TableColumn = {
  name: 'Name',
  type: 'string',
  format: 'name',
  description: NAME_DESCRIPTION,
  cell: ({ metadata }) => metadata.name ?? '',
}

export const AGE: TableColumn = {
  name: 'Age',
  type: 'string',
  description: AGE_DESCRIPTION,
  cell: ({ metadata }, nowMs) => ageText(metadata.creationTimestamp, nowMs),
}
