/** The builder's own parts: which kinds, requests and dependencies it takes, and what it refuses. */
import { ExplorerBuilder, MemoryEmitter, Scheme } from 'kamera'
import { describe, expect, it } from 'vitest'
import { trivial } from './go-kamera.ts'

const foo = { apiVersion: 'example.com/v1', kind: 'Foo' }
const bar = { apiVersion: 'example.com/v1', kind: 'Bar' }
const named = (type: object, name: string, rest: object = {}) => ({
  ...type,
  metadata: { namespace: 'default', name, ...rest },
})
const nothing = () => ({ reconcile: async () => {} })
const builderOf = (...ids: string[]) => {
  const builder = new ExplorerBuilder(new Scheme().add(foo).add(bar))
  for (const id of ids) builder.withReconciler(id, nothing)
  return builder
}

describe('kinds', () => {
  it.each([
    ['example.com/Foo', 'example.com/v1'],
    ['core/Pod', 'v1'],
    ['/Pod', 'v1'],
    ['Pod', 'v1'],
    ['apps/Deployment', 'apps/v1'],
  ])('%s is of %s', (name, apiVersion) => {
    expect(new Scheme().add(foo).resolve(name).apiVersion).toBe(apiVersion)
  })

  it('come from a CustomResourceDefinition in the version that is stored', () => {
    const version = (name: string, storage: boolean) => ({
      name,
      served: true,
      storage,
      schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
    })
    const names = { plural: 'zoos', kind: 'Zoo' }
    const versions = [version('v1beta1', false), version('v1', true)]
    const crd = {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: 'zoos.example.com' },
      spec: { group: 'example.com', names, scope: 'Cluster', versions },
    }
    expect(new Scheme().add(crd).resolve('example.com/Zoo')).toEqual({ apiVersion: 'example.com/v1', kind: 'Zoo' })
    expect(() => new Scheme().add({ ...crd, spec: { ...crd.spec, scope: 'World' } })).toThrow('spec.scope')
  })

  it.each([
    ['Foo', "Is 'example.com/Foo' meant?"],
    ['example.com/v1/Foo', 'without its version'],
    ['example.com/Nothing', "there is no kind 'example.com/Nothing' in the scheme"],
  ])('%s is refused: %s', (name, message) => {
    expect(() => builderOf('a').assignReconcilerToKind('a', name)).toThrow(message)
    expect(() => builderOf('a').withResourceDep(name, 'a')).toThrow(message)
  })

  it.each([[{ kind: 'Foo' }], [{ apiVersion: 'v1', kind: 'Foo' }], ['./crd.yaml'], [undefined]])(
    '%o cannot be added',
    (kind) => {
      expect(() => new Scheme().add(kind as object)).toThrow('Scheme.add')
    },
  )

  it('of Kubernetes stay as they are when they are added', () => {
    expect(new Scheme().add({ apiVersion: 'apps/v1', kind: 'Deployment' }).kinds).toEqual([])
  })
})

describe('what the builder refuses', () => {
  it('an assignment or a dependency of nobody', () => {
    expect(() => builderOf('a').assignReconcilerToKind('b', 'example.com/Foo').build()).toThrow(
      'there is no reconciler b. There are: a.',
    )
    expect(() => builderOf().withResourceDep('example.com/Foo', 'b').build()).toThrow('There is none')
  })

  it('two reconcilers of one id, or two kinds of one reconciler', () => {
    expect(() => builderOf('a', 'a')).toThrow('two reconcilers a')
    expect(() =>
      builderOf('a').assignReconcilerToKind('a', 'example.com/Foo').assignReconcilerToKind('a', 'example.com/Bar'),
    ).toThrow('assigned to Foo already')
  })

  it('a reconciler that watches nothing', () => {
    expect(() => builderOf('a').build()).toThrow('a watches nothing')
  })

  it('a pending reconcile of nobody', async () => {
    const builder = builderOf('a').assignReconcilerToKind('a', 'example.com/Foo')
    const initial = builder.newStateEventBuilder().addTopLevelObject(named(foo, 'x'), 'b')
    await expect(builder.build().explore(initial)).rejects.toThrow('there is no controller b')
  })

  it('an object of a kind that nobody knows, without a name, or twice', () => {
    const start = builderOf('a').newStateEventBuilder()
    expect(() =>
      start.addTopLevelObject({ apiVersion: 'example.com/v1', kind: 'Zoo', metadata: { name: 'x' } }),
    ).toThrow('not in the scheme')
    expect(() => start.addTopLevelObject({ ...foo, metadata: {} })).toThrow('no name')
    expect(() => start.addTopLevelObject(named(foo, 'x')).addTopLevelObject(named(foo, 'x'))).toThrow('there already')
  })
})

