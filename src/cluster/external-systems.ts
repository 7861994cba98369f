/**
 * External systems as the search sees them. A system's state is an interned version in a slot of its own, of a kind
 * that nobody serves; so its changes are committed, crash points lie around them, and canonical forms rename the ids,
 * uids and instants in it, as for objects. `external.ts` says what users declare.
 *
 * A call is answered by running the user's function on (state, arguments). The answer is remembered, so the function
 * has to be pure: every new answer is computed twice, and earlier ones are computed again after it. What differs is
 * hidden state, which the search could neither see nor take back, and is refused.
 */
import { generatedName } from '#api/identity.ts'
import type { Json, KubernetesObject } from '#api/object.ts'
import { resourceInfo } from '#api/resource.ts'
import type { ExternalCall, ExternalFailure } from '#controller/host.ts'
import { frozenJson } from '#controller/json.ts'
import { type External, type ExternalChange, isExternal } from './external.ts'
import { nameCounterOf } from './name-counters.ts'
import { refused } from './outside.ts'
import { ScenarioError } from './scenario-error.ts'
import { type Cluster, EXTERNAL_KIND, type Kind, type Slot, slotOf } from './tables.ts'
import { internVersion, registerGeneratedName, versionOf } from './versions.ts'

export interface ExternalSystem {
  readonly definition: External
  /** Index in the scenario's `externals`, for messages. */
  readonly index: number
  readonly slot: Slot
  /** Part that counts the ids given. */
  readonly idCounter: number
  /** Version of the state at the start. */
  readonly initial: number
  readonly answers: Map<string, ExternalEffect>
  /** Computations behind `answers`, to be made again. */
  readonly computed: { readonly what: string; readonly text: string; readonly compute: () => string }[]
  /** The next of `computed` to be made again. */
  again: number
  readonly resources: Map<number, readonly string[]>
}

/** What a call or move does in one state. */
export interface ExternalEffect {
  /** Version of the state afterwards; that before when nothing changes. */
  readonly after: number
  /** How many ids were given. */
  readonly ids: number
  /** Version of the answer, to be held by the caller. */
  readonly answer: number
}

/** What states are stored as. Nobody serves the kind; numbers in it are data, whatever they are called. */
const RESOURCE = resourceInfo({
  group: 'external.kamera',
  version: 'v1',
  kind: 'External',
  resource: 'externals',
  namespaced: false,
})

/** Builds the table of a scenario's external systems, and puts their states at the start. */
export function addExternals(cluster: Cluster): void {
  const kind: Kind = { id: EXTERNAL_KIND, resource: RESOURCE, slots: [] }
  for (const [index, definition] of (cluster.scenario.externals ?? []).entries()) {
    if (!isExternal(definition))
      throw new ScenarioError(
        `externals[${index}] is not an external system. Write defineExternal({ name, state, methods }).`,
      )
    const { name } = definition
    if (cluster.externals.has(name))
      throw new ScenarioError(
        `externals[${index}]: another external system is named ${name}. They are asked for by name: rename one.`,
      )
    cluster.counters.generationsAsData.add(EXTERNAL_KIND)
    const slot = slotOf(cluster, kind, '', name)
    const initial = stateVersion(cluster, name, jsonOf(definition.state, `externals[${index}] (${name}): state`))
    if (versionOf(cluster.versions, initial).instants.length > 0) cluster.oddInstants = true
    cluster.initial.push({ slot, version: initial, revision: 0 })
    const idCounter = nameCounterOf(cluster, kind, name, '')
    const system = { definition, index, slot, idCounter, initial, answers: new Map(), computed: [], again: 0 }
    cluster.externals.set(name, { ...system, resources: new Map() })
  }
}

/** The system of a name. `who` begins the message when there is none. */
export function systemOf(cluster: Cluster, name: string, who: string): ExternalSystem {
  const system = cluster.externals.get(name)
  if (system !== undefined) return system
  const names = [...cluster.externals.keys()]
  const there = names.length === 0 ? 'The scenario has none' : `There are: ${names.join(', ')}`
  throw new ScenarioError(
    `${who} the external system ${name}, which is not in the scenario. ${there}. Add defineExternal({ name: '${name}', … }) to externals.`,
  )
}

/** Whether a call may change the system. */
export function isMutating({ definition, index }: ExternalSystem, method: string): boolean {
  if (Object.hasOwn(definition.methods ?? {}, method)) return true
  if (Object.hasOwn(definition.queries ?? {}, method)) return false
  const calls = [...Object.keys(definition.methods ?? {}), ...Object.keys(definition.queries ?? {})]
  throw new ScenarioError(
    `externals[${index}] (${definition.name}) has no method or query ${method}, which a controller calls. It has: ${calls.join(', ') || 'none'}.`,
  )
}

/** A system's state, of a version in its slot. */
export function externalState(cluster: Cluster, version: number): Json {
  return versionOf(cluster.versions, version).body['state'] as Json
}

