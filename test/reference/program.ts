/**
 * What a reconcile program does, one call at a time. It knows neither the model's objects nor Kubernetes': the caller
 * says how to look into an object, answers each call, and gets the end. The reference search and the real
 * controllers of `to-scenario.ts` run the same program with different answers.
 */
import type { Condition, FailureReason, FieldPath, NameExpression, Step, Value, ValueExpression } from './system.ts'

/** How to look into an object of the caller. */
export interface ObjectLens<Held> {
  field(object: Held, path: FieldPath): Value | undefined
  isTerminating(object: Held): boolean
  finalizers(object: Held): readonly string[]
  key(object: Held): { readonly kind: string; readonly name: string }
}

export interface Assignment {
  readonly path: FieldPath
  readonly value: Value
}

export type ReadRequest =
  | { readonly op: 'get'; readonly kind: string; readonly name: string; readonly live: boolean }
  | { readonly op: 'list'; readonly kind: string; readonly live: boolean }

export type WriteRequest<Held> =
  | {
      readonly op: 'create'
      readonly kind: string
      /** With `generate`, the generateName. */
      readonly name: string
      readonly generate: boolean
      readonly spec: Readonly<Record<string, Value>> | undefined
      readonly finalizers: readonly string[]
      readonly owner: Held | undefined
    }
  | {
      readonly op: 'update'
      readonly status: boolean
      readonly object: Held
      readonly set: readonly Assignment[]
      readonly addFinalizer: string | undefined
      readonly removeFinalizer: string | undefined
    }
  | {
      readonly op: 'patch'
      readonly status: boolean
      readonly kind: string
      readonly name: string
      readonly set: Assignment
    }
  /** `uidOf`: the object whose uid is the precondition. */
  | { readonly op: 'delete'; readonly kind: string; readonly name: string; readonly uidOf: Held | undefined }

export type ProgramRequest<Held> = ReadRequest | WriteRequest<Held>

export type ProgramReply<Held> =
  | { readonly object: Held | undefined }
  | { readonly items: readonly Held[] }
  | { readonly failure: FailureReason }

export type ProgramEnd =
  | { readonly type: 'done'; readonly requeueAfterMs?: number }
  | { readonly type: 'error'; readonly message: string }

export type RunningProgram<Held> = Generator<ProgramRequest<Held>, ProgramEnd, ProgramReply<Held>>

export function isRead<Held>(request: ProgramRequest<Held>): request is ReadRequest {
  return request.op === 'get' || request.op === 'list'
}

interface Registers<Held> {
  readonly objects: Map<string, Held | undefined>
  readonly lists: Map<string, readonly Held[]>
  lastFailure: FailureReason | null
}

/** Starts `program` for a request; each `next(reply)` answers the call before. */
export function* runProgram<Held>(
  program: readonly Step[],
  request: string,
  lens: ObjectLens<Held>,
): RunningProgram<Held> {
  const registers: Registers<Held> = { objects: new Map(), lists: new Map(), lastFailure: null }
  const end = yield* runSteps(program, request, lens, registers)
  return end ?? { type: 'done' }
}

/** The end, or undefined when the steps are through and the program goes on after them. */
function* runSteps<Held>(
  steps: readonly Step[],
  request: string,
  lens: ObjectLens<Held>,
  registers: Registers<Held>,
): Generator<ProgramRequest<Held>, ProgramEnd | undefined, ProgramReply<Held>> {
  for (const step of steps) {
    const end = yield* runStep(step, request, lens, registers)
    if (end !== undefined) return end
  }
  return undefined
}

function* runStep<Held>(
  step: Step,
  request: string,
  lens: ObjectLens<Held>,
  registers: Registers<Held>,
): Generator<ProgramRequest<Held>, ProgramEnd | undefined, ProgramReply<Held>> {
  switch (step.do) {
    case 'get': {
      const reply = yield { op: 'get', kind: step.kind, name: nameOf(step.name, request), live: step.live === true }
      registers.objects.set(step.into, 'object' in reply ? reply.object : undefined)
      return 'failure' in reply ? endOfFailure(step, reply.failure, registers) : undefined
    }
    case 'list': {
      const reply = yield { op: 'list', kind: step.kind, live: step.live === true }
      registers.lists.set(step.into, 'items' in reply ? reply.items : [])
      return 'failure' in reply ? endOfFailure(step, reply.failure, registers) : undefined
    }
    case 'first':
      registers.objects.set(step.into, registers.lists.get(step.from)?.[0])
      return undefined
    case 'if': {
      const branch = holds(step.test, lens, registers) ? step.yes : (step.no ?? [])
      return yield* runSteps(branch, request, lens, registers)
    }
    case 'fail':
      return { type: 'error', message: step.message }
    case 'return':
      return step.requeueAfterMs === undefined
        ? { type: 'done' }
        : { type: 'done', requeueAfterMs: step.requeueAfterMs }
    default:
      return yield* runWrite(step, request, lens, registers)
  }
}

