import { describe, expect, test } from 'vitest'
import { FIRST_REVISION } from './tables.ts'
import {
  afterWrites,
  app,
  clusterOf,
  creation,
  deletion,
  initialState,
  mergePatch,
  slotOfApp,
  update,
} from './test-support.ts'
import { versionOf } from './versions.ts'

describe('what a write does is remembered only by all that it depends on', () => {
  test('a resourceVersion that no answer gave is compared with the one that is stored now', () => {
    const cluster = clusterOf([app('a', { spec: { x: 1 } })])
    const start = initialState(cluster)
    const slot = slotOfApp(cluster, 'a')
    const resourceVersion = String(FIRST_REVISION + (start[slot.part + 1] as number))
    const overwrite = update(
      'a',
      app('a', { metadata: { namespace: 'default', name: 'a', resourceVersion }, spec: { x: 2 } }),
    )
    const fresh = afterWrites(cluster, start, [overwrite])
    expect(fresh.effects[0]?.status).toBeUndefined()
    // The same content, changed twice since.
    const later = afterWrites(cluster, start, [
      mergePatch('a', { spec: { x: 3 } }),
      mergePatch('a', { spec: { x: 1 } }),
      overwrite,
    ])
    expect(later.effects.map(({ status }) => (status as { reason?: string } | undefined)?.reason)).toEqual([
      undefined,
      undefined,
      'Conflict',
    ])
  })

  test('an object that is created anew gets a uid of its own', () => {
    const cluster = clusterOf([])
    const create = creation(app('a'))
    const uids = afterWrites(cluster, initialState(cluster), [create, deletion('a'), create])
      .effects.filter(({ version }) => version !== 0)
      .map(({ version }) => versionOf(cluster.versions, version).body.metadata.uid)
    expect(new Set(uids).size).toBe(2)
  })

  test('generated names are counted and never handed out again', () => {
    const cluster = clusterOf([])
    const generate = creation(app('', { metadata: { namespace: 'default', generateName: 'part-' } }))
    const { effects } = afterWrites(cluster, initialState(cluster), [generate, generate])
    const names = effects.map(({ version }) => versionOf(cluster.versions, version).body.metadata.name as string)
    expect(new Set(names).size).toBe(2)
    const again = afterWrites(cluster, initialState(cluster), [generate, deletion(names[0] as string), generate])
    expect(again.effects.map(({ version }) => version)).toEqual([effects[0]?.version, 0, effects[1]?.version])
  })
})
