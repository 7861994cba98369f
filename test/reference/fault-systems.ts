/** Systems written by hand for single faults and profiles. */
import { controller, getSelf, withStatus } from './fixed-systems.ts'
import type { System } from './system.ts'

/** Makes a child when its view shows none; the API server gives the name. */
export const childByCount: System = {
  name: 'child-by-count',
  kinds: [withStatus('A'), withStatus('B')],
  objects: [{ kind: 'A', name: 'a' }],
  controllers: [
    {
      ...controller('creator', 'A', [
        ...getSelf('A'),
        { do: 'list', kind: 'B', into: 'children' },
        {
          do: 'if',
          test: { register: 'children', count: 0 },
          yes: [{ do: 'create', kind: 'B', name: 'child-', generate: true, owner: 'self' }],
        },
        { do: 'patchStatus', kind: 'A', name: '$request', path: 'status.phase', value: 'Made' },
      ]),
      owns: ['B'],
    },
  ],
}
