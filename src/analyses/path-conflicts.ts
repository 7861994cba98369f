/** Writes of a path that were answered with a conflict. */
import type { ObjectName, PathRecord, WriteRecord } from '#trace/path.ts'

/** Each kind of conflict once, however often a path meets it. */
export interface ConflictedWrite {
  /** The controller, `user`, or a process outside its reconciles. */
  readonly by: string
  readonly op: WriteRecord['op']
  readonly object: ObjectName
  readonly subresource?: string
}

/** Of all paths together, in the order in which they are met. */
export function conflictsOf(paths: Iterable<Pick<PathRecord, 'steps'>>): readonly ConflictedWrite[] {
  const met = new Map<string, ConflictedWrite>()
  for (const { steps } of paths)
    for (const { controller, process, writes } of steps)
      for (const { op, object, subresource, status } of writes) {
        if (status?.reason !== 'Conflict') continue
        const by = controller ?? process ?? 'user'
        met.set(JSON.stringify([by, op, object, subresource]), {
          by,
          op,
          object,
          ...(subresource === undefined ? {} : { subresource }),
        })
      }
  return [...met.values()]
}

const OPERATIONS: Readonly<Record<WriteRecord['op'], string>> = {
  create: 'creates',
  update: 'updates',
  patch: 'patches',
  delete: 'deletes',
  deletecollection: 'deletes',
  call: 'calls',
}

export function conflictText({ by, op, object, subresource }: ConflictedWrite): string {
  return `${by} ${OPERATIONS[op]} ${object}${subresource === undefined ? '' : ` (${subresource})`}`
}