describe('what is pending', () => {
  /** The requests that each reconciler got, in all orders, from these pending ones. */
  async function requestsOf(
    builder: ExplorerBuilder,
    initial: Parameters<ReturnType<ExplorerBuilder['build']>['explore']>[0],
  ) {
    const emitter = new MemoryEmitter()
    await builder.withEmitter(emitter).build().explore(initial)
    return [...new Set(emitter.events.flatMap((event) => (event.type === 'state' ? event.pending : [])))].sort()
  }

  it('at the start is what is named, not all that a process start would list', async () => {
    const builder = builderOf('a', 'b')
    for (const id of ['a', 'b']) builder.assignReconcilerToKind(id, 'example.com/Foo')
    const initial = builder
      .newStateEventBuilder()
      .addTopLevelObject(named(foo, 'x'), 'a')
      .addTopLevelObject(named(foo, 'y'), 'b')
    expect(await requestsOf(builder, initial)).toEqual(['a default/x', 'b default/y'])
  })

  it.each([
    {
      of: 'its own key, for a reconciler of the kind',
      assigned: 'example.com/Bar',
      object: named(bar, 'child'),
      pending: 'watcher default/child',
    },
    {
      of: "its owner's key, for a reconciler of the owner's kind",
      assigned: 'example.com/Foo',
      object: named(bar, 'child', { ownerReferences: [{ ...foo, name: 'parent', uid: 'u' }] }),
      pending: 'watcher default/parent',
    },
    {
      of: 'its own key, where it has no such owner',
      assigned: 'example.com/Foo',
      object: named(bar, 'child'),
      pending: 'watcher default/child',
    },
    {
      of: 'its own key, for a reconciler of no kind',
      assigned: undefined,
      object: named(bar, 'child'),
      pending: 'watcher default/child',
    },
  ])('after a change of a dependency: $of', async ({ assigned, object, pending }) => {
    const builder = builderOf('watcher').withReconciler('writer', (client) => ({
      async reconcile(request) {
        const found = await client.tryGet(bar, request)
        if (found !== undefined && found.status === undefined)
          await client.status().update({ ...found, status: { seen: true } })
      },
    }))
    if (assigned !== undefined) builder.assignReconcilerToKind('watcher', assigned)
    builder.withResourceDep('example.com/Bar', 'watcher').assignReconcilerToKind('writer', 'example.com/Bar')
    const parent = named(foo, 'parent', { uid: 'u' })
    const initial = builder.newStateEventBuilder().addTopLevelObject(parent).addTopLevelObject(object, 'writer')
    expect(await requestsOf(builder, initial)).toEqual([pending, 'writer default/child'])
  })
})

describe('a scripted history', () => {
  it('leaves what is there at its end', () => {
    const start = builderOf('a').newStateEventBuilder()
    start.addStateEvent({ operation: 'create', object: named(foo, 'x', { uid: '1' }) })
    start.addStateEvent({ operation: 'delete', object: named(foo, 'x', { uid: '1' }) })
    expect(start.objects[0]?.metadata.deletionTimestamp).toBeDefined()
    start.addStateEvent({ operation: 'remove', object: named(foo, 'x') })
    start.addStateEvent({ operation: 'create', object: named(foo, 'x', { uid: '2' }) })
    start
      .addStateEvent({ operation: 'create', object: named(bar, 'y') })
      .addStateEvent({ operation: 'remove', object: named(bar, 'y') })
    expect(start.build()).toMatchObject({ objects: [named(foo, 'x', { uid: '2' })], requests: [] })
  })

  it('has to fit together', () => {
    const start = builderOf('a').newStateEventBuilder()
    expect(() => start.addStateEvent({ operation: 'update', object: named(foo, 'x') })).toThrow('it is not there')
  })
})

describe('an emitter', () => {
  it('in memory is there unless one is given, and is told of states, outcomes, findings and the end', async () => {
    const { builder, initial } = trivial()
    const explorer = builder.build()
    const { statistics, convergedStates } = await explorer.explore(initial)
    const { events } = explorer.emitter as MemoryEmitter
    const states = events.flatMap((event) => (event.type === 'state' ? event : []))
    expect(events[0]).toEqual({ type: 'search' })
    expect(states).toHaveLength(statistics.statesDistinct)
    expect(states[0]).toEqual({
      type: 'state',
      state: 0,
      objects: ['Foo default/foo'],
      pending: ['FooController default/foo', 'BarController default/foo'],
    })
    expect(events.slice(-2)).toEqual([
      { type: 'converged', state: convergedStates[0] },
      { type: 'end', verdict: 'holds' },
    ])
  })

  it('gets events while the search runs', async () => {
    const { builder, initial } = trivial()
    const told: string[] = []
    const stop = builder.withEmitter({
      emit: ({ type }) => {
        told.push(type)
        if (type === 'state') throw new Error('stop here')
      },
    })
    await expect(stop.build().explore(initial)).rejects.toThrow('stop here')
    expect(told).toEqual(['search', 'state'])
  })
})
