/**
 * `defineController` checks a definition at once, where the user's line is still on the stack, and returns it as
 * plain data: it is recognised by its tag, so two loaded copies of the package understand each other.
 */
import type { ControllerDefinition } from '#controller/controller.ts'

/** A checked definition. Recognise one with `isController`, never with instanceof. */
export interface Controller extends ControllerDefinition {
  readonly type: 'controller'
}

/**
 * Checks and completes a definition.
 * @throws Error that names the field, says what is expected and what came.
 */
export function defineController(definition: ControllerDefinition): Controller {
  if (typeof definition !== 'object' || definition === null) {
    throw new Error(
      `defineController takes an object, but got ${show(definition)}. Write defineController({ name, for, reconciler }).`,
    )
  }
  const { name } = definition
  if (typeof name !== 'string' || !/^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$/.test(name)) {
    throw new Error(
      `defineController: name is ${show(name)}. Reports and queues need a name of letters, digits, '-', '_' and '.': write name: 'my-operator'.`,
    )
  }
  checkKnownFields(definition)
  if (definition.for !== undefined) checkType(name, 'for', definition.for)
  checkEach(name, 'owns', definition.owns, (field, entry) => checkType(name, field, entry))
  checkEach(name, 'watches', definition.watches, (field, entry) => {
    checkType(name, field, entry)
    if (typeof entry.requests !== 'function') {
      throw complaint(
        name,
        `${field}.requests`,
        entry.requests,
        'a function from an object to the requests to enqueue, (object) => [{ namespace, name }]',
      )
    }
  })
  if (definition.owns !== undefined && definition.owns.length > 0 && definition.for === undefined) {
    throw complaint(
      name,
      'for',
      undefined,
      'the primary kind, because owns enqueues the owner of that kind: for: { apiVersion, kind }',
    )
  }
  if (typeof definition.reconciler !== 'function') {
    throw complaint(
      name,
      'reconciler',
      definition.reconciler,
      'a function that makes a reconciler, ({ client }) => ({ reconcile(request) { … } })',
    )
  }
  checkRest(definition)
  return { ...definition, type: 'controller' }
}

/** Whether a value came from `defineController`, of this or another copy of the package. */
export function isController(value: unknown): value is Controller {
  return typeof value === 'object' && value !== null && (value as { readonly type?: unknown }).type === 'controller'
}

const knownFields = [
  'name',
  'for',
  'owns',
  'watches',
  'reconciler',
  'process',
  'maxConcurrentReconciles',
  'queue',
  'memory',
  'atOnce',
  'allowRandom',
  'mapsWithoutStatus',
  'type',
]

/** A misspelt `watch` would silently watch nothing. */
function checkKnownFields(definition: ControllerDefinition): void {
  for (const field of Object.keys(definition)) {
    if (!knownFields.includes(field)) {
      throw new Error(
        `controller ${definition.name}: there is no field ${field}, so it would have no effect. Fields are ${knownFields.slice(0, -1).join(', ')}.`,
      )
    }
  }
}

function checkType(
  name: string,
  field: string,
  type: { readonly apiVersion: string; readonly kind: string; readonly predicate?: unknown },
): void {
  if (
    typeof type !== 'object' ||
    type === null ||
    typeof type.apiVersion !== 'string' ||
    typeof type.kind !== 'string' ||
    type.apiVersion === '' ||
    type.kind === ''
  ) {
    throw complaint(name, field, type, "a type, { apiVersion: 'apps/v1', kind: 'Deployment' }")
  }
  if (type.predicate !== undefined && typeof type.predicate !== 'function') {
    throw complaint(name, `${field}.predicate`, type.predicate, 'a function from an event to a boolean')
  }
}

function checkEach<T>(
  name: string,
  field: string,
  list: readonly T[] | undefined,
  check: (field: string, entry: T) => void,
): void {
  if (list === undefined) return
  if (!Array.isArray(list)) throw complaint(name, field, list, 'an array')
  list.forEach((entry, index) => {
    check(`${field}[${index}]`, entry)
  })
}

function checkRest(definition: ControllerDefinition): void {
  const { name, process, maxConcurrentReconciles, memory, queue } = definition
  if (process !== undefined && (typeof process !== 'string' || process === '')) {
    throw complaint(name, 'process', process, 'the name of a process, a string')
  }
  if (
    maxConcurrentReconciles !== undefined &&
    !(Number.isInteger(maxConcurrentReconciles) && maxConcurrentReconciles >= 1)
  ) {
    throw complaint(name, 'maxConcurrentReconciles', maxConcurrentReconciles, 'a whole number of at least 1')
  }
  if (queue !== undefined && queue !== 'fifo' && queue !== 'priority')
    throw complaint(name, 'queue', queue, "'fifo' or 'priority'")
  if (memory !== undefined && (typeof memory?.snapshot !== 'function' || typeof memory?.restore !== 'function')) {
    throw complaint(name, 'memory', memory, 'two functions, { snapshot(reconciler), restore(reconciler, memory) }')
  }
}

function complaint(name: string, field: string, got: unknown, expected: string): Error {
  return new Error(`controller ${name}: ${field} is ${show(got)}. Expected is ${expected}.`)
}

function show(value: unknown): string {
  if (typeof value === 'function') return 'a function'
  if (typeof value === 'object' && value !== null) return `the object { ${Object.keys(value).slice(0, 6).join(', ')} }`
  return typeof value === 'string' ? `'${value}'` : String(value)
}
