/**
 * Small random systems for property tests. All field values come from one set of two, all names from another, and
 * nothing counts, so that state spaces are finite; `statesMax` of a search skips those that are too large.
 */
import fc from 'fast-check'
import type {
  Condition,
  ControllerDescription,
  EnvironmentEventDescription,
  FailureReason,
  FieldPath,
  KindDescription,
  ObjectDescription,
  Step,
  System,
  UserActionDescription,
} from './system.ts'

const kindNames = ['A', 'B'] as const
const objectNames = ['a', 'b'] as const
const values = ['u', 'v'] as const
const FINALIZER = 'test.kamera.dev/hold'

const anyKind = fc.constantFrom(...kindNames)
const anyName = fc.constantFrom(...objectNames)
const anyValue = fc.constantFrom(...values)
const callsMax = 4

/** What the parts of one system have in common. */
interface Setting {
  readonly kinds: readonly KindDescription[]
  /** Either objects are deleted, or they have owners: never a reference to an owner that is gone. */
  readonly deletes: boolean
  /** One delay for all timers of a system. */
  readonly delayMs: number
  /** Programs also make objects with generated names, delete what they listed, and catch errors of every call. */
  readonly rich: boolean
}

function anySetting(rich: boolean): fc.Arbitrary<Setting> {
  const kinds = kindNames.map((kind) => fc.record({ kind: fc.constant(kind), statusSubresource: fc.boolean() }))
  return fc.record({
    kinds: fc.tuple(...kinds),
    deletes: fc.boolean(),
    delayMs: fc.constantFrom(500, 5000),
    rich: fc.constant(rich),
  })
}

/** 1–3 controllers, 1–3 objects, programs of at most 4 calls, a script of at most 2 actions. */
export const anySystem: fc.Arbitrary<System> = anySystemOf(false)

/** The same with what faults and profiles are about: generated names, evidence from lists, errors that are caught. */
export const anyRichSystem: fc.Arbitrary<System> = anySystemOf(true)

function anySystemOf(rich: boolean): fc.Arbitrary<System> {
  return anySetting(rich)
    .chain((setting) => anyObjects(setting).map((objects) => ({ ...setting, objects })))
    .chain((setting) =>
      fc.record({
        name: fc.constant('random'),
        kinds: fc.constant(setting.kinds),
        objects: fc.constant(setting.objects),
        controllers: anyControllers(setting),
        script: fc.array(anyUserAction(setting), { maxLength: 2 }),
        environment: rich ? fc.array(anyEnvironmentEvent(setting), { maxLength: 2 }).map(numbered) : fc.constant([]),
      }),
    )
}

function anyObjects(setting: Setting): fc.Arbitrary<ObjectDescription[]> {
  const selector = ({ kind, name }: ObjectDescription): string => `${kind}/${name}`
  return fc.uniqueArray(anyObject(setting), { minLength: 1, maxLength: 3, selector })
}

function anyObject(setting: Setting): fc.Arbitrary<ObjectDescription> {
  const object = { kind: anyKind, name: anyName, spec: fc.record({ x: anyValue }) }
  const plain = fc.record(object)
  const withStatus = fc.record({ ...object, status: fc.record({ y: anyValue }) })
  const held = fc.record({ ...object, finalizers: fc.constant([FINALIZER]) })
  return setting.deletes ? fc.oneof(plain, withStatus, held) : fc.oneof(plain, withStatus)
}

interface PopulatedSetting extends Setting {
  readonly objects: readonly ObjectDescription[]
}

function anyControllers(setting: PopulatedSetting): fc.Arbitrary<ControllerDescription[]> {
  return fc
    .array(anyController(setting), { minLength: 1, maxLength: 3 })
    .map((controllers) => controllers.map((controller, index) => ({ ...controller, name: `c${index + 1}` })))
}

function anyController(setting: PopulatedSetting): fc.Arbitrary<ControllerDescription> {
  const anyPrimary = fc.constantFrom(...setting.objects.map((object) => object.kind))
  const requests = fc.uniqueArray(anyName, { minLength: 1, maxLength: 2 })
  return fc
    .record({
      name: fc.constant('c'),
      process: fc.constantFrom('p1', 'p1', 'p2'),
      for: anyPrimary,
      owns: setting.deletes ? fc.constant([]) : fc.uniqueArray(anyKind, { maxLength: 1 }),
      watches: fc.array(fc.record({ kind: anyKind, requests }), { maxLength: 1 }),
      program: fc.constant([]),
    })
    .chain((controller) => anyProgram(setting, controller.for).map((program) => ({ ...controller, program })))
}

