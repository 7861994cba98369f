/** Systems written by hand, whose counts or verdicts are known. */
import type { ControllerDescription, KindDescription, Step, System, Value } from './system.ts'

export const withStatus = (kind: string): KindDescription => ({ kind, statusSubresource: true })

/** Reads the primary object into `self`; ends when it is not there. */
export function getSelf(kind: string): Step[] {
  return [
    { do: 'get', kind, name: '$request', into: 'self' },
    { do: 'if', test: { register: 'self', present: false }, yes: [{ do: 'return' }] },
  ]
}

export function controller(name: string, kind: string, program: readonly Step[]): ControllerDescription {
  return { name, process: 'operator', for: kind, program }
}

/**
 * `n` controllers, each watching and writing only its own object: one write a reconcile, `w` writes and then nothing.
 * Without faults: (w+2)^n states, n(w+1)(w+2)^(n-1) transitions, (w+1)^n stores, 1 outcome.
 */
export function independent(n: number, w: number): System {
  const kinds = Array.from({ length: n }, (_, index) => `K${index + 1}`)
  const increments = (kind: string): Step[] => [
    ...getSelf(kind),
    ...Array.from({ length: w }, (_, done): Step => {
      const yes: Step[] = [{ do: 'update', of: 'self', set: { 'spec.written': done + 1 } }, { do: 'return' }]
      return { do: 'if', test: { register: 'self', path: 'spec.written', equals: done }, yes }
    }),
  ]
  return {
    name: `independent-${n}-${w}`,
    kinds: kinds.map((kind) => ({ kind, statusSubresource: false })),
    objects: kinds.map((kind) => ({ kind, name: 'a', spec: { written: 0 } })),
    controllers: kinds.map((kind) => controller(`controller-${kind.toLowerCase()}`, kind, increments(kind))),
  }
}

/** When `field` of `self` has one of the values, a status update to `next` and the end. */
function whenState(values: readonly (Value | null)[], next: string): Step[] {
  return values.map((value) => ({
    do: 'if',
    test: { register: 'self', path: 'status.state', equals: value },
    yes: [{ do: 'updateStatus', of: 'self', set: { 'status.state': next } }, { do: 'return' }],
  }))
}

/** Two controllers run the same code on one object: state '' → A-1 → A-Final. 1 outcome. */
export const trivial: System = {
  name: 'trivial',
  kinds: [withStatus('Foo')],
  objects: [{ kind: 'Foo', name: 'foo', spec: { mode: 'A' } }],
  controllers: ['foo', 'bar'].map((name) =>
    controller(name, 'Foo', [...getSelf('Foo'), ...whenState([null], 'A-1'), ...whenState(['A-1'], 'A-Final')]),
  ),
}

/** Foo walks through the states of its mode; Bar may flip the mode once. 2 outcomes. */
export const modeFlip: System = {
  name: 'mode-flip',
  kinds: [withStatus('Foo')],
  objects: [{ kind: 'Foo', name: 'foo', spec: { mode: 'A' } }],
  controllers: [
    controller('foo', 'Foo', [
      ...getSelf('Foo'),
      {
        do: 'if',
        test: { register: 'self', path: 'spec.mode', equals: 'A' },
        yes: [...whenState([null, 'B-1'], 'A-1'), ...whenState(['A-1'], 'A-2'), ...whenState(['A-2'], 'A-Final')],
        no: [...whenState([null, 'A-1'], 'B-1'), ...whenState(['B-1'], 'B-2'), ...whenState(['B-2'], 'B-Final')],
      },
    ]),
    controller('bar', 'Foo', [
      ...getSelf('Foo'),
      {
        do: 'if',
        test: { register: 'self', path: 'annotations.mode-flip-done', equals: null },
        yes: [...flipAt('A-1', 'B'), ...flipAt('B-1', 'A')],
      },
      ...whenState(['A-2'], 'A-Final'),
      {
        do: 'if',
        test: { register: 'self', path: 'spec.mode', equals: 'B' },
        yes: whenState(['B-2'], 'B-Final'),
      },
    ]),
  ],
}

function flipAt(state: string, mode: string): Step[] {
  const set = { 'spec.mode': mode, 'annotations.mode-flip-done': 'true' } as const
  return [
    {
      do: 'if',
      test: { register: 'self', path: 'status.state', equals: state },
      yes: [{ do: 'update', of: 'self', set }, { do: 'return' }],
    },
  ]
}

/** alpha and beta claim `status.owner` when it is empty or `spec.desired` is themselves; desired is alpha. 1 outcome. */
export const toggle: System = {
  name: 'toggle',
  kinds: [withStatus('Toggle')],
  objects: [{ kind: 'Toggle', name: 'race-toggle', spec: { desired: 'alpha' } }],
  controllers: ['alpha', 'beta'].map((name) => {
    const claim: Step[] = [{ do: 'updateStatus', of: 'self', set: { 'status.owner': name } }, { do: 'return' }]
    return controller(name, 'Toggle', [
      ...getSelf('Toggle'),
      { do: 'if', test: { register: 'self', path: 'status.owner', equals: name }, yes: [{ do: 'return' }] },
      { do: 'if', test: { register: 'self', path: 'status.owner', equals: null }, yes: claim },
      { do: 'if', test: { register: 'self', path: 'spec.desired', equals: name }, yes: claim },
    ])
  }),
}

