import { expect, it } from 'vitest'
import type { KubernetesObject } from '#api/object.ts'
import type { PathRecord, WriteRecord } from '#trace/path.ts'
import { restDifferences, sharedSteps } from './rest-differences.ts'

const pod = (node: string, uid = 'u1'): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'a', namespace: 'default', uid, resourceVersion: uid },
  spec: { node },
})

function path(actions: readonly string[], ...writes: readonly (readonly [WriteRecord['op'], unknown, unknown])[]) {
  const steps = actions.map((title, index) => {
    const [op, before, after] = writes[index] ?? []
    const write = { op, object: 'Pod default/a', outcome: 'committed', before, after }
    return {
      index,
      type: 'reconcile',
      title,
      causes: [],
      reads: [],
      writes: op === undefined ? [] : [write],
      faults: [],
    }
  })
  return { actions, steps } as unknown as PathRecord
}

it('finds where two paths part', () => {
  expect(sharedSteps(path(['a', 'b', 'c']), path(['a', 'b', 'd']))).toBe(2)
  expect(sharedSteps(path(['a']), path(['a', 'b']))).toBe(1)
})

it('compares what is there at the end, whoever wrote it, without uids and versions', () => {
  const left = path(['a', 'b'], ['create', undefined, pod('x')], ['update', pod('x'), pod('y')])
  expect(restDifferences(left, path(['a'], ['create', undefined, pod('y', 'u2')]))).toEqual([])
  expect(restDifferences(left, path(['a'], ['create', undefined, pod('z', 'u2')]))).toEqual([
    { object: 'Pod default/a', path: 'spec.node', left: 'y', right: 'z' },
  ])
})

it('takes what a path did not touch as the other one found it', () => {
  const untouched = path(['a'])
  const there = path(['b'], ['update', pod('x'), pod('y')])
  expect(restDifferences(untouched, there)).toEqual([
    { object: 'Pod default/a', path: 'spec.node', left: 'x', right: 'y' },
  ])
  const created = path(['b'], ['create', undefined, pod('y')])
  expect(restDifferences(untouched, created)).toEqual([
    { object: 'Pod default/a', path: '', left: undefined, right: pod('y') },
  ])
  const removed = path(['b'], ['delete', pod('y'), undefined])
  expect(restDifferences(removed, untouched)).toEqual([
    { object: 'Pod default/a', path: '', left: undefined, right: pod('y') },
  ])
  expect(
    restDifferences(path(['b', 'c'], ['create', undefined, pod('x')], ['delete', pod('x'), undefined]), untouched),
  ).toEqual([])
})