// ---- programs

function anyProgram(setting: Setting, primary: string): fc.Arbitrary<Step[]> {
  return fc
    .tuple(fc.array(anyBlock(setting, primary), { minLength: 1, maxLength: 3 }), anyAbsence(primary))
    .map(([blocks, absence]) => {
      const start: Step[] = [
        { do: 'get', kind: primary, name: '$request', into: 'self' },
        { do: 'if', test: { register: 'self', present: false }, yes: [...absence, { do: 'return' }] },
      ]
      return limitCalls([start, ...blocks]).flat()
    })
}

/** As many of the blocks, from the first on, as make at most `callsMax` calls in the program's text. */
function limitCalls(blocks: readonly Step[][]): Step[][] {
  const kept: Step[][] = []
  for (const block of blocks) if (callsOf([...kept, block].flat()) <= callsMax) kept.push(block)
  return kept
}

function callsOf(steps: readonly Step[]): number {
  return steps.reduce((sum, step) => {
    if (step.do === 'if') return sum + callsOf(step.yes) + callsOf(step.no ?? [])
    return step.do === 'fail' || step.do === 'return' || step.do === 'first' ? sum : sum + 1
  }, 0)
}

/** What is done when the object of the request is not there. */
function anyAbsence(primary: string): fc.Arbitrary<Step[]> {
  const create = anyTolerance.map((tolerate): Step[] => [
    { do: 'create', kind: primary, name: '$request', spec: { x: 'u' }, tolerate },
  ])
  return fc.oneof(
    { arbitrary: fc.constant<Step[]>([]), weight: 8 },
    { arbitrary: create, weight: 1 },
    { arbitrary: fc.constant<Step[]>([{ do: 'fail', message: 'absent' }]), weight: 1 },
  )
}

const everyFailure: readonly FailureReason[] = ['NotFound', 'AlreadyExists', 'Conflict', 'Invalid']
const anyTolerance = fc.constantFrom<readonly FailureReason[]>([], everyFailure, everyFailure)

const anyError = fc.constantFrom<FailureReason>('Timeout', 'Conflict', 'InternalError', 'TooManyRequests')
const anyErrors = fc.constantFrom<readonly FailureReason[]>(
  [],
  ['Timeout'],
  ['Timeout', 'InternalError', 'TooManyRequests'],
)

/** A condition on `self`; `spec.x` is always there at the start, `spec.z` never. */
const anyCondition: fc.Arbitrary<Condition> = fc.oneof(
  fc.record({ register: fc.constant('self'), path: fc.constant<FieldPath>('spec.x'), equals: anyValue }),
  fc.record({
    register: fc.constant('self'),
    path: fc.constantFrom<FieldPath>('spec.z', 'status.y'),
    equals: fc.constantFrom(...values, null, null),
  }),
)

/** The steps themselves, or only when a condition holds. */
function anyGuarded(steps: fc.Arbitrary<Step[]>): fc.Arbitrary<Step[]> {
  const guarded = fc.tuple(anyCondition, steps).map(([test, yes]): Step[] => [{ do: 'if', test, yes }])
  return fc.oneof({ arbitrary: guarded, weight: 2 }, { arbitrary: steps, weight: 1 })
}

function anyBlock(setting: Setting, primary: string): fc.Arbitrary<Step[]> {
  const writes = [
    anyWriteToSelf(setting, primary),
    anyWriteToSelf(setting, primary),
    anyPatch(setting),
    anyMirror,
    anyEnsure(setting),
    anyCountedCreate,
    ...(setting.rich ? [anyGeneratedChild(setting), anyReaction(setting), anyErrorAsAbsence(setting)] : []),
    ...(setting.rich && setting.deletes ? [anyDeleteOfListed, anyDeleteOfListed, anyDelete, anyDelete, anyDelete] : []),
    ...(setting.deletes ? [anyDelete, anyFinalizing] : []),
  ]
  const ends: Step[] = [
    { do: 'fail', message: 'refused' },
    { do: 'return', requeueAfterMs: setting.delayMs },
    { do: 'return' },
  ]
  return fc.oneof(
    { arbitrary: anyGuarded(fc.oneof(...writes)), weight: 6 },
    { arbitrary: anyGuarded(fc.constantFrom(...ends).map((end) => [end])), weight: 1 },
  )
}