/** Two controllers set one field to different values for ever: a fair cycle that writes. */
export const fight: System = {
  name: 'fight',
  kinds: [withStatus('A')],
  objects: [{ kind: 'A', name: 'a', spec: { x: 'none' } }],
  controllers: ['left', 'right'].map((name) =>
    controller(name, 'A', [{ do: 'patch', kind: 'A', name: '$request', path: 'spec.x', value: name }]),
  ),
}

/** Fails for ever while the object says so: an error loop. */
export const failing: System = {
  name: 'failing',
  kinds: [withStatus('A')],
  objects: [{ kind: 'A', name: 'a', spec: { x: 'bad' } }],
  controllers: [
    controller('refuser', 'A', [
      ...getSelf('A'),
      { do: 'if', test: { register: 'self', path: 'spec.x', equals: 'bad' }, yes: [{ do: 'fail', message: 'bad' }] },
    ]),
  ],
}

/** Fails until another controller has made the object good, which it is certain to do: no error loop. */
export const failingForATime: System = {
  ...failing,
  name: 'failing-for-a-time',
  controllers: [
    ...failing.controllers,
    controller('mender', 'A', [{ do: 'patch', kind: 'A', name: '$request', path: 'spec.x', value: 'good' }]),
  ],
}

/** A controller toggles a field by a timer: a fair cycle that writes, unless the delay is a second or more. */
export function blink(delayMs: number): System {
  const turn = (from: string, to: string): Step[] => [
    {
      do: 'if',
      test: { register: 'self', path: 'status.light', equals: from },
      yes: [{ do: 'updateStatus', of: 'self', set: { 'status.light': to } }, { do: 'return' }],
    },
  ]
  return {
    name: `blink-${delayMs}`,
    kinds: [withStatus('A'), withStatus('Tick')],
    objects: [
      { kind: 'A', name: 'a', status: { light: 'on' } },
      { kind: 'Tick', name: 'a' },
    ],
    controllers: [
      controller('blinker', 'Tick', [
        { do: 'get', kind: 'A', name: 'a', into: 'self' },
        ...turn('on', 'off').map(withRequeue(delayMs)),
        ...turn('off', 'on').map(withRequeue(delayMs)),
      ]),
    ],
  }
}

function withRequeue(requeueAfterMs: number): (step: Step) => Step {
  return (step) => {
    if (step.do === 'if') return { ...step, yes: step.yes.map(withRequeue(requeueAfterMs)) }
    return step.do === 'return' ? { ...step, requeueAfterMs } : step
  }
}

/** Polls and never writes: its timer is idle, so the system is at rest. */
export const poll: System = {
  name: 'poll',
  kinds: [withStatus('A')],
  objects: [{ kind: 'A', name: 'a', spec: { x: 'v' } }],
  controllers: [controller('poller', 'A', [...getSelf('A'), { do: 'return', requeueAfterMs: 500 }])],
}

/** The user removes an object whose finalizer nobody takes away, and wants to make it anew: stuck. */
export const forgottenFinalizer: System = {
  name: 'forgotten-finalizer',
  kinds: [withStatus('A')],
  objects: [{ kind: 'A', name: 'a', finalizers: ['test.kamera.dev/hold'] }],
  controllers: [controller('reader', 'A', getSelf('A'))],
  script: [
    { type: 'delete', kind: 'A', name: 'a' },
    { type: 'create', object: { kind: 'A', name: 'a' } },
  ],
}

/** As `forgottenFinalizer`, with a controller that takes the finalizer away. */
export const finalizer: System = {
  ...forgottenFinalizer,
  name: 'finalizer',
  controllers: [
    controller('cleaner', 'A', [
      ...getSelf('A'),
      {
        do: 'if',
        test: { register: 'self', terminating: true },
        yes: [{ do: 'update', of: 'self', removeFinalizer: 'test.kamera.dev/hold' }],
      },
    ]),
  ],
}

/** Adds its finalizer; when the user was faster, the object is terminating and takes none: an error loop. */
export const lateFinalizer: System = {
  name: 'late-finalizer',
  kinds: [withStatus('A')],
  objects: [{ kind: 'A', name: 'a', finalizers: ['test.kamera.dev/other'] }],
  controllers: [
    controller('adder', 'A', [...getSelf('A'), { do: 'update', of: 'self', addFinalizer: 'test.kamera.dev/hold' }]),
  ],
  script: [{ type: 'delete', kind: 'A', name: 'a' }],
}

/** Makes two objects and takes the first one as evidence of both: a crash between the writes loses the second. */
export const twoSecrets: System = {
  name: 'two-secrets',
  kinds: [withStatus('A'), withStatus('B')],
  objects: [{ kind: 'A', name: 'a' }],
  controllers: [
    controller('maker', 'A', [
      ...getSelf('A'),
      { do: 'get', kind: 'B', name: 'first', into: 'first' },
      { do: 'if', test: { register: 'first', present: true }, yes: [{ do: 'return' }] },
      { do: 'create', kind: 'B', name: 'first' },
      { do: 'create', kind: 'B', name: 'second' },
    ]),
  ],
}

