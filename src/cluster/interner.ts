/** Gives equal values (by a key that the caller computes) the same small integer; 0 is left for "none". */

export interface Interner<T> {
  readonly byId: (T | undefined)[]
  readonly idByKey: Map<string, number>
}

export function interner<T>(): Interner<T> {
  return { byId: [undefined], idByKey: new Map() }
}

export function intern<T>(table: Interner<T>, key: string, value: T): number {
  const known = table.idByKey.get(key)
  if (known !== undefined) return known
  const id = table.byId.length
  table.byId.push(value)
  table.idByKey.set(key, id)
  return id
}

export function valueOf<T>(table: Interner<T>, id: number): T {
  return table.byId[id] as T
}
