import { describe, expect, it } from 'vitest'
import { deepFreeze } from '#api/clone.ts'
import { createScheme } from '#api/scheme.ts'
import { handle } from './apiserver.ts'
import type { ApiResponse } from './request.ts'
import { answerReview } from './reviews.ts'
import { initialState } from './state.ts'

const table = createScheme()
const resource = table.byKind('v1', 'ServiceAccount')!
const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'a', namespace: 'n', uid: 'u1' } }
const pod = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'p', namespace: 'n', uid: 'u2' },
  spec: { serviceAccountName: 'a', containers: [{ name: 'c', image: 'i' }] },
}
const state = initialState(table, [account, pod])
const ask = (spec: object, name = 'a'): ApiResponse => {
  const body = deepFreeze({ apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec })
  return handle(table, state, { verb: 'create', resource, subresource: 'token', namespace: 'n', name, body }).response
}
const reference = (changes: object = {}): object => ({
  boundObjectRef: { apiVersion: 'v1', kind: 'Pod', name: 'p', uid: 'u2', ...changes },
})

describe('TokenRequest', () => {
  it('gives a token for an hour to the usual audience, whose user a review tells', () => {
    const { code, body } = ask({})
    expect(code).toBe(201)
    expect(body).toMatchObject({
      kind: 'TokenRequest',
      spec: { audiences: ['https://kubernetes.default.svc.cluster.local'], expirationSeconds: 3600 },
      status: { expirationTimestamp: '2024-01-01T01:00:00Z' },
    })
    const { token } = (body as unknown as { readonly status: { readonly token: string } }).status
    expect(answerReview('/apis/authentication.k8s.io/v1/tokenreviews', { spec: { token } })).toMatchObject({
      status: { authenticated: true, user: { username: 'system:serviceaccount:n:a', uid: 'u1' } },
    })
  })

  it('binds tokens to a pod of the account', () => {
    expect(ask(reference())).toMatchObject({ code: 201 })
    expect(ask(reference({ uid: 'u3' }))).toMatchObject({ code: 409, body: { reason: 'Conflict' } })
    expect(ask(reference({ name: 'q' }))).toMatchObject({ code: 404, body: { details: { kind: 'pods' } } })
    expect(ask(reference({ kind: 'ConfigMap' }))).toMatchObject({ code: 400 })
  })

  it('refuses accounts that are not there and times that are too short', () => {
    expect(ask({}, 'b')).toMatchObject({ code: 404, body: { details: { kind: 'serviceaccounts' } } })
    expect(ask({ expirationSeconds: 599 })).toMatchObject({
      code: 422,
      body: { details: { causes: [{ field: 'spec.expirationSeconds' }] } },
    })
  })
})
