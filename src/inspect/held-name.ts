/** The whole name of an object that a read answered: its record may leave out the kind, which is the read's. */
import type { HeldObject, ObjectName, ReadRecord } from '#trace/path.ts'

export function heldName({ type: { kind } }: ReadRecord, { name }: HeldObject): ObjectName {
  return name.startsWith(`${kind} `) ? name : `${kind} ${name}`
}
