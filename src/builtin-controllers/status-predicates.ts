/** Predicates that leave out a controller's own status writes, which need no further look. */
import type { Predicate } from '#controller/controller.ts'

/** Objects that appear, and changes that raise the generation; not that an object is gone. */
export const appearsOrChangesSpec: Predicate = ({ type, object, old }) =>
  type === 'ADDED' || (type === 'MODIFIED' && object.metadata.generation !== old?.metadata.generation)

/** As `appearsOrChangesSpec`, and objects that are gone: who remembers something of them has to forget it. */
export const changesMoreThanStatus: Predicate = (event) => event.type === 'DELETED' || appearsOrChangesSpec(event)
