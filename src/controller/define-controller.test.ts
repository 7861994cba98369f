import { describe, expect, it } from 'vitest'
import { defineController, isController } from './define-controller.ts'

const reconciler = () => ({ async reconcile() {} })
const valid = { name: 'web-operator', for: { apiVersion: 'example.com/v1', kind: 'Web' }, reconciler }

describe('defineController', () => {
  it('returns the definition as plain data with a tag', () => {
    const controller = defineController(valid)
    expect(controller).toEqual({ ...valid, type: 'controller' })
    expect(isController(controller)).toBe(true)
    expect(isController({ ...controller })).toBe(true)
    expect(isController(valid)).toBe(false)
  })

  const pods = { apiVersion: 'v1', kind: 'Pod' }
  it.each<[string, object, RegExp]>([
    ['no name', { name: undefined }, /name is undefined/],
    ['a name with a space', { name: 'my operator' }, /name is 'my operator'/],
    ['a misspelt field', { watch: [] }, /web-operator: there is no field watch, so it would have no effect/],
    ['a for without apiVersion', { for: { kind: 'Web' } }, /for is the object { kind }/],
    ['owns that is no array', { owns: pods }, /owns is the object { apiVersion, kind }. Expected is an array/],
    [
      'owns without for',
      { for: undefined, owns: [pods] },
      /for is undefined. Expected is the primary kind, because owns/,
    ],
    ['watches without requests', { watches: [pods] }, /watches\[0\].requests is undefined/],
    ['a predicate that is no function', { owns: [{ ...pods, predicate: true }] }, /owns\[0\].predicate is true/],
    [
      'a reconciler that is no function',
      { reconciler: reconciler() },
      /reconciler is the object { reconcile }. Expected is a function that makes a reconciler/,
    ],
    ['no workers', { maxConcurrentReconciles: 0 }, /maxConcurrentReconciles is 0/],
    ['half a memory', { memory: { snapshot: () => null } }, /memory is the object { snapshot }/],
    ['an empty process', { process: '' }, /process is ''/],
  ])('refuses %s', (_, part, message) => {
    expect(() => defineController({ ...valid, ...part } as never)).toThrow(message)
  })

  it('refuses what is no object', () => {
    expect(() => defineController(undefined as never)).toThrow(/takes an object, but got undefined/)
  })
})