type WritingStep = Extract<
  Step,
  { readonly do: 'create' | 'update' | 'updateStatus' | 'patch' | 'patchStatus' | 'delete' | 'deleteHeld' }
>

function* runWrite<Held>(
  step: WritingStep,
  request: string,
  lens: ObjectLens<Held>,
  registers: Registers<Held>,
): Generator<ProgramRequest<Held>, ProgramEnd | undefined, ProgramReply<Held>> {
  const written = writeRequestOf(step, request, lens, registers)
  if (written === undefined) return undefined
  if (written.op === 'impossible') return { type: 'error', message: written.message }
  const reply = yield written
  if ('failure' in reply) return endOfFailure(step, reply.failure, registers)
  registers.lastFailure = null
  if (written.op === 'update' && 'of' in step && 'object' in reply) registers.objects.set(step.of, reply.object)
  return undefined
}

function endOfFailure<Held>(
  step: { readonly tolerate?: readonly FailureReason[] },
  failure: FailureReason,
  registers: Registers<Held>,
): ProgramEnd | undefined {
  registers.lastFailure = failure
  return step.tolerate?.includes(failure) === true ? undefined : { type: 'error', message: failure }
}

/** A write that a program cannot make: the reconcile ends with this error, without a call. */
interface ImpossibleWrite {
  readonly op: 'impossible'
  readonly message: string
}

/** The call of a step; undefined when there is nothing to write. */
function writeRequestOf<Held>(
  step: WritingStep,
  request: string,
  lens: ObjectLens<Held>,
  registers: Registers<Held>,
): WriteRequest<Held> | ImpossibleWrite | undefined {
  const valueOf = (expression: ValueExpression): Value | undefined => evaluate(expression, lens, registers)
  switch (step.do) {
    case 'create': {
      const owner = step.owner === undefined ? undefined : registers.objects.get(step.owner)
      if (step.owner !== undefined && owner === undefined) return emptyRegister(step.owner)
      const spec = step.spec === undefined ? undefined : presentValues(step.spec, valueOf)
      return {
        op: 'create',
        kind: step.kind,
        name: nameOf(step.name, request),
        generate: step.generate === true,
        spec,
        finalizers: step.finalizers ?? [],
        owner,
      }
    }
    case 'update':
    case 'updateStatus': {
      const object = registers.objects.get(step.of)
      if (object === undefined) return emptyRegister(step.of)
      const set = Object.entries(presentValues(step.set ?? {}, valueOf)).map(([path, value]) => ({
        path: path as FieldPath,
        value,
      }))
      const addFinalizer = step.do === 'update' ? step.addFinalizer : undefined
      const removeFinalizer = step.do === 'update' ? step.removeFinalizer : undefined
      return { op: 'update', status: step.do === 'updateStatus', object, set, addFinalizer, removeFinalizer }
    }
    case 'patch':
    case 'patchStatus': {
      const value = valueOf(step.value)
      if (value === undefined) return undefined
      const set = { path: step.path, value }
      return { op: 'patch', status: step.do === 'patchStatus', kind: step.kind, name: nameOf(step.name, request), set }
    }
    case 'delete':
      return { op: 'delete', kind: step.kind, name: nameOf(step.name, request), uidOf: undefined }
    case 'deleteHeld': {
      const object = registers.objects.get(step.of)
      if (object === undefined) return emptyRegister(step.of)
      return { op: 'delete', ...lens.key(object), uidOf: step.withUid ? object : undefined }
    }
  }
}

function emptyRegister(register: string): ImpossibleWrite {
  return { op: 'impossible', message: `register ${register} holds no object` }
}

function nameOf(name: NameExpression, request: string): string {
  return name === '$request' ? request : name
}

function evaluate<Held>(
  expression: ValueExpression,
  lens: ObjectLens<Held>,
  registers: Registers<Held>,
): Value | undefined {
  if (typeof expression !== 'object') return expression
  const object = registers.objects.get(expression.register)
  return object === undefined ? undefined : lens.field(object, expression.path)
}

function presentValues(
  expressions: Readonly<Partial<Record<string, ValueExpression>>>,
  valueOf: (expression: ValueExpression) => Value | undefined,
): Record<string, Value> {
  const values: Record<string, Value> = {}
  for (const [name, expression] of Object.entries(expressions)) {
    const value = expression === undefined ? undefined : valueOf(expression)
    if (value !== undefined) values[name] = value
  }
  return values
}

function holds<Held>(test: Condition, lens: ObjectLens<Held>, registers: Registers<Held>): boolean {
  if ('lastFailure' in test) return registers.lastFailure === test.lastFailure
  if ('count' in test) return (registers.lists.get(test.register) ?? []).length === test.count
  const object = registers.objects.get(test.register)
  if ('path' in test) return (object === undefined ? null : (lens.field(object, test.path) ?? null)) === test.equals
  if ('terminating' in test) return (object !== undefined && lens.isTerminating(object)) === test.terminating
  if ('finalizer' in test)
    return (object !== undefined && lens.finalizers(object).includes(test.finalizer)) === test.present
  return (object !== undefined) === test.present
}