function anyWriteToSelf(setting: Setting, primary: string): fc.Arbitrary<Step[]> {
  return fc
    .record({ path: fc.constantFrom('spec.x', 'spec.z', 'status.y'), value: anyValue, tolerate: anyTolerance })
    .map(({ path, value, tolerate }) => {
      const set = { [path]: value }
      const toStatus = path === 'status.y' && hasStatusSubresource(setting, primary)
      return [{ do: toStatus ? 'updateStatus' : 'update', of: 'self', set, tolerate }]
    })
}

function anyPatch(setting: Setting): fc.Arbitrary<Step[]> {
  return fc
    .record({
      kind: anyKind,
      name: fc.constantFrom(...objectNames, '$request'),
      toStatus: fc.boolean(),
      value: anyValue,
      tolerate: anyTolerance,
    })
    .map(({ kind, name, toStatus, value, tolerate }) => {
      if (!toStatus) return [{ do: 'patch', kind, name, path: 'spec.x', value, tolerate }]
      const patch = hasStatusSubresource(setting, kind) ? 'patchStatus' : 'patch'
      return [{ do: patch, kind, name, path: 'status.y', value, tolerate }]
    })
}

function hasStatusSubresource(setting: Setting, kind: string): boolean {
  return setting.kinds.some((description) => description.kind === kind && description.statusSubresource)
}

/** Copies a field of another object to `self`. */
const anyMirror: fc.Arbitrary<Step[]> = fc
  .record({
    kind: anyKind,
    name: anyName,
    live: fc.boolean(),
    from: fc.constantFrom<FieldPath>('spec.x', 'status.y'),
    tolerate: anyTolerance,
  })
  .map(({ kind, name, live, from, tolerate }) => [
    { do: 'get', kind, name, into: 'source', live },
    { do: 'update', of: 'self', set: { 'spec.z': { register: 'source', path: from } }, tolerate },
  ])

function anyEnsure(setting: Setting): fc.Arbitrary<Step[]> {
  return fc
    .record({ kind: anyKind, name: anyName, value: anyValue, tolerate: anyTolerance, isOwned: fc.boolean() })
    .map(({ kind, name, value, tolerate, isOwned }) => {
      const owner = isOwned && !setting.deletes ? { owner: 'self' } : {}
      return [
        { do: 'get', kind, name, into: 'child' },
        {
          do: 'if',
          test: { register: 'child', present: false },
          yes: [{ do: 'create', kind, name, spec: { x: value }, tolerate, ...owner }],
        },
      ]
    })
}

/** Creates the second object of a kind when the view shows one. */
const anyCountedCreate: fc.Arbitrary<Step[]> = fc
  .record({ kind: anyKind, name: anyName, count: fc.constantFrom(0, 1), tolerate: anyTolerance, live: fc.boolean() })
  .map(({ kind, name, count, tolerate, live }) => [
    { do: 'list', kind, into: 'all', live },
    {
      do: 'if',
      test: { register: 'all', count },
      yes: [{ do: 'create', kind, name, spec: { x: 'u' }, tolerate }],
    },
  ])

/** Counts and makes what is missing, with a name that the API server gives. */
function anyGeneratedChild(setting: Setting): fc.Arbitrary<Step[]> {
  return fc
    .record({ kind: anyKind, count: fc.constantFrom(0, 0, 1), live: fc.boolean(), tolerate: anyErrors })
    .map(({ kind, count, live, tolerate }) => [
      { do: 'list', kind, into: 'children', live, tolerate },
      {
        do: 'if',
        test: { register: 'children', count },
        yes: [
          { do: 'create', kind, name: 'g-', generate: true, tolerate, ...(setting.deletes ? {} : { owner: 'self' }) },
        ],
      },
    ])
}

