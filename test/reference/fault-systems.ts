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

/** Deletes, whatever it has read, a child that others make: no evidence, so none that could be old. */
export const deletesInPassing: System = {
  name: 'deletes-in-passing',
  kinds: [withStatus('A'), withStatus('B')],
  objects: [{ kind: 'A', name: 'a', spec: { x: 'u' } }],
  controllers: [
    controller('deleter', 'A', [
      ...getSelf('A'),
      { do: 'patch', kind: 'A', name: '$request', path: 'spec.y', value: 'seen' },
      { do: 'delete', kind: 'B', name: 'b', tolerate: ['NotFound'] },
    ]),
  ],
  script: [
    { type: 'update', kind: 'A', name: 'a', field: 'x', value: 'v' },
    { type: 'create', object: { kind: 'B', name: 'b' } },
  ],
}

/** Deletes a child that it has just seen by the API reader; what it read late before has nothing to do with it. */
export const deletesWhatIsThere: System = {
  ...deletesInPassing,
  name: 'deletes-what-is-there',
  controllers: [
    controller('deleter', 'A', [
      ...getSelf('A'),
      { do: 'patch', kind: 'A', name: '$request', path: 'spec.y', value: 'seen' },
      { do: 'get', kind: 'B', name: 'b', into: 'child', live: true },
      { do: 'if', test: { register: 'child', present: true }, yes: [{ do: 'deleteHeld', of: 'child', withUid: true }] },
    ]),
  ],
}

/** Reads late that the child is not wanted, says so, and then deletes it: the first write is no new evidence. */
export const deletesWhatItAnnounced: System = {
  ...deletesInPassing,
  name: 'deletes-what-it-announced',
  objects: [
    { kind: 'A', name: 'a', spec: { x: 'u' } },
    { kind: 'B', name: 'b' },
  ],
  controllers: [
    controller('deleter', 'A', [
      ...getSelf('A'),
      {
        do: 'if',
        test: { register: 'self', path: 'spec.x', equals: 'u' },
        yes: [
          { do: 'patch', kind: 'A', name: '$request', path: 'spec.y', value: 'deleting' },
          { do: 'get', kind: 'A', name: '$request', into: 'again' },
          { do: 'delete', kind: 'B', name: 'b', tolerate: ['NotFound'] },
        ],
      },
    ]),
  ],
  script: [{ type: 'update', kind: 'A', name: 'a', field: 'x', value: 'v' }],
}
