/**
 * Tables: rows of cells, as `kubectl get` prints them. Columns of built-in kinds are in `table-columns.ts`, those of
 * custom resources come from their definition.
 * Source: apiextensions-apiserver/pkg/registry/customresource/tableconvertor, kubernetes/pkg/printers/internalversion.
 */
import type { KubernetesObject } from '#api/object.ts'
import type { PrinterColumn, ResourceInfo } from '#api/resource.ts'
import { ageText } from './age-text.ts'
import { evaluateJsonPath } from './json-path.ts'
import { partialMetadata } from './partial-metadata.ts'
import type { ObjectList } from './request.ts'
import { AGE, type Cell, NAME, type TableColumn } from './table-column.ts'
import { builtInColumns } from './table-columns.ts'

export type IncludedObject = 'None' | 'Metadata' | 'Object'
interface Table extends ObjectList {
  readonly columnDefinitions: readonly object[]
  readonly rows: readonly object[]
}

export function tableOf(
  objects: readonly KubernetesObject[],
  metadata: ObjectList['metadata'],
  {
    resource,
    includeObject = 'Metadata',
    nowMs,
  }: { readonly resource: ResourceInfo; readonly includeObject?: IncludedObject; readonly nowMs: number },
): Table {
  const columns = columnsOf(resource)
  const columnDefinitions = columns.map(({ name, type, format = '', description = '', priority = 0 }) => ({
    name,
    type,
    format,
    description,
    priority,
  }))
  const rows = objects.map((object) => ({
    cells: columns.map((column) => column.cell(object, nowMs)),
    ...(includeObject === 'None' ? {} : { object: includeObject === 'Object' ? object : partialMetadata(object) }),
  }))
  const table = { kind: 'Table', apiVersion: 'meta.k8s.io/v1', metadata, columnDefinitions, rows }
  return table as unknown as Table
}

function columnsOf(resource: ResourceInfo): readonly TableColumn[] {
  if (!resource.custom) return builtInColumns(resource) ?? [NAME, { ...AGE, name: 'Created At', type: 'date' }]
  const declared = resource.printerColumns
  return declared === undefined || declared.length === 0
    ? [NAME, { ...AGE, type: 'date' }]
    : [NAME, ...declared.map(customColumn)]
}

function customColumn(column: PrinterColumn): TableColumn {
  const { jsonPath, ...rest } = column
  return { ...rest, cell: (object, nowMs) => customCell(evaluateJsonPath(jsonPath, object), column.type, nowMs) }
}

/** A cell of the declared type; null where the object has nothing there, or something else. */
function customCell(values: readonly unknown[], type: string, nowMs: number): Cell {
  const [value] = values
  if (value === undefined || value === null) return null
  switch (type) {
    case 'integer':
      return typeof value === 'number' ? Math.trunc(value) : null
    case 'number':
      return typeof value === 'number' ? value : null
    case 'boolean':
      return typeof value === 'boolean' ? value : null
    case 'date':
      return typeof value === 'string' ? ageText(value, nowMs) : '<invalid>'
    default:
      return values.length > 1 ? values.map(text).join(',') : text(value)
  }
}

function text(value: unknown): string {
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}
