/** Views that are stuck, as the Go Kamera has them (go-kamera.md E.4), and what the builder makes of them. */
import { ExplorerBuilder, Scheme } from 'kamera'
import { describe, expect, it } from 'vitest'
import { exploreHistory } from '../../examples/parity/zookeeper-312/kind-bounds.ts'

const claims = ['zk-cluster-pvc-0', 'zk-cluster-pvc-1', 'zk-cluster-pvc-2']

describe('zookeeper #312 from a given history', () => {
  it.each([1, 2])('stuck within its last %i versions the operator deletes nothing', async (versions) => {
    const { convergedStates, exhaustive } = await exploreHistory(versions)
    expect(exhaustive).toBe(true)
    expect(convergedStates.map(namesOf)).toEqual([[...claims, 'zk-cluster']])
  })

  it.each([3, 4, 100])('stuck within its last %i versions it may delete every claim', async (versions) => {
    const { convergedStates, exhaustive } = await exploreHistory(versions)
    expect(exhaustive).toBe(true)
    expect(convergedStates.map(namesOf)).toEqual([[...claims, 'zk-cluster'], ['zk-cluster']])
    expect(convergedStates[1]?.views).toEqual([
      'ZookeeperReconciler sees ZookeeperCluster as after event 5 of the history',
    ])
  })

  it('its paths are those of all views, the shortest first', async () => {
    const [kept] = (await exploreHistory(4)).convergedStates
    const lengths: number[] = []
    for await (const path of kept?.paths ?? []) lengths.push(path.steps.length)
    expect(lengths).toHaveLength(Number(kept?.pathCount))
    expect(lengths).toEqual([...lengths].sort((left, right) => left - right))
  })
})

const foo = { apiVersion: 'example.com/v1', kind: 'Foo' }
const named = (name: string, labels = {}) => ({ ...foo, metadata: { namespace: 'default', name, labels }, spec: {} })

describe('a stuck view', () => {
  it('answers get and list from the past, with its resourceVersions, and writes go to the present', async () => {
    const seen: unknown[] = []
    const builder = new ExplorerBuilder(new Scheme().add(foo))
      .withReconciler('reader', (client) => ({
        async reconcile(request) {
          const [old] = await client.list(foo, { namespace: 'default', labelSelector: { app: 'a' } })
          const gone = await client.tryGet(foo, { namespace: 'default', name: 'b' })
          const elsewhere = await client.list(foo, { namespace: 'other' })
          const update = await client.update({ ...old, spec: { size: 1 } }).catch((error: Error) => error.message)
          seen.push([request.name, old.metadata.resourceVersion, gone?.metadata.name, elsewhere.length, update])
          await client.get(foo, { namespace: 'default', name: 'c' }).catch((error: Error) => seen.push(error.message))
        },
      }))
      .assignReconcilerToKind('reader', 'example.com/Foo')
      .withKindBounds('reader', { 'example.com/Foo': 3 })
      .withMaxDepth(1)
    const initial = builder.newStateEventBuilder()
    initial.addStateEvent({ operation: 'create', object: named('b') })
    initial.addTopLevelObject(named('a', { app: 'a' }), 'reader')
    initial.addStateEvent({ operation: 'remove', object: named('b') })
    initial.addStateEvent({ operation: 'update', object: named('a', { app: 'a' }) })
    await builder.build().explore(initial)
    const conflict = expect.stringContaining('the object has been modified')
    expect(seen).toContainEqual(['a', '2', 'b', 0, conflict])
    expect(seen).toContainEqual(['a', '2', undefined, 0, conflict])
    expect(seen).toContain('foos.example.com "c" not found')
  })

  it('is refused for kinds, reconcilers and numbers that are none', () => {
    const builder = () =>
      new ExplorerBuilder(new Scheme().add(foo)).withReconciler('a', () => ({ reconcile: async () => {} }))
    expect(() => builder().withKindBounds('a', { 'example.com/Bar': 1 })).toThrow("no kind 'example.com/Bar'")
    expect(() => builder().withKindBounds('a', { 'example.com/Foo': 0 })).toThrow('1 or more')
    expect(() => builder().withKindBounds('b', { 'example.com/Foo': 1 }).build()).toThrow('there is no reconciler b')
  })
})

function namesOf({ objects }: { readonly objects: readonly { readonly metadata: { readonly name?: string } }[] }) {
  return objects.map(({ metadata }) => metadata.name)
}
