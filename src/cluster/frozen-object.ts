/** An object as a view showed it when a reconcile began. */
export interface FrozenObject {
  readonly slot: number
  readonly version: number
  readonly revision: number
  /** The process itself has written it since: a read that waits for own writes sees no frozen view. */
  readonly own?: true
}