/** Ids that a system holds for somebody, in a version of its state; none when it does not say. */
export function externalResources(cluster: Cluster, system: ExternalSystem, version: number): readonly string[] {
  const { definition, resources } = system
  if (definition.resources === undefined) return []
  let ids = resources.get(version)
  if (ids === undefined) {
    const what = `${placeOfSystem(system)}.resources`
    ids = guarded(cluster, what, () => definition.resources?.(externalState(cluster, version)) ?? [])
    if (!Array.isArray(ids) || ids.some((id) => typeof id !== 'string'))
      throw new ScenarioError(`${what} returned something else than an array of ids (strings).`)
    resources.set(version, ids)
  }
  return ids
}

/** What a method or query does to `before`, when `given` ids were given earlier. */
export function callEffect(
  cluster: Cluster,
  system: ExternalSystem,
  {
    method,
    args,
    before,
    given,
  }: { readonly method: string; readonly args: readonly Json[]; readonly before: number; readonly given: number },
): ExternalEffect {
  const key = `${method} ${JSON.stringify(args)} ${before} ${given}`
  const known = system.answers.get(key)
  if (known !== undefined) return known
  const { name } = system.definition
  const state = externalState(cluster, before)
  const { what, run } = functionOf(system, method)
  const compute = (): Computed => computed(cluster, system, what, given, (tools) => run(tools, state, args))
  const first = checkedTwice(system, what, compute)
  registerIds(cluster, system, given, first.prefixes)
  if (first.prefixes.length > 0 && (first.state === undefined || stateVersion(cluster, name, first.state) === before))
    throw new ScenarioError(
      `${what} takes an id from newId and leaves the state as it was, so the same id would be given again. Keep it in the state, and return that.`,
    )
  const answer =
    first.failure === undefined
      ? first.result === undefined
        ? {}
        : { result: first.result }
      : { failure: first.failure }
  const effect = {
    after: first.state === undefined ? before : stateVersion(cluster, name, first.state),
    ids: first.prefixes.length,
    answer: answerVersion(cluster, name, answer),
  }
  system.answers.set(key, effect)
  return effect
}

/** The answer to a call that timed out. */
export function timeoutVersion(cluster: Cluster, { slot }: ExternalSystem): number {
  return answerVersion(cluster, slot.name, { failure: TIMEOUT })
}

const TIMEOUT = Object.freeze({ name: 'TimeoutError', message: 'the call timed out', code: 'ETIMEDOUT' })

function answerVersion(cluster: Cluster, name: string, answer: object): number {
  const body = {
    apiVersion: 'external.kamera/v1',
    kind: 'ExternalAnswer',
    metadata: Object.freeze({ name }),
    ...answer,
  }
  return internVersion(cluster.versions, Object.freeze(body) as unknown as KubernetesObject)
}

type Tools = { newId(prefix?: string): string }

interface Called {
  readonly what: string
  readonly run: (
    tools: Tools,
    state: Json,
    args: readonly Json[],
  ) => { readonly state?: unknown; readonly result?: unknown }
}

/** The user's function of a method, a query, or a move (`moves.name`), and its place. */
function functionOf(system: ExternalSystem, name: string): Called {
  const { methods = {}, queries = {}, moves = {} } = system.definition
  const place = placeOfSystem(system)
  if (name.startsWith(MOVES)) {
    const move = moves[name.slice(MOVES.length)]
    return {
      what: `${place}.${name}`,
      run: (tools, state, [item]) => ({ state: move?.move.call(tools, state, item as string) }),
    }
  }
  const method = Object.hasOwn(methods, name) ? methods[name] : undefined
  if (method === undefined)
    return {
      what: `${place}.queries.${name}`,
      run: (tools, state, args) => ({ result: queries[name]?.call(tools, state, ...args) }),
    }
  const what = `${place}.methods.${name}`
  return { what, run: (tools, state, args) => changeOf(what, method.call(tools, state, ...args)) }
}

/** Moves are called by this and their name; no method of a user can be. */
export const MOVES = 'moves.'

interface Computed {
  readonly state?: Json | undefined
  readonly result?: Json | undefined
  readonly failure?: ExternalFailure
  /** Prefixes of the ids given, in order. */
  readonly prefixes: readonly string[]
}

/** Runs a user's function with the tools of a call, and takes what it returns or throws. */
function computed(
  cluster: Cluster,
  system: ExternalSystem,
  what: string,
  given: number,
  run: (tools: Tools) => { readonly state?: unknown; readonly result?: unknown },
): Computed {
  const prefixes: string[] = []
  const newId = (prefix = 'id-'): string => {
    if (typeof prefix !== 'string' || prefix === '')
      throw new ScenarioError(`${what}: newId takes a prefix of at least one character.`)
    prefixes.push(prefix)
    return idOf(system, prefix, given + prefixes.length - 1)
  }
  try {
    const { state, result } = guarded(cluster, what, () => run({ newId }))
    return {
      state: state === undefined ? undefined : jsonOf(state, `${what}: the state that it returned`),
      result: result === undefined ? undefined : jsonOf(result, `${what}: the result that it returned`),
      prefixes,
    }
  } catch (thrown) {
    if (thrown instanceof ScenarioError) throw thrown
    return { failure: failureOf(what, system.definition.name, thrown), prefixes: [] }
  }
}

