/**
 * Event-handler controllers, as most operators in TypeScript are (`makeInformer(…).on('add', handler)`): a function is
 * called with the object of each watch event. A call is a unit of work as a reconcile is, in the order of events for
 * each object; calls for different objects do not wait for each other.
 */
import type { KubernetesObject, TypeReference } from '#api/object.ts'
import type { EventSource, HandledType, ObjectEvent, ReconcilerTools, WatchEventType } from './controller.ts'
import type { Controller } from './define-controller.ts'

/** Called with the event's object, frozen as a cache's own. What is returned is awaited and otherwise ignored. */
// biome-ignore lint/suspicious/noExplicitAny: fields of a user's kinds
export type EventHandler = (object: any, tools: ReconcilerTools) => unknown

/** The handlers of one kind. */
export interface EventHandlers extends TypeReference {
  /** The object is new; at a process start, every object that is listed. */
  readonly add?: EventHandler
  /** The object changed; `old` is the one before, as far as the process has seen. */
  // biome-ignore lint/suspicious/noExplicitAny: fields of a user's kinds
  readonly update?: (object: any, tools: ReconcilerTools, old: any) => unknown
  /** The object is gone; it is given as it was last seen. */
  readonly delete?: EventHandler
}

export interface EventHandlersDefinition {
  readonly name: string
  readonly on: readonly EventHandlers[]
  /** As for controllers: what runs in one process shares its informer caches and crashes together. */
  readonly process?: string
  /**
   * Whether the program survives what its handlers throw. Default false: an error that a handler lets out is an
   * unhandled rejection, which ends a Node process; it is reported, and the process starts anew. With true the error is
   * lost, and so is the event: nothing calls the handler again.
   */
  readonly survivesErrors?: boolean
  /** Random numbers are meant: their use is not a finding. Default false. */
  readonly allowRandom?: boolean
}

const TYPES: Readonly<Record<WatchEventType, 'add' | 'update' | 'delete'>> = {
  ADDED: 'add',
  MODIFIED: 'update',
  DELETED: 'delete',
}

/**
 * Checks the handlers and makes a controller of them, to be listed among a scenario's `controllers`.
 * @throws Error that names the field, says what is expected and what came.
 */
export function defineHandlers(definition: EventHandlersDefinition): Controller {
  check(definition)
  const { name, on, process, survivesErrors = false, allowRandom } = definition
  const handles = on.map(
    (handlers): HandledType => ({
      apiVersion: handlers.apiVersion,
      kind: handlers.kind,
      events: (Object.keys(TYPES) as WatchEventType[]).filter((type) => handlers[TYPES[type]] !== undefined),
    }),
  )
  return {
    type: 'controller',
    name,
    ...(process === undefined ? {} : { process }),
    ...(allowRandom === undefined ? {} : { allowRandom }),
    maxConcurrentReconciles: Number.MAX_SAFE_INTEGER,
    handles,
    survivesErrors,
    reconciler: (tools) => ({
      async reconcile() {
        await callHandlers(on, await (tools as ReconcilerTools & EventSource).event(), tools)
      },
    }),
  }
}

/** Several entries of one kind are called in their order, as the callbacks of one informer are. */
async function callHandlers(
  on: readonly EventHandlers[],
  { type, object, old }: ObjectEvent,
  tools: ReconcilerTools,
): Promise<void> {
  const called = on
    .filter((handlers) => isOf(handlers, object))
    .map((handlers) => call(handlers, type, { object, old, tools }))
  await Promise.all(called)
}

function call(
  handlers: EventHandlers,
  type: WatchEventType,
  { object, old, tools }: { readonly object: unknown; readonly old: unknown; readonly tools: ReconcilerTools },
): unknown {
  return type === 'MODIFIED'
    ? handlers.update?.(object, tools, old)
    : handlers[type === 'ADDED' ? 'add' : 'delete']?.(object, tools)
}

function isOf({ apiVersion, kind }: TypeReference, object: KubernetesObject): boolean {
  return kind === object.kind && groupOf(apiVersion) === groupOf(object.apiVersion)
}

function groupOf(apiVersion: string): string {
  const slash = apiVersion.indexOf('/')
  return slash < 0 ? '' : apiVersion.slice(0, slash)
}

const FIELDS: readonly string[] = ['name', 'on', 'process', 'survivesErrors', 'allowRandom']
const ENTRY_FIELDS: readonly string[] = ['apiVersion', 'kind', 'add', 'update', 'delete']

function check(definition: EventHandlersDefinition): void {
  if (typeof definition !== 'object' || definition === null)
    throw new Error(
      `defineHandlers takes an object. Write defineHandlers({ name, on: [{ apiVersion, kind, add: (object, { client }) => … }] }).`,
    )
  const { name, on } = definition
  if (typeof name !== 'string' || !/^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$/.test(name))
    throw new Error(
      `defineHandlers: name is ${JSON.stringify(name)}. Reports need a name of letters, digits, '-', '_' and '.': write name: 'my-operator'.`,
    )
  refuseUnknown(`handlers ${name}`, definition, FIELDS)
  if (!Array.isArray(on) || on.length === 0)
    throw new Error(
      `handlers ${name}: on is no array of kinds with their handlers. Write on: [{ apiVersion, kind, add }].`,
    )
  for (const [index, entry] of on.entries()) checkEntry(`handlers ${name}: on[${index}]`, entry)
}

function checkEntry(where: string, entry: EventHandlers): void {
  if (
    typeof entry?.apiVersion !== 'string' ||
    typeof entry.kind !== 'string' ||
    entry.kind === '' ||
    entry.kind === '*'
  )
    throw new Error(`${where} names no kind. Write { apiVersion: 'apps/v1', kind: 'Deployment', add: … }.`)
  refuseUnknown(where, entry, ENTRY_FIELDS)
  const given = Object.values(TYPES).filter((name) => entry[name] !== undefined)
  if (given.length === 0)
    throw new Error(`${where} has no handler. Write add, update or delete: (object, { client }) => ….`)
  for (const name of given)
    if (typeof entry[name] !== 'function') throw new Error(`${where}.${name} is no function of the event's object.`)
}

function refuseUnknown(where: string, value: object, fields: readonly string[]): void {
  const unknown = Object.keys(value).find((field) => !fields.includes(field))
  if (unknown !== undefined)
    throw new Error(
      `${where}: there is no field ${unknown}, so it would have no effect. Fields are ${fields.join(', ')}.`,
    )
}
