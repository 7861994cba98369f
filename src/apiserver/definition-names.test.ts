import { describe, expect, it } from 'vitest'
import { deepFreeze } from '#api/clone.ts'
import type { KubernetesObject } from '#api/object.ts'
import { createScheme } from '#api/scheme.ts'
import { handle } from './apiserver.ts'
import { tableOfState } from './custom-resource-definitions.ts'
import type { ApiRequest } from './request.ts'
import { type ApiState, initialState } from './state.ts'

const table = createScheme()
const resource = table.byKind('apiextensions.k8s.io/v1', 'CustomResourceDefinition')!
const definition = (plural: string, kind: string, names: object = {}): object => ({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: `${plural}.x.io` },
  spec: {
    group: 'x.io',
    scope: 'Cluster',
    names: { plural, kind, ...names },
    versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } }],
  },
})
const ask = (state: ApiState, request: Omit<ApiRequest, 'resource'>) =>
  handle(table, state, deepFreeze({ resource, ...request }))
const create = (state: ApiState, body: object) => ask(state, { verb: 'create', body })
const statusOf = (state: ApiState, plural: string): unknown => state.get(resource, '', `${plural}.x.io`)?.body['status']
const served = (state: ApiState): readonly string[] =>
  tableOfState(table, state)
    .all.filter(({ group }) => group === 'x.io')
    .map(({ resource: plural }) => plural)

const first = create(initialState(table, []), definition('widgets', 'Widget', { shortNames: ['w'] })).state

describe('names of definitions', () => {
  it('are not given twice: the later definition is told why and is not served', () => {
    const { state, response } = create(first, definition('wodgets', 'Widget'))
    expect(response).toMatchObject({
      code: 201,
      body: {
        status: {
          acceptedNames: { plural: 'wodgets' },
          conditions: [
            {
              type: 'NamesAccepted',
              status: 'False',
              reason: 'ListKindConflict',
              message: '"WidgetList" is already in use',
            },
            { type: 'Established', status: 'False', reason: 'NotAccepted', message: 'not all names are accepted' },
          ],
        },
      },
    })
    expect(statusOf(state, 'wodgets')).not.toHaveProperty('acceptedNames.kind')
    expect(served(state)).toEqual(['widgets'])
  })

  it('are told of one by one', () => {
    const conflict = (plural: string, kind: string, names: object): object | undefined =>
      (create(first, definition(plural, kind, names)).response.body as KubernetesObject)['status']?.conditions[0]
    expect(conflict('w', 'W', {})).toMatchObject({ reason: 'SingularConflict', message: '"w" is already in use' })
    expect(conflict('us', 'U', { singular: 'widget' })).toMatchObject({ reason: 'SingularConflict' })
    expect(conflict('us', 'U', { shortNames: ['w', 'widget', 'x'] })).toMatchObject({
      reason: 'ShortNamesConflict',
      message: '["w" is already in use, "widget" is already in use]',
    })
    expect(conflict('us', 'U', { listKind: 'Widget' })).toMatchObject({ reason: 'ListKindConflict' })
    expect(conflict('us', 'WidgetList', {})).toMatchObject({ reason: 'KindConflict' })
  })

  it('go to the next definition when theirs goes', () => {
    const both = create(first, definition('wodgets', 'Widget')).state
    const gone = ask(both, { verb: 'delete', name: 'widgets.x.io' })
    expect(gone.watchEvents.map(({ type, object }) => [type, object.metadata.name])).toEqual([
      ['DELETED', 'widgets.x.io'],
      ['MODIFIED', 'wodgets.x.io'],
    ])
    expect(statusOf(gone.state, 'wodgets')).toMatchObject({
      acceptedNames: { kind: 'Widget', listKind: 'WidgetList', singular: 'widget' },
      conditions: [
        { type: 'NamesAccepted', status: 'True', reason: 'NoConflicts', message: 'no conflicts found' },
        { type: 'Established', status: 'True', reason: 'InitialNamesAccepted' },
      ],
    })
    expect(served(gone.state)).toEqual(['wodgets'])
  })

  it('may change to what is free, and a definition stays served with those it has', () => {
    const both = create(first, definition('gadgets', 'Gadget')).state
    const update = (shortNames: readonly string[]) =>
      ask(both, {
        verb: 'patch',
        patchType: 'merge',
        name: 'gadgets.x.io',
        body: { spec: { names: { shortNames } } },
      })
    expect(update(['g']).response.body).toMatchObject({ status: { acceptedNames: { shortNames: ['g'] } } })
    const refused = update(['w'])
    expect(refused.response.body).toMatchObject({
      status: { conditions: [{ status: 'False', reason: 'ShortNamesConflict' }, { status: 'True' }] },
    })
    expect(statusOf(refused.state, 'gadgets')).not.toHaveProperty('acceptedNames.shortNames')
    expect(served(refused.state)).toEqual(['gadgets', 'widgets'])
    expect(tableOfState(table, refused.state).byKind('x.io/v1', 'Gadget')?.shortNames).toBeUndefined()
  })

  it('are other groups’ own', () => {
    const other = definition('widgets', 'Widget') as KubernetesObject
    const spec = { ...other['spec'], group: 'y.io' }
    const { response } = create(first, { ...other, metadata: { name: 'widgets.y.io' }, spec })
    expect(response.body).toMatchObject({ status: { conditions: [{ status: 'True' }, { status: 'True' }] } })
  })

  it('of definitions that a simulation starts with are given in their order, whatever their status says', () => {
    const status = { acceptedNames: { kind: '', plural: '' }, conditions: [], storedVersions: [] }
    const state = initialState(table, [{ ...definition('widgets', 'Widget'), status }, definition('wodgets', 'Widget')])
    expect(served(state)).toEqual(['widgets'])
  })
})
