/**
 * Systems about work queues. Their states are not compared: of a reconcile in flight the two searches keep different views.
 */
import { controller, withStatus } from './fixed-systems.ts'
import type { System } from './system.ts'

/**
 * One worker for two requests: `b` fails until `a`, which waits in the queue, has had its turn. Write by write there is
 * always one of them in flight, so `a` cannot always begin, but it does not wait for ever. 1 outcome, no error loop.
 */
export const takesTurns: System = {
  name: 'takes-turns',
  kinds: [withStatus('A'), withStatus('B')],
  objects: [
    { kind: 'A', name: 'a' },
    { kind: 'B', name: 'b', spec: { x: 'old' } },
  ],
  controllers: [
    {
      ...controller('turner', 'B', [
        { do: 'get', kind: 'B', name: '$request', into: 'self' },
        {
          do: 'if',
          test: { register: 'self', present: false },
          yes: [{ do: 'create', kind: 'B', name: '$request', spec: { x: 'new' } }, { do: 'return' }],
        },
        {
          do: 'if',
          test: { register: 'self', path: 'spec.x', equals: 'old' },
          yes: [{ do: 'patch', kind: 'B', name: 'a', path: 'spec.x', value: 'newer' }],
        },
      ]),
      watches: [{ kind: 'A', requests: ['a'] }],
    },
  ],
}