function changeOf(what: string, returned: unknown): ExternalChange<Json> {
  if (returned === undefined) return {}
  if (typeof (returned as { readonly then?: unknown } | null)?.then === 'function')
    throw new ScenarioError(`${what} returned a promise. A method is a plain function of the state: it cannot wait.`)
  const wrong =
    typeof returned !== 'object' ||
    returned === null ||
    Object.keys(returned).some((key) => key !== 'state' && key !== 'result')
  if (wrong)
    throw new ScenarioError(
      `${what} returned ${JSON.stringify(returned)?.slice(0, 80) ?? typeof returned}. Expected is { state, result }, both optional, or nothing.`,
    )
  return returned as ExternalChange<Json>
}

const MISTAKES = ['TypeError', 'ReferenceError', 'RangeError', 'SyntaxError']

/** What a method throws is its answer, but for what is a mistake of its code. */
function failureOf(what: string, system: string, thrown: unknown): ExternalFailure {
  const { name, message, code } = (thrown ?? {}) as {
    readonly name?: unknown
    readonly message?: unknown
    readonly code?: unknown
  }
  if (typeof message !== 'string')
    throw new ScenarioError(
      `${what} threw something that is no Error. Throw new Error(…), so that callers get a message.`,
    )
  if (typeof name === 'string' && MISTAKES.includes(name)) {
    const frozen = /read only|not extensible|Cannot (add|delete|assign)/.test(message)
    const advice = frozen
      ? 'It changes the state that it was given, which others still hold: return a new one, { state: { ...state, … } }'
      : 'That is a mistake of the scenario, not an answer of the system: mend it, or throw an Error that callers are meant to see'
    throw new ScenarioError(`${what} threw ${name}: ${message}. ${advice}.`, { cause: thrown })
  }
  return {
    name: typeof name === 'string' && name !== 'Error' ? name : 'ExternalError',
    message: message === '' ? `${system} failed` : message,
    ...(typeof code === 'string' || typeof code === 'number' ? { code } : {}),
  }
}

/** How many earlier answers are computed again for each new one. */
const AGAIN = 4

/** Computes twice, and some earlier answers of the system again after it: whatever differs has hidden state. */
function checkedTwice(system: ExternalSystem, what: string, compute: () => Computed): Computed {
  const first = compute()
  const text = JSON.stringify(first)
  const again = (): string => JSON.stringify(compute())
  if (again() !== text) throw hiddenState(what, text, again())
  const { computed: known } = system
  for (let i = 0; i < Math.min(AGAIN, known.length); i++) {
    const entry = known[system.again++ % known.length]
    if (entry === undefined) continue
    const now = entry.compute()
    if (now !== entry.text) throw hiddenState(entry.what, entry.text, now)
  }
  known.push({ what, text, compute: again })
  return first
}

function hiddenState(what: string, before: string, now: string): ScenarioError {
  return new ScenarioError(
    `${what} keeps hidden state: with the same state and arguments it gave ${before.slice(0, 200)} first and ${now.slice(0, 200)} then. ` +
      'Likely causes: a variable outside the method, Date, Math.random. The search goes back to earlier states, which it can only do with what is in the state: keep everything there, and take ids from this.newId().',
  )
}

/** Ids are spelled apart from the names that the API server generates, and from those of other systems. */
const FIRST_ID = 200_000
const IDS_MAX = 20_000

function idOf({ index }: ExternalSystem, prefix: string, number: number): string {
  return generatedName(prefix, FIRST_ID + index * IDS_MAX + number)
}

function registerIds(cluster: Cluster, system: ExternalSystem, given: number, prefixes: readonly string[]): void {
  const { slot } = system
  for (const [index, prefix] of prefixes.entries()) {
    const number = given + index
    registerGeneratedName(cluster.versions, idOf(system, prefix, number), {
      family: `${EXTERNAL_KIND}|${slot.name}|`,
      prefix,
      number,
    })
  }
}

function stateVersion(cluster: Cluster, name: string, state: Json): number {
  const body = { apiVersion: 'external.kamera/v1', kind: 'External', metadata: Object.freeze({ name }), state }
  return internVersion(cluster.versions, Object.freeze(body))
}

/** `externals[0] (cloud)`. */
export function placeOfSystem({ index, definition }: ExternalSystem): string {
  return `externals[${index}] (${definition.name})`
}

function jsonOf(value: unknown, what: string): Json {
  try {
    return frozenJson(value, what)
  } catch (error) {
    throw new ScenarioError(
      (error as Error).message.replace('The API server takes JSON only', 'States, arguments and results are JSON'),
    )
  }
}

function guarded<T>(cluster: Cluster, what: string, run: () => T): T {
  const { host } = cluster
  return host.guard === undefined ? run() : host.guard(what, run, refused(what))
}

/** `cloud.create({"size":2})`, for messages and paths. */
export function externalCallText({ system, method, args }: ExternalCall): string {
  return `${system}.${method}(${args.map((argument) => JSON.stringify(argument)).join(', ')})`
}
