import { describe, expect, it } from 'vitest'
import type { CallContent } from './exchange.ts'
import { inferReconciles } from './infer-reconciles.ts'

const app = { apiVersion: 'x.io/v1', kind: 'App' }
const pod = { apiVersion: 'v1', kind: 'Pod' }

function call(
  verb: CallContent['verb'],
  object: typeof app,
  name: string,
  more: { readonly owner?: string; readonly code?: number } = {},
): CallContent {
  const { owner, code } = more
  const ownerReferences = owner === undefined ? [] : [{ ...app, name: owner, uid: 'u', controller: true }]
  const metadata = { name, namespace: 'n', ownerReferences }
  const status = { status: { kind: 'Status', apiVersion: 'v1', status: 'Failure', code: code ?? 0 } }
  return {
    type: 'call',
    verb,
    object,
    namespace: 'n',
    name,
    cached: false,
    request: verb === 'get' ? {} : { body: { ...object, metadata } as never },
    response: code === undefined ? { object: { ...object, metadata } } : (status as never),
  }
}

/** The reconciles to which calls are assigned, one after the other on one connection, 1 ms apart. */
function assigned(...calls: readonly (CallContent | number)[]): readonly (string | undefined)[] {
  let begun = 0
  let timeMs = 0
  const inference = inferReconciles({ begin: ({ kind, name }) => `${kind} ${name} #${++begun}`, end: () => {} })
  return calls.flatMap((each) => {
    timeMs += typeof each === 'number' ? each : 1
    return typeof each === 'number' ? [] : [inference.assign(each, { timeMs, connection: 1 })]
  })
}

describe('inferred reconciles', () => {
  it('begin with reading another object of the kind, and hold all that is written for it', () => {
    expect(
      assigned(
        call('get', app, 'a'),
        call('create', pod, 'a-0', { owner: 'a' }),
        call('update', app, 'a'),
        call('create', app, 'child'),
        call('get', app, 'b'),
        call('create', pod, 'b-0', { owner: 'b' }),
      ),
    ).toEqual(['App a #1', 'App a #1', 'App a #1', 'App a #1', 'App b #2', 'App b #2'])
  })

  it('of cached reads are told by the owners of what is written', () => {
    expect(
      assigned(
        call('create', pod, 'a-0', { owner: 'a' }),
        call('update', app, 'a'),
        call('create', pod, 'b-0', { owner: 'b' }),
      ),
    ).toEqual(['App a #1', 'App a #1', 'App b #2'])
  })

  it('begin anew when the same object is read again, but not after a conflict', () => {
    expect(
      assigned(
        call('get', app, 'a'),
        call('update', app, 'a', { code: 409 }),
        call('get', app, 'a'),
        call('update', app, 'a'),
        call('get', app, 'a'),
      ),
    ).toEqual(['App a #1', 'App a #1', 'App a #1', 'App a #1', 'App a #2'])
  })

  it('end when nothing comes', () => {
    expect(assigned(call('update', app, 'a'), 5000, call('update', app, 'a'))).toEqual(['App a #1', 'App a #2'])
  })
})
