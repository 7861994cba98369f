/**
 * External systems as users declare them: a cloud, a database, a DNS zone that controllers call beside the API
 * server. Its state is JSON and part of the cluster's state, and its methods are pure functions of that state; so the
 * search can stop before a call, crash after it, and come back to the same cloud. `external-systems.ts` runs them.
 */
import type { Json } from '#api/object.ts'

/** What a method finds as `this`. */
export interface ExternalTools {
  /**
   * An id that the system has never given before: `prefix` and five characters. Canonical forms rename it as they do
   * names of generateName, so two runs that differ only in which id was given are one. Default prefix: `id-`.
   */
  newId(prefix?: string): string
}

/** What a method returns. */
export interface ExternalChange<State> {
  /** The system's new state; absent: it stays as it is. */
  readonly state?: State
  /** What the caller gets; absent: undefined. */
  readonly result?: unknown
}

/**
 * A call that may change the system: a pure function of state and arguments, all of them frozen JSON. What it throws
 * is the caller's answer (`message`, `name` and a string or number `code` of it), and changes nothing; a TypeError,
 * ReferenceError or RangeError is a mistake of the scenario.
 */
// biome-ignore lint/suspicious/noExplicitAny: arguments are the user's own
// biome-ignore lint/suspicious/noConfusingVoidType: a method without effect and result returns nothing
export type ExternalMethod<State> = (state: State, ...args: any[]) => ExternalChange<State> | void

/** A call that only looks: its value is what the caller gets. */
// biome-ignore lint/suspicious/noExplicitAny: arguments are the user's own
export type ExternalQuery<State> = (state: State, ...args: any[]) => unknown

/**
 * Something that the system does by itself, under `--environment`: from a state (and one of what `each` lists in it,
 * if given) to the next one. undefined, or a state like the one before: it cannot happen now.
 */
export interface ExternalMove<State> {
  readonly each?: (state: State) => readonly string[]
  readonly move: (state: State, item: string) => State | undefined
}

export interface ExternalDefinition<State> {
  readonly name: string
  /** At the start: JSON, an object. */
  readonly state: State
  /** Calls that may change the state. Each is a step of its own at granularity `write`, with crash points around it. */
  readonly methods?: Readonly<Record<string, ExternalMethod<State>>> & ThisType<ExternalTools>
  /** Calls that never change it. */
  readonly queries?: Readonly<Record<string, ExternalQuery<State>>>
  /** Ids of what it holds for somebody (machines, buckets, records): `no-leak` asks whether an object knows each. */
  readonly resources?: (state: State) => readonly string[]
  /** What it does without being called; happens only under `--environment`. */
  readonly moves?: Readonly<Record<string, ExternalMove<State>>> & ThisType<ExternalTools>
}

/** A checked definition. Recognise one with `isExternal`, never with instanceof. */
export interface External extends ExternalDefinition<Json> {
  readonly type: 'external'
}

/**
 * Declares an external system for a scenario's `externals`. Reconcilers get it as `external('name')`, with a promise
 * for every call; properties see its state as `cluster.external('name')`.
 * @throws Error that names the field, says what is expected and what came.
 */
export function defineExternal<State extends object>(definition: ExternalDefinition<State>): External {
  if (typeof definition !== 'object' || definition === null)
    throw new Error(
      `defineExternal takes an object, but got ${show(definition)}. Write defineExternal({ name, state, methods }).`,
    )
  const { name, state } = definition
  if (typeof name !== 'string' || !/^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$/.test(name)) {
    throw new Error(
      `defineExternal: name is ${show(name)}. Reconcilers ask for it by name: write letters, digits, '-', '_' and '.', as in name: 'cloud'.`,
    )
  }
  for (const field of Object.keys(definition)) {
    if (!FIELDS.includes(field))
      throw new Error(
        `external ${name}: there is no field ${field}, so it would have no effect. Fields are ${FIELDS.join(', ')}.`,
      )
  }
  if (typeof state !== 'object' || state === null || Array.isArray(state))
    throw complaint(name, 'state', state, 'an object of JSON, as it is at the start: state: { machines: {} }')
  checkFunctions(name, 'methods', definition.methods, '(state, …args) => ({ state, result })')
  checkFunctions(name, 'queries', definition.queries, '(state, …args) => value')
  for (const call of Object.keys(definition.queries ?? {})) {
    if (Object.hasOwn(definition.methods ?? {}, call))
      throw new Error(`external ${name}: ${call} is a method and a query. Calls are told apart by name: rename one.`)
  }
  if (definition.resources !== undefined && typeof definition.resources !== 'function')
    throw complaint(name, 'resources', definition.resources, 'a function from a state to the ids that it holds')
  for (const [move, given] of Object.entries(definition.moves ?? {})) checkMove(name, move, given)
  return { ...(definition as unknown as ExternalDefinition<Json>), type: 'external' }
}

/** Whether a value came from `defineExternal`, of this or another copy of the package. */
export function isExternal(value: unknown): value is External {
  return typeof value === 'object' && value !== null && (value as { readonly type?: unknown }).type === 'external'
}

const FIELDS: readonly string[] = ['name', 'state', 'methods', 'queries', 'resources', 'moves']

function checkFunctions(name: string, field: string, functions: unknown, shape: string): void {
  if (functions === undefined) return
  if (typeof functions !== 'object' || functions === null)
    throw complaint(name, field, functions, `an object of functions, { call: ${shape} }`)
  for (const [call, given] of Object.entries(functions)) {
    if (typeof given !== 'function') throw complaint(name, `${field}.${call}`, given, `a function, ${shape}`)
    if (call === 'then') throw new Error(`external ${name}: a call named then would make a promise of it. Rename it.`)
  }
}

function checkMove(name: string, move: string, given: unknown): void {
  const { each, move: next } = (given ?? {}) as { readonly each?: unknown; readonly move?: unknown }
  if (typeof next !== 'function' || (each !== undefined && typeof each !== 'function'))
    throw complaint(
      name,
      `moves.${move}`,
      given,
      '{ each: (state) => [ids], move: (state, id) => the next state }, each if you like',
    )
}

function complaint(name: string, field: string, got: unknown, expected: string): Error {
  return new Error(`external ${name}: ${field} is ${show(got)}. Expected is ${expected}.`)
}

function show(value: unknown): string {
  if (typeof value === 'function') return 'a function'
  if (Array.isArray(value)) return `an array of ${value.length}`
  if (typeof value === 'object' && value !== null) return `the object { ${Object.keys(value).slice(0, 6).join(', ')} }`
  return typeof value === 'string' ? `'${value}'` : String(value)
}
