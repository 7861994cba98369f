/** Small random systems in which something is deleted on evidence that may be old: for oracles of deletions. */
import fc from 'fast-check'
import type { Condition, ControllerDescription, FailureReason, Step, System, UserActionDescription } from './system.ts'

const anyValue = fc.constantFrom('u', 'v')
const FINALIZER = 'test.kamera.dev/hold'

const anyEvidence: fc.Arbitrary<Condition> = fc.oneof(
  anyValue.map((equals): Condition => ({ register: 'self', path: 'spec.x', equals })),
  anyValue.map((equals): Condition => ({ register: 'other', path: 'spec.x', equals })),
  fc.boolean().map((present): Condition => ({ register: 'other', present })),
  fc.constantFrom(0, 1).map((count): Condition => ({ register: 'listed', count })),
  fc.boolean().map((terminating): Condition => ({ register: 'self', terminating })),
  fc.constant<Condition>({ lastFailure: 'Conflict' }),
)

const anyDeletion: fc.Arbitrary<Step[]> = fc.oneof(
  fc.constantFrom('a', 'b').map((name): Step[] => [{ do: 'delete', kind: 'B', name, tolerate: ['NotFound'] }]),
  fc.boolean().map((withUid): Step[] => [
    { do: 'first', from: 'listed', into: 'one' },
    {
      do: 'if',
      test: { register: 'one', present: true },
      yes: [{ do: 'deleteHeld', of: 'one', withUid, tolerate: ['NotFound', 'Conflict'] }],
    },
  ]),
)

const anyOtherWrite: fc.Arbitrary<Step[]> = fc.constantFrom<Step[]>(
  [],
  [{ do: 'update', of: 'self', set: { 'spec.z': 'done' }, tolerate: ['Conflict'] }],
  [{ do: 'create', kind: 'B', name: 'b', spec: { x: 'u' }, tolerate: ['AlreadyExists'] }],
  [{ do: 'patch', kind: 'B', name: 'b', path: 'spec.x', value: 'v', tolerate: ['NotFound'] }],
)

const anyErrors = fc.constantFrom<FailureReason[]>([], ['Timeout', 'InternalError'])

const anyProgram: fc.Arbitrary<Step[]> = fc
  .record({
    live: fc.constantFrom(false, false, true),
    errors: anyErrors,
    early: anyOtherWrite,
    evidence: anyEvidence,
    deletion: anyDeletion,
    otherwise: anyOtherWrite,
    late: anyOtherWrite,
  })
  .map(({ live, errors, early, evidence, deletion, otherwise, late }): Step[] => [
    { do: 'get', kind: 'A', name: '$request', into: 'self' },
    { do: 'if', test: { register: 'self', present: false }, yes: [{ do: 'return' }] },
    ...early,
    { do: 'get', kind: 'B', name: 'b', into: 'other', live, tolerate: errors },
    { do: 'list', kind: 'B', into: 'listed', tolerate: errors },
    { do: 'if', test: evidence, yes: deletion, no: otherwise },
    ...late,
  ])

const anyController: fc.Arbitrary<ControllerDescription> = fc.record({
  name: fc.constant('c'),
  process: fc.constantFrom('p1', 'p2'),
  for: fc.constant('A'),
  watches: fc.constantFrom([], [{ kind: 'B', requests: ['a'] }]),
  program: anyProgram,
})

const anyAction: fc.Arbitrary<UserActionDescription> = fc.oneof(
  anyValue.map((value) => ({ type: 'update' as const, kind: 'A', name: 'a', field: 'x', value })),
  anyValue.map((value) => ({ type: 'create' as const, object: { kind: 'B', name: 'b', spec: { x: value } } })),
  fc.constant({ type: 'delete' as const, kind: 'A', name: 'a' }),
)

export const anyDeletionSystem: fc.Arbitrary<System> = fc
  .record({
    controllers: fc.array(anyController, { minLength: 1, maxLength: 2 }),
    finalizers: fc.constantFrom([], [FINALIZER]),
    children: fc.constantFrom(['b'], ['a', 'b'], []),
    script: fc.array(anyAction, { minLength: 1, maxLength: 2 }),
    statusSubresource: fc.boolean(),
  })
  .map(({ controllers, finalizers, children, script, statusSubresource }) => ({
    name: 'random-deletions',
    kinds: ['A', 'B'].map((kind) => ({ kind, statusSubresource })),
    objects: [
      { kind: 'A', name: 'a', spec: { x: 'u' } },
      ...children.map((name) => ({ kind: 'B', name, spec: { x: 'u' }, finalizers })),
    ],
    controllers: controllers.map((controller, place) => ({ ...controller, name: `c${place + 1}` })),
    script,
  }))
