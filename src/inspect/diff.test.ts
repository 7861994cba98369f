import { describe, expect, it } from 'vitest'
import { differences } from './diff.ts'

describe('differences between two objects', () => {
  it('leaves out resourceVersion and managedFields', () => {
    const left = { metadata: { resourceVersion: '1', managedFields: [1], name: 'a' } }
    const right = { metadata: { resourceVersion: '2', managedFields: [], name: 'a' } }
    expect(differences(left, right)).toEqual([])
  })

  it('names changed, added and removed fields by their path', () => {
    expect(
      differences({ spec: { replicas: 2, paused: true } }, { spec: { replicas: 3 }, status: { ready: 1 } }),
    ).toEqual([
      { path: 'spec.replicas', left: 2, right: 3 },
      { path: 'spec.paused', left: true, right: undefined },
      { path: 'status', left: undefined, right: { ready: 1 } },
    ])
  })

  it('quotes keys that contain a dot', () => {
    expect(differences({ labels: { 'a.b/c': '1' } }, { labels: { 'a.b/c': '2' } })[0]?.path).toBe('labels["a.b/c"]')
  })

  it('compares lists of objects by their key, whatever their position', () => {
    const left = {
      conditions: [
        { type: 'Ready', status: 'False' },
        { type: 'Synced', status: 'True' },
      ],
    }
    const right = {
      conditions: [
        { type: 'Synced', status: 'True' },
        { type: 'Ready', status: 'True' },
      ],
    }
    expect(differences(left, right)).toEqual([
      { path: 'conditions (order)', left: ['type=Ready', 'type=Synced'], right: ['type=Synced', 'type=Ready'] },
      { path: 'conditions[type=Ready].status', left: 'False', right: 'True' },
    ])
  })

  it('compares lists of scalars as sets', () => {
    expect(differences({ finalizers: ['a', 'b'] }, { finalizers: ['b', 'c'] })).toEqual([
      { path: 'finalizers[a]', left: 'a', right: undefined },
      { path: 'finalizers[c]', left: undefined, right: 'c' },
    ])
  })

  it('compares other lists by position', () => {
    expect(differences({ list: [[1], [2]] }, { list: [[1], [3], [4]] })).toEqual([
      { path: 'list[1][2]', left: 2, right: undefined },
      { path: 'list[1][3]', left: undefined, right: 3 },
      { path: 'list[2]', left: undefined, right: [4] },
    ])
  })

  it('gives an empty path where one side is absent', () => {
    expect(differences(undefined, { a: 1 })).toEqual([{ path: '', left: undefined, right: { a: 1 } }])
  })

  it('does not take a key of the prototype for a field', () => {
    expect(differences({}, { constructor: 'x' })).toEqual([{ path: 'constructor', left: undefined, right: 'x' }])
  })
})
