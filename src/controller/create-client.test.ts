import { describe, expect, it } from 'vitest'
import { ApiError, type Status } from '#api/status.ts'
import type { Client, ListOptions } from '#controller/client.ts'
import type { HostCall, HostReply } from '#controller/host.ts'
import { createClient } from './create-client.ts'

const pods = { apiVersion: 'v1', kind: 'Pod' }
const key = { namespace: 'default', name: 'web' }
const pod = Object.freeze({ ...pods, metadata: Object.freeze({ ...key, resourceVersion: '7' }) })

/** A client that gets one answer for everything, and what it asked. */
function clientWith(reply: HostReply, cached = true): { readonly client: Client; readonly calls: HostCall[] } {
  const calls: HostCall[] = []
  const client = createClient(
    (call) => {
      calls.push(call)
      return reply
    },
    { cached },
  )
  return { client, calls }
}

function failure(reason: 'NotFound' | 'Conflict', code: number): { readonly status: Status } {
  return {
    status: { apiVersion: 'v1', kind: 'Status', metadata: {}, status: 'Failure', reason, code, message: `${reason}!` },
  }
}

describe('reads', () => {
  it('of a cached client hand out the cache’s own objects', async () => {
    const { client } = clientWith({ object: pod })
    expect(await client.get(pods, key)).toBe(pod)
    const list = clientWith({ items: [pod] })
    const items = await list.client.list(pods)
    expect(items[0]).toBe(pod)
    items.push(pod)
  })

  it('of an uncached client hand out copies', async () => {
    const read = await clientWith({ object: pod }, false).client.get(pods, key)
    read.metadata.labels = { a: 'b' }
    expect(pod.metadata).toEqual({ ...key, resourceVersion: '7' })
  })

  it('leave out an empty namespace', async () => {
    const { client, calls } = clientWith({ object: pod })
    await client.get(pods, { namespace: '', name: 'node' })
    expect(calls).toEqual([{ op: 'get', cached: true, type: pods, name: 'node' }])
  })

  it.each<[ListOptions['labelSelector'], string]>([
    [undefined, ''],
    ['app=web,tier!=db', 'app=web,tier!=db'],
    [{ app: 'web', tier: 'front' }, 'app=web,tier=front'],
    [{ matchLabels: { app: 'web' } }, 'app=web'],
    [{}, ''],
    [
      {
        matchLabels: { app: 'web' },
        matchExpressions: [
          { key: 'a', operator: 'In', values: ['x', 'y'] },
          { key: 'b', operator: 'NotIn', values: ['z'] },
          { key: 'c', operator: 'Exists' },
          { key: 'd', operator: 'DoesNotExist' },
        ],
      },
      'app=web,a in (x,y),b notin (z),c,!d',
    ],
  ])('send the label selector %j as %s', async (labelSelector, text) => {
    const { client, calls } = clientWith({ items: [] })
    await client.list(pods, labelSelector === undefined ? {} : { labelSelector })
    expect(calls).toEqual([{ op: 'list', cached: true, type: pods, labelSelector: text, fieldSelector: '' }])
  })

  it('refuse a selector with a missing value, which would otherwise select something else', async () => {
    const { client, calls } = clientWith({ items: [] })
    await expect(client.list(pods, { labelSelector: { app: undefined as never } })).rejects.toThrow(
      /asks for app=undefined/,
    )
    expect(calls).toEqual([])
  })
})

describe('failures', () => {
  it('are ApiErrors without a stack to pay for, and leave the stack limit alone', async () => {
    const limit = Error.stackTraceLimit
    const error = await clientWith(failure('Conflict', 409))
      .client.update(pod)
      .catch((thrown: unknown) => thrown as ApiError)
    expect(error).toBeInstanceOf(ApiError)
    expect((error as ApiError).isConflict).toBe(true)
    expect((error as ApiError).stack).not.toContain('\n    at ')
    expect(Error.stackTraceLimit).toBe(limit)
  })

  it('tryGet turns NotFound, and nothing else, into undefined', async () => {
    expect(await clientWith(failure('NotFound', 404)).client.tryGet(pods, key)).toBeUndefined()
    await expect(clientWith(failure('Conflict', 409)).client.tryGet(pods, key)).rejects.toThrow('Conflict!')
    await expect(clientWith(failure('NotFound', 404)).client.get(pods, key)).rejects.toThrow('NotFound!')
  })
})

