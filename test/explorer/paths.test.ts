/** Paths to a state: as many as are counted, each once, shortest first, made only as they are asked for. */
import { type Client, type ExploredState, ExplorerBuilder, type PathRecord, Scheme } from 'kamera'
import { describe, expect, it } from 'vitest'
import { modeFlip, trivial } from './go-kamera.ts'

const set = { apiVersion: 'example.com/v1', kind: 'Set' }
const member = { apiVersion: 'example.com/v1', kind: 'Member' }
const object = { ...set, metadata: { name: 'web' }, spec: {} }

/** A reconciler of one Set, pending at the start. */
function explorerOf(reconcile: (client: Client) => Promise<void>, ...dependencies: string[]) {
  const builder = new ExplorerBuilder(new Scheme().add(set).add(member))
    .withReconciler('controller', (client) => ({ reconcile: () => reconcile(client) }))
    .assignReconcilerToKind('controller', 'example.com/Set')
  for (const kind of dependencies) builder.withResourceDep(kind, 'controller')
  return { builder, initial: builder.newStateEventBuilder().addTopLevelObject(object, 'controller') }
}

const lengths = (paths: Iterable<PathRecord>) => [...paths].map(({ actions }) => actions.length)
const isSorted = (numbers: readonly number[]) => numbers.every((number, index) => number >= (numbers[index - 1] ?? 0))
const take = (paths: Iterable<PathRecord>, count: number) => {
  const taken: PathRecord[] = []
  for (const path of paths) {
    if (taken.length === count) break
    taken.push(path)
  }
  return taken
}

function expectAllPaths({ paths, pathCount }: ExploredState): void {
  const all = [...paths]
  expect(all).toHaveLength(pathCount as number)
  expect(new Set(all.map(({ actions }) => actions.join('\n'))).size).toBe(pathCount)
  expect(isSorted(lengths(all))).toBe(true)
}

describe('paths', () => {
  it.each([
    { name: 'trivial', system: trivial, counts: [8] },
    { name: 'mode flip', system: modeFlip, counts: [8, 32] },
  ])('$name: all there are, shortest first', async ({ system, counts }) => {
    const { builder, initial } = system()
    const { convergedStates } = await builder.build().explore(initial)
    expect(convergedStates.map(({ pathCount }) => pathCount).sort()).toEqual([...counts].sort())
    for (const state of convergedStates) expectAllPaths(state)
  })

  it('with a fault are endlessly many: a stale reconciler is refused and retries until its cache has caught up', async () => {
    const { builder, initial } = trivial()
    const [state] = (await builder.withFaults(1).build().explore(initial)).convergedStates
    expect(state?.pathCount).toBe(Number.POSITIVE_INFINITY)
    const first = take(state?.paths ?? [], 40)
    expect(first).toHaveLength(40)
    expect(new Set(first.map(({ actions }) => actions.join('\n'))).size).toBe(40)
    expect(isSorted(lengths(first))).toBe(true)
    expect(first.some(({ steps }) => steps.some(({ faults }) => faults.length > 0))).toBe(true)
  })

  it('end in the state that they lead to', async () => {
    const { builder, initial } = modeFlip()
    const { convergedStates } = await builder.build().explore(initial)
    for (const { objects, paths } of convergedStates) {
      for (const { steps } of paths) {
        const last = steps.flatMap(({ writes }) => writes).findLast(({ outcome }) => outcome === 'committed')
        expect(last?.after?.status).toEqual(objects[0]?.status)
      }
    }
  })

  it('say why each reconcile ran, and what it did', async () => {
    const { builder, initial } = trivial()
    const { convergedStates } = await builder.build().explore(initial)
    const [shortest] = take(convergedStates[0]?.paths ?? [], 1)
    expect(shortest?.steps[0]).toMatchObject({
      title: expect.stringContaining('reconciles default/foo'),
      causes: [{ type: 'start', object: 'Foo default/foo' }],
      writes: [{ op: 'update', subresource: 'status', object: 'Foo default/foo', outcome: 'committed' }],
    })
  })

  it('are endlessly many on a cycle, and can still be looked at one by one', async () => {
    // One writes 1 and 0 in turn for ever, until the other deletes the object.
    const { builder, initial } = explorerOf(async (client) => {
      const found = await client.tryGet(set, { namespace: 'default', name: 'web' })
      if (found === undefined) return
      await client.status().update({ ...found, status: { value: 1 - (found.status?.value ?? 0) } })
    })
    builder
      .withReconciler('stopper', (client) => ({
        async reconcile(request) {
          if ((await client.tryGet(set, request)) !== undefined) await client.delete({ type: set, key: request })
        },
      }))
      .assignReconcilerToKind('stopper', 'example.com/Set')
    const { convergedStates } = await builder
      .build()
      .explore(initial.addPendingReconcile('stopper', { namespace: 'default', name: 'web' }))
    const gone = convergedStates.find(({ objects }) => objects.length === 0)
    expect(gone?.pathCount).toBe(Number.POSITIVE_INFINITY)
    const first = lengths(take(gone?.paths ?? [], 20))
    expect(first).toHaveLength(20)
    expect(isSorted(first)).toBe(true)
  })

  it('can be followed where names are generated in another order', async () => {
    const { builder, initial } = explorerOf(async (client) => {
      const members = await client.list(member)
      for (let count = members.length; count < 2; count++) {
        await client.create({ ...member, metadata: { namespace: 'default', generateName: 'web-' } })
      }
    }, 'example.com/Member')
    builder
      .withReconciler('painter', (client) => ({
        async reconcile(request) {
          const found = await client.tryGet(member, request)
          if (found !== undefined && found.status === undefined)
            await client.status().update({ ...found, status: { painted: true } })
        },
      }))
      .assignReconcilerToKind('painter', 'example.com/Member')
    const { convergedStates } = await builder.build().explore(initial)
    expect(convergedStates).toHaveLength(1)
    const { paths, pathCount } = convergedStates[0] as ExploredState
    let count = 0
    for await (const { steps } of paths) {
      count++
      expect(steps.filter(({ writes }) => writes.some(({ subresource }) => subresource === 'status'))).toHaveLength(2)
    }
    expect(count).toBe(pathCount)
  })
})