/** A child exists while it is enabled: on → off → on. With a stale view the child may be removed and made again. */
export const staleSwitch: System = {
  name: 'stale-switch',
  kinds: [withStatus('A'), withStatus('B')],
  objects: [{ kind: 'A', name: 'a', spec: { child: 'on' } }],
  controllers: [
    {
      ...controller('switcher', 'A', [
        ...getSelf('A'),
        { do: 'get', kind: 'B', name: 'child', into: 'child' },
        {
          do: 'if',
          test: { register: 'self', path: 'spec.child', equals: 'on' },
          yes: [
            {
              do: 'if',
              test: { register: 'child', present: false },
              yes: [{ do: 'create', kind: 'B', name: 'child', owner: 'self', tolerate: ['AlreadyExists'] }],
            },
          ],
          no: [
            {
              do: 'if',
              test: { register: 'child', present: true },
              yes: [{ do: 'delete', kind: 'B', name: 'child', tolerate: ['NotFound'] }],
            },
          ],
        },
      ]),
      owns: ['B'],
    },
  ],
  script: [
    { type: 'update', kind: 'A', name: 'a', field: 'child', value: 'off' },
    { type: 'update', kind: 'A', name: 'a', field: 'child', value: 'on' },
  ],
}

/** Creates a child that its view does not show, and takes AlreadyExists for somebody else's: aborted only with a
 *  lagging view. */
export const trustsItsView: System = {
  name: 'trusts-its-view',
  kinds: [withStatus('A'), withStatus('B')],
  objects: [{ kind: 'A', name: 'a' }],
  controllers: [
    controller('creator', 'A', [
      ...getSelf('A'),
      { do: 'list', kind: 'B', into: 'children' },
      {
        do: 'if',
        test: { register: 'children', count: 0 },
        yes: [
          { do: 'create', kind: 'B', name: 'child', tolerate: ['AlreadyExists'] },
          {
            do: 'if',
            test: { lastFailure: 'AlreadyExists' },
            yes: [{ do: 'patchStatus', kind: 'A', name: '$request', path: 'status.phase', value: 'Aborted' }],
            no: [{ do: 'patchStatus', kind: 'A', name: '$request', path: 'status.phase', value: 'Made' }],
          },
        ],
      },
    ]),
  ],
}

/** Copies a field of B to A but does not watch B: at rest, a restart would write. */
export const missingWatch: System = {
  name: 'missing-watch',
  kinds: [withStatus('A'), withStatus('B')],
  objects: [
    { kind: 'A', name: 'a', spec: { x: 'old' } },
    { kind: 'B', name: 'b', spec: { x: 'old' } },
  ],
  controllers: [
    controller('copier', 'A', [
      { do: 'get', kind: 'B', name: 'b', into: 'source' },
      {
        do: 'patch',
        kind: 'A',
        name: '$request',
        path: 'spec.x',
        value: { register: 'source', path: 'spec.x' },
      },
    ]),
  ],
  script: [{ type: 'update', kind: 'B', name: 'b', field: 'x', value: 'new' }],
}

/** As `missingWatch`, with the watch. */
export const mirror: System = {
  ...missingWatch,
  name: 'mirror',
  controllers: missingWatch.controllers.map((copier) => ({ ...copier, watches: [{ kind: 'B', requests: ['a'] }] })),
}

/** Two controllers arm a timer each, and the one whose timer is taken first says so. 2 outcomes when they are due together. */
export function race(leftMs: number, rightMs: number): System {
  const racer = (name: string, delayMs: number): ControllerDescription =>
    controller(name, 'Tick', [
      { do: 'get', kind: 'A', name: 'a', into: 'track' },
      {
        do: 'if',
        test: { register: 'track', path: `status.${name}`, equals: null },
        yes: [
          { do: 'patchStatus', kind: 'A', name: 'a', path: `status.${name}`, value: 'armed' },
          { do: 'return', requeueAfterMs: delayMs },
        ],
      },
      {
        do: 'if',
        test: { register: 'track', path: 'status.first', equals: null },
        yes: [{ do: 'patchStatus', kind: 'A', name: 'a', path: 'status.first', value: name }],
      },
    ])
  return {
    name: `race-${leftMs}-${rightMs}`,
    kinds: [withStatus('A'), withStatus('Tick')],
    objects: [
      { kind: 'A', name: 'a' },
      { kind: 'Tick', name: 'a' },
    ],
    controllers: [racer('left', leftMs), racer('right', rightMs)],
  }
}

/** Every fixed system here that is not a function. */
export const fixedSystems: readonly System[] = [
  trivial,
  modeFlip,
  toggle,
  fight,
  failing,
  failingForATime,
  poll,
  forgottenFinalizer,
  finalizer,
  lateFinalizer,
  twoSecrets,
  staleSwitch,
  trustsItsView,
  missingWatch,
  mirror,
]
