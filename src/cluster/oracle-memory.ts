/** The tables of what oracles remember of the past, as parts of the state. */
import { type Interner, interner } from './interner.ts'
import type { Origin } from './origin.ts'
import type { Surplus } from './surplus.ts'
import type { Writers } from './writers.ts'

/** Values, and by slot the part that holds one of them: only of slots that have one in some state. */
export interface OracleMemory {
  readonly origins: Interner<Origin>
  readonly originParts: Map<number, number>
  readonly writers: Interner<Writers>
  readonly writerParts: Map<number, number>
  readonly surpluses: Interner<Surplus>
  readonly surplusParts: Map<number, number>
}

export function oracleMemory(): OracleMemory {
  return {
    origins: interner(),
    originParts: new Map(),
    writers: interner(),
    writerParts: new Map(),
    surpluses: interner(),
    surplusParts: new Map(),
  }
}
