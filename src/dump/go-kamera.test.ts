import { expect, it } from 'vitest'
import { DumpError } from './dump-error.ts'
import { goKameraReport, mayBeGoKamera } from './go-kamera.ts'

const foo = (state: string) => ({
  apiVersion: 'webapp.discrete.events/v1',
  kind: 'Foo',
  metadata: { name: 'foo', namespace: 'default' },
  status: { state },
})
const hash = (value: string) => ({ Value: value, Strategy: 'default' })
const at = (value: string) => [{ key: { ObjectID: 'foo-123', Namespace: 'default', Name: 'foo' }, hash: hash(value) }]
const step = (controllerId: string, before: string, after: string) => ({
  controllerId,
  frameId: 'f',
  frameType: 'Explore',
  changes: { objectVersions: before === after ? [] : at(after), effects: [] },
  stateBefore: at(before),
  stateAfter: at(after),
})
const saved = {
  objects: ['', 'A-1', 'A-Final'].map((state) => ({ hash: hash(state), object: foo(state) })),
  states: [
    {
      id: 's1',
      reason: 'converged',
      divergencePoint: '',
      state: { contents: { objects: at('A-Final'), kindSequences: {} } },
      paths: [
        [
          step('FooController', '', 'A-1'),
          step('BarController', 'A-1', 'A-Final'),
          step('FooController', 'A-Final', 'A-Final'),
        ],
        [{ controllerId: 'BarController', changes: { objectVersions: at('A-1') }, error: 'conflict' }],
      ],
    },
  ],
}

it('shows each path of a state, with what every step changed', () => {
  const { outcomes, verdict } = goKameraReport(JSON.stringify(saved), 'go.json')
  expect(verdict).toBe('inconclusive')
  expect(outcomes.map(({ id, objects, first }) => [id, objects, first.steps.length])).toEqual([
    ['state-1 (converged) path 1 of 2', ['Foo default/foo'], 3],
    ['state-1 (converged) path 2 of 2', ['Foo default/foo'], 1],
  ])
  const steps = outcomes.flatMap(({ first }) => first.steps)
  expect(
    steps.map(({ title, writes }) => [
      title,
      writes.map(({ op, before, after }) => [op, before?.status, after?.status]),
    ]),
  ).toEqual([
    ['FooController reconciles (Explore)', [['update', { state: '' }, { state: 'A-1' }]]],
    ['BarController reconciles (Explore)', [['update', { state: 'A-1' }, { state: 'A-Final' }]]],
    ['FooController reconciles (Explore)', []],
    ['BarController reconciles', [['update', undefined, { state: 'A-1' }]]],
  ])
  expect(steps.at(-1)?.result).toEqual({ type: 'error', message: 'conflict' })
})

it('refuses what is no dump, and takes nothing for an object that is none', () => {
  for (const text of ['{', '[]', '{}', '{"formatVersion":1,"type":"counterexample"}', '{"objects":1,"states":[]}'])
    expect(() => goKameraReport(text, 'go.json'), text).toThrow(DumpError)
  const odd = {
    objects: [null, 7, { hash: 1, object: { kind: 1 } }],
    states: [null, { paths: [7, [null, { controllerId: 1, changes: 7 }]] }],
  }
  expect(goKameraReport(JSON.stringify(odd), 'go.json').outcomes.map(({ objects }) => objects)).toEqual([[], []])
  expect([mayBeGoKamera(Buffer.from(' \n{"objects"')), mayBeGoKamera(Buffer.of(0x1f, 0x8b))]).toEqual([true, false])
})
