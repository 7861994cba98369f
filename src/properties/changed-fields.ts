/** The dotted paths of the fields that a write changed, without what the API server itself changes with every write. */
import type { KubernetesObject } from '#api/object.ts'

const SERVER_FIELDS: ReadonlySet<string> = new Set([
  'metadata.resourceVersion',
  'metadata.generation',
  'metadata.managedFields',
])

export function changedFields(
  before: KubernetesObject | undefined,
  after: KubernetesObject | undefined,
): readonly string[] {
  if (before === undefined) return ['(created)']
  if (after === undefined) return ['(removed)']
  const fields: string[] = []
  collect(before, after, '', fields)
  return fields.filter((field) => !SERVER_FIELDS.has(field))
}

function collect(before: unknown, after: unknown, path: string, fields: string[]): void {
  if (before === after) return
  if (isRecord(before) && isRecord(after)) {
    for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
      collect(before[key], after[key], path === '' ? key : `${path}.${key}`, fields)
    }
    return
  }
  if (JSON.stringify(before) !== JSON.stringify(after)) fields.push(path)
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
