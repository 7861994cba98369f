import { expect, it } from 'vitest'
import type { KubernetesObject } from '#api/object.ts'
import type { PathRecord, WriteRecord } from '#trace/path.ts'
import { objectsAt } from './objects-at.ts'

const map = (name: string, data: object, namespace?: string) =>
  ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, ...(namespace && { namespace }) },
    data,
  }) as KubernetesObject

const step = (...writes: readonly Partial<WriteRecord>[]) => ({ writes }) as unknown as PathRecord['steps'][number]

it('follows what was committed, from the objects at the start', () => {
  const old = map('a', { v: '1' })
  const changed = map('a', { v: '2' }, 'default')
  const made = map('b', {}, 'default')
  const path: PathRecord = {
    actions: [],
    steps: [
      step({ op: 'update', outcome: 'committed', before: map('a', { v: '1' }, 'default'), after: changed }),
      step({ op: 'create', outcome: 'failed' }, { op: 'create', outcome: 'committed', after: made }),
      step({ op: 'delete', outcome: 'committed', before: changed }),
    ],
  }
  expect(objectsAt(path, 0, [old])).toEqual([old])
  expect(objectsAt(path, 1, [old])).toEqual([changed])
  expect(objectsAt(path, 2, [old])).toEqual([changed, made])
  expect(objectsAt(path, 3, [old])).toEqual([made])
})