/** A write, and another one when the first has failed. */
function anyReaction(setting: Setting): fc.Arbitrary<Step[]> {
  return fc.record({ first: anyPatch(setting), reason: anyError, value: anyValue }).map(({ first, reason, value }) => [
    ...first.map((step): Step => (step.do === 'patch' ? { ...step, tolerate: [reason, 'NotFound'] } : step)),
    {
      do: 'if',
      test: { lastFailure: reason },
      yes: [{ do: 'update', of: 'self', set: { 'spec.z': value }, tolerate: ['Conflict'] }],
    },
  ])
}

/** Takes what it could not read for absent. */
function anyErrorAsAbsence(setting: Setting): fc.Arbitrary<Step[]> {
  return fc
    .record({ kind: anyKind, name: anyName, value: anyValue, live: fc.boolean(), tolerate: anyErrors })
    .map(({ kind, name, value, live, tolerate }) => {
      const write: Step = setting.deletes
        ? { do: 'delete', kind, name, tolerate: ['NotFound'] }
        : { do: 'update', of: 'self', set: { 'spec.x': value } }
      return [
        { do: 'get', kind, name, into: 'other', live, tolerate },
        { do: 'if', test: { register: 'other', present: false }, yes: [write] },
      ]
    })
}

const anyDeleteOfListed: fc.Arbitrary<Step[]> = fc
  .record({ kind: anyKind, live: fc.boolean(), withUid: fc.boolean(), tolerate: anyTolerance, errors: anyErrors })
  .map(({ kind, live, withUid, tolerate, errors }) => [
    { do: 'list', kind, into: 'listed', live, tolerate: errors },
    { do: 'first', from: 'listed', into: 'one' },
    {
      do: 'if',
      test: { register: 'one', present: true },
      yes: [{ do: 'deleteHeld', of: 'one', withUid, tolerate }],
    },
  ])

const anyDelete: fc.Arbitrary<Step[]> = fc
  .record({ kind: anyKind, name: fc.constantFrom(...objectNames, '$request'), tolerate: anyTolerance })
  .map(({ kind, name, tolerate }) => [{ do: 'delete', kind, name, tolerate }])

/** Adds the finalizer to a live object, or takes it from a terminating one. */
const anyFinalizing: fc.Arbitrary<Step[]> = fc.constantFrom<Step[]>(
  [
    {
      do: 'if',
      test: { register: 'self', terminating: true },
      yes: [{ do: 'update', of: 'self', removeFinalizer: FINALIZER }],
    },
  ],
  [
    {
      do: 'if',
      test: { register: 'self', terminating: false },
      yes: [{ do: 'update', of: 'self', addFinalizer: FINALIZER }],
    },
  ],
  [{ do: 'update', of: 'self', removeFinalizer: FINALIZER }],
  [{ do: 'update', of: 'self', addFinalizer: FINALIZER }],
)

// ---- the user

function anyUserAction(setting: PopulatedSetting): fc.Arbitrary<UserActionDescription> {
  const timing = fc.constantFrom({}, { at: 'rest' as const })
  const present = fc.constantFrom(...setting.objects)
  const create = anyObject(setting).map((object) => ({ type: 'create' as const, object }))
  const update = fc
    .tuple(present, anyValue)
    .map(([{ kind, name }, value]) => ({ type: 'update' as const, kind, name, field: 'x', value }))
  const remove = present.map(({ kind, name }) => ({ type: 'delete' as const, kind, name }))
  const actions: fc.Arbitrary<UserActionDescription>[] = [create, update, update, ...(setting.deletes ? [remove] : [])]
  return fc.tuple(timing, fc.oneof(...actions)).map(([at, action]) => ({ ...action, ...at }))
}

// ---- the surroundings

function anyEnvironmentEvent(setting: PopulatedSetting): fc.Arbitrary<EnvironmentEventDescription> {
  const named = fc.constantFrom(...setting.objects).map(({ kind, name: object }) => ({ name: '', kind, object }))
  const moved = fc.tuple(named, anyValue).map(([of, value]) => ({ ...of, type: 'set' as const, field: 'x', value }))
  const removed = named.map((of) => ({ ...of, type: 'delete' as const }))
  return setting.deletes ? fc.oneof(moved, removed) : moved
}

function numbered(events: readonly EnvironmentEventDescription[]): EnvironmentEventDescription[] {
  return events.map((event, place) => ({ ...event, name: `event-${place + 1}` }))
}
