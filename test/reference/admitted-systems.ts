/** Systems whose writes are changed and refused by admission. */
import { controller, getSelf, withStatus } from './fixed-systems.ts'
import type { Step, System } from './system.ts'

const say = (state: string): Step => ({ do: 'updateStatus', of: 'self', set: { 'status.state': state } })
const onFailure = (reason: 'Invalid' | 'Forbidden' | null, yes: readonly Step[]): Step => ({
  do: 'if',
  test: { lastFailure: reason },
  yes: [...yes, { do: 'return' }],
})

/** A Bar for each Foo, of which a quota allows one: who is first has it, until the user deletes Foo a. */
const oneForTwo: System = {
  name: 'one-for-two',
  kinds: [withStatus('Foo'), withStatus('Bar')],
  objects: [
    { kind: 'Foo', name: 'a', finalizers: ['x/y'] },
    { kind: 'Foo', name: 'b' },
  ],
  controllers: [
    {
      ...controller('maker', 'Foo', [
        ...getSelf('Foo'),
        {
          do: 'if',
          test: { register: 'self', terminating: true },
          yes: [
            { do: 'delete', kind: 'Bar', name: '$request', tolerate: ['NotFound'] },
            { do: 'update', of: 'self', removeFinalizer: 'x/y' },
            { do: 'return' },
          ],
        },
        { do: 'create', kind: 'Bar', name: '$request', spec: { of: 'foo' }, tolerate: ['AlreadyExists', 'Forbidden'] },
        onFailure('Forbidden', [say('waits')]),
        say('has'),
      ]),
      watches: [{ kind: 'Bar', requests: ['a', 'b'] }],
    },
  ],
  script: [{ type: 'delete', kind: 'Foo', name: 'a' }],
  admission: { sets: { kind: 'Bar', field: 'size', value: 1 }, atMost: { kind: 'Bar', count: 1 } },
}

/** One controller paints red what another makes; red is refused, and so is any delete of what has a size. */
const painted: System = {
  name: 'painted',
  kinds: [withStatus('Foo'), { kind: 'Bar', statusSubresource: false }],
  objects: [{ kind: 'Foo', name: 'a', spec: { color: 'blue' } }],
  controllers: [
    controller('maker', 'Foo', [
      ...getSelf('Foo'),
      {
        do: 'create',
        kind: 'Bar',
        name: '$request',
        spec: { color: { register: 'self', path: 'spec.color' } },
        tolerate: ['AlreadyExists', 'Invalid'],
      },
      onFailure('Invalid', [say('refused')]),
      say('made'),
    ]),
    controller('painter', 'Bar', [
      ...getSelf('Bar'),
      { do: 'patch', kind: 'Bar', name: '$request', path: 'labels.seen', value: 'yes' },
      { do: 'patch', kind: 'Bar', name: '$request', path: 'spec.color', value: 'red', tolerate: ['Invalid'] },
      onFailure('Invalid', [{ do: 'delete', kind: 'Bar', name: '$request', tolerate: ['Invalid', 'NotFound'] }]),
    ]),
  ],
  script: [{ type: 'update', kind: 'Foo', name: 'a', field: 'color', value: 'red' }],
  admission: {
    sets: { kind: 'Bar', field: 'size', value: 1 },
    refuses: { kind: 'Bar', field: 'color', value: 'red' },
    keeps: { kind: 'Bar', field: 'size', value: 1 },
  },
}

/** What is refused for ever fails for ever. */
const neverMade: System = {
  name: 'never-made',
  kinds: [withStatus('Foo'), withStatus('Bar')],
  objects: [{ kind: 'Foo', name: 'a', spec: { written: 0 } }],
  controllers: [
    controller('maker', 'Foo', [
      ...getSelf('Foo'),
      {
        do: 'if',
        test: { register: 'self', path: 'spec.written', equals: 0 },
        yes: [{ do: 'update', of: 'self', set: { 'spec.written': 1 } }, { do: 'return' }],
      },
      { do: 'create', kind: 'Bar', name: '$request' },
    ]),
  ],
  admission: {
    sets: { kind: 'Bar', field: 'color', value: 'red' },
    refuses: { kind: 'Bar', field: 'color', value: 'red' },
  },
}

export const admittedSystems: readonly System[] = [oneForTwo, painted, neverMade]
