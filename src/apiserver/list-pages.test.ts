import { describe, expect, it } from 'vitest'
import type { ResourceInfo } from '#api/resource.ts'
import { createScheme } from '#api/scheme.ts'
import type { Status } from '#api/status.ts'
import { handle } from './apiserver.ts'
import { createStateHistory, type StateHistory } from './history.ts'
import { encodeContinue } from './list-pages.ts'
import type { ObjectList, RequestOptions } from './request.ts'
import { type ApiState, initialState } from './state.ts'

const table = createScheme()
const resource = table.byKind('v1', 'ConfigMap') as ResourceInfo
const configMap = (name: string, labels = {}): object => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'default', labels },
})

class Server {
  state: ApiState = initialState(
    table,
    ['a', 'b', 'c', 'd'].map((name) => configMap(name, { even: name < 'c' ? 'no' : 'yes' })),
  )
  readonly history: StateHistory = createStateHistory(this.state)

  create(name: string): void {
    const body = configMap(name)
    this.state = handle(table, this.state, { verb: 'create', resource, namespace: 'default', body }, this.history).state
    this.history.add(this.state)
  }

  list(options: RequestOptions, keepsHistory = true): { code: number; list: ObjectList; status: Status } {
    const request = { verb: 'list', resource, namespace: 'default', options } as const
    const { response } = handle(table, this.state, request, keepsHistory ? this.history : undefined)
    return { code: response.code, list: response.body as ObjectList, status: response.body as Status }
  }
}
const names = (list: ObjectList): readonly (string | undefined)[] => list.items.map(({ metadata }) => metadata.name)

describe('pages of a list', () => {
  it('follow each other, with how many are left', () => {
    const server = new Server()
    const { list: first } = server.list({ limit: 3 })
    expect(names(first)).toEqual(['a', 'b', 'c'])
    expect(first.metadata.remainingItemCount).toBe(1)
    const { list: second } = server.list({ limit: 3, continue: first.metadata.continue as string })
    expect(names(second)).toEqual(['d'])
    expect(second.metadata.continue).toBeUndefined()
  })

  it('count what is selected', () => {
    const { list } = new Server().list({ limit: 1, labelSelector: 'even=yes' })
    expect(names(list)).toEqual(['c'])
    expect(list.metadata.continue).toBeDefined()
    expect(list.metadata.remainingItemCount).toBeUndefined()
  })

  it('show the same moment, unless no history is kept', () => {
    const server = new Server()
    const token = server.list({ limit: 2 }).list.metadata.continue as string
    server.create('cc')
    expect(names(server.list({ continue: token }).list)).toEqual(['c', 'd'])
    expect(names(server.list({ continue: token }, false).list)).toEqual(['c', 'cc', 'd'])
  })

  it('can go on at the newest state when theirs is forgotten', () => {
    const server = new Server()
    const token = server.list({ limit: 2 }).list.metadata.continue as string
    server.create('cc')
    server.history.compact()
    const { code, status } = server.list({ continue: token })
    expect(code).toBe(410)
    expect(names(server.list({ continue: status.metadata.continue as string }).list)).toEqual(['c', 'cc', 'd'])
  })

  it.each<readonly [string, RequestOptions, number]>([
    ['a token that is none', { continue: 'x' }, 400],
    ['a token with a resourceVersion', { continue: encodeContinue(undefined, 'a'), resourceVersion: '3' }, 400],
    ['a token with a match', { continue: encodeContinue(undefined, 'a'), resourceVersionMatch: 'Exact' }, 422],
  ])('refuse %s', (_what, options, code) => {
    expect(new Server().list(options).code).toBe(code)
  })
})

describe('lists of the past', () => {
  it('show an exact version, and a page of an unnamed match the same', () => {
    const server = new Server()
    const resourceVersion = String(server.state.revision)
    server.create('e')
    expect(server.list({ resourceVersion, resourceVersionMatch: 'Exact' }).list.items).toHaveLength(4)
    expect(server.list({ resourceVersion, limit: 10 }).list.items).toHaveLength(4)
    expect(server.list({ resourceVersion }).list.items).toHaveLength(5)
    expect(server.list({ resourceVersion, resourceVersionMatch: 'NotOlderThan', limit: 10 }).list.items).toHaveLength(5)
  })

  it('are forgotten in the end', () => {
    const server = new Server()
    const history = createStateHistory(server.state, 2)
    const first = server.state.revision
    for (const name of ['e', 'f', 'g', 'h', 'i']) {
      server.create(name)
      history.add(server.state)
    }
    expect(history.at(first)).toBeUndefined()
    expect(history.at(server.state.revision)).toBe(server.state)
  })
})