describe('writes', () => {
  it('carry a frozen copy of the body, or the body itself when it is frozen', async () => {
    const { client, calls } = clientWith({ object: pod })
    await client.update(pod)
    const body = { ...pods, metadata: { generateName: 'web-' }, spec: undefined }
    await client.create(body)
    body.metadata.generateName = 'changed-'
    expect((calls[0] as { body: unknown }).body).toBe(pod)
    expect(calls[1]).toEqual({ op: 'create', type: pods, body: { ...pods, metadata: { generateName: 'web-' } } })
  })

  it('answer with an object of the caller’s own', async () => {
    const written = await clientWith({ object: pod }).client.update({ ...pod })
    written.metadata = { name: 'x' }
    expect(pod.metadata.name).toBe('web')
  })

  it.each<[string, (client: Client) => Promise<unknown>, object]>([
    [
      'patch',
      (client) => client.patch(pod, { spec: {} }, { patchType: 'merge' }),
      { op: 'patch', type: pods, ...key, patchType: 'merge', body: { spec: {} } },
    ],
    [
      'patch by key',
      (client) => client.patch({ type: pods, key }, [{ op: 'remove', path: '/spec' }], { patchType: 'json' }),
      { op: 'patch', type: pods, ...key, patchType: 'json', body: [{ op: 'remove', path: '/spec' }] },
    ],
    [
      'apply',
      (client) => client.apply(pod, { fieldManager: 'me', force: true }),
      { op: 'patch', type: pods, ...key, patchType: 'apply', body: pod, options: { fieldManager: 'me', force: true } },
    ],
    ['delete', (client) => client.delete(pod), { op: 'delete', type: pods, ...key }],
    [
      'delete by key',
      (client) => client.delete({ type: pods, key }, { preconditions: { uid: 'u' }, propagationPolicy: 'Foreground' }),
      { op: 'delete', type: pods, ...key, options: { preconditions: { uid: 'u' }, propagationPolicy: 'Foreground' } },
    ],
    [
      'deleteAllOf',
      (client) => client.deleteAllOf(pods, { namespace: 'default', labelSelector: { app: 'web' } }),
      { op: 'deletecollection', type: pods, namespace: 'default', options: { labelSelector: 'app=web' } },
    ],
    [
      'status().update',
      (client) => client.status().update(pod),
      { op: 'update', type: pods, ...key, subresource: 'status', body: pod },
    ],
    [
      'status().patch',
      (client) => client.status().patch(pod, { status: {} }, { patchType: 'merge' }),
      { op: 'patch', type: pods, ...key, subresource: 'status', patchType: 'merge', body: { status: {} } },
    ],
    [
      'subResource().get',
      (client) => client.subResource('scale').get(pod),
      { op: 'get', cached: false, type: pods, ...key, subresource: 'scale' },
    ],
    [
      'subResource().create',
      (client) => client.subResource('eviction').create(pod, { kind: 'Eviction' }),
      { op: 'create', type: pods, ...key, subresource: 'eviction', body: { kind: 'Eviction' } },
    ],
  ])('%s is the call', async (_, write, call) => {
    const { client, calls } = clientWith({ object: pod })
    await write(client)
    expect(calls).toEqual([call])
  })

  it.each<[string, (client: Client) => Promise<unknown>, RegExp]>([
    [
      'a get without a name',
      (client) => client.get(pods, { name: undefined as never }),
      /^get of Pod: there is no name/,
    ],
    [
      'an update without a name',
      (client) => client.update({ ...pods, metadata: {} }),
      /^update of Pod: there is no name/,
    ],
    ['an object without a kind', (client) => client.create({ metadata: { name: 'a' } }), /no apiVersion and kind/],
    ['a patch without its type', (client) => client.patch(pod, {}, undefined as never), /patchType undefined/],
    ['an apply without its field manager', (client) => client.apply(pod, {} as never), /names no field manager/],
    [
      'a body that is no JSON',
      (client) => client.create({ ...pods, metadata: { name: 'a' }, spec: { n: 1n } }),
      /field spec\.n of the object to create is a BigInt/,
    ],
  ])('%s is refused before it is sent', async (_, write, message) => {
    const { client, calls } = clientWith({ object: pod })
    await expect(write(client)).rejects.toThrow(message)
    expect(calls).toEqual([])
  })
})
