import { expect, it } from 'vitest'
import { deepFreeze } from '#api/clone.ts'
import type { ResourceInfo } from '#api/resource.ts'
import { createScheme } from '#api/scheme.ts'
import type { AdmissionControl, AdmissionRequest } from './admission/admission.ts'
import { type Handled, handle } from './apiserver.ts'
import type { ApiRequest } from './request.ts'
import { type ApiState, initialState } from './state.ts'

const table = createScheme()
const kind = (apiVersion: string, name: string): ResourceInfo => table.byKind(apiVersion, name) as ResourceInfo
const deployments = kind('apps/v1', 'Deployment')
const pods = kind('v1', 'Pod')
const template = { metadata: { labels: { app: 'x' } }, spec: { containers: [{ name: 'main', image: 'img:1' }] } }
const ask = (state: ApiState, request: ApiRequest): Handled => handle(table, state, deepFreeze(request))
const place = { resource: deployments, namespace: 'default', name: 'd' }

const created = (): ApiState =>
  ask(initialState(table, []), {
    verb: 'create',
    ...place,
    options: { fieldManager: 'creator' },
    body: {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'd' },
      spec: { replicas: 1, selector: { matchLabels: { app: 'x' } }, template },
    },
  }).state

const apply = (state: ApiState, fieldManager: string, spec: object, force = false): Handled =>
  ask(state, {
    verb: 'patch',
    patchType: 'apply',
    ...place,
    subresource: 'scale',
    options: { fieldManager, force },
    body: { apiVersion: 'autoscaling/v1', kind: 'Scale', metadata: { name: 'd' }, spec },
  })

interface Entry {
  readonly manager: string
  readonly operation: string
  readonly subresource?: string
  readonly apiVersion: string
  readonly fieldsV1: { readonly 'f:spec'?: Readonly<Record<string, unknown>> }
}

/** Who has the replicas of the Deployment, as `manager operation subresource apiVersion`. */
function owners(state: ApiState): readonly string[] {
  const { metadata } = state.get(deployments, 'default', 'd')!.body
  return ((metadata.managedFields ?? []) as readonly Entry[])
    .filter(({ fieldsV1 }) => fieldsV1['f:spec']?.['f:replicas'] !== undefined)
    .map((entry) => `${entry.manager} ${entry.operation} ${entry.subresource ?? '-'} ${entry.apiVersion}`)
    .sort()
}

it('an apply to the Scale conflicts with who owns the replicas, and takes them when forced', () => {
  const start = created()
  expect(owners(start)).toEqual(['creator Update - apps/v1'])
  const refused = apply(start, 'scaler', { replicas: 3 })
  expect(refused.response).toMatchObject({
    code: 409,
    body: {
      reason: 'Conflict',
      message: 'Apply failed with 1 conflict: conflict with "creator" using autoscaling/v1: .spec.replicas',
      details: { causes: [{ reason: 'FieldManagerConflict', field: '.spec.replicas' }] },
    },
  })
  const forced = apply(start, 'scaler', { replicas: 3 }, true)
  expect(forced.response).toMatchObject({ code: 200, body: { kind: 'Scale', spec: { replicas: 3 } } })
  expect(forced.state.get(deployments, 'default', 'd')!.body['spec'].replicas).toBe(3)
  expect(owners(forced.state)).toEqual(['scaler Apply scale apps/v1'])
  expect(apply(forced.state, 'other', { replicas: 4 }).response).toMatchObject({
    code: 409,
    body: { message: 'Apply failed with 1 conflict: conflict with "scaler" with subresource "scale": .spec.replicas' },
  })
  const shared = apply(forced.state, 'other', { replicas: 3 })
  expect(owners(shared.state)).toEqual(['other Apply scale apps/v1', 'scaler Apply scale apps/v1'])
  expect(apply(shared.state, 'other', { replicas: 3 }).watchEvents).toEqual([])
})

it('what is applied to a Scale is a Scale', () => {
  const body = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'd' }, spec: { replicas: 2 } }
  const options = { fieldManager: 'a' }
  const request = { verb: 'patch', patchType: 'apply', ...place, subresource: 'scale', options, body } as const
  expect(ask(created(), request).response.code).toBe(400)
})

it('an update of the Scale gives the replicas to its manager, as of the subresource', () => {
  const body = { metadata: { name: 'd' }, spec: { replicas: 5 } }
  const options = { fieldManager: 'kubectl' }
  const request = { verb: 'patch', patchType: 'merge', ...place, subresource: 'scale', options, body } as const
  expect(owners(ask(created(), request).state)).toEqual(['kubectl Update scale apps/v1'])
})

const WEBHOOKS = (resources: readonly string[]): object => ({
  apiVersion: 'admissionregistration.k8s.io/v1',
  kind: 'ValidatingWebhookConfiguration',
  metadata: { name: 'w' },
  webhooks: [
    {
      name: 'w.ex.test',
      clientConfig: { url: 'https://ex.test/w' },
      sideEffects: 'None',
      admissionReviewVersions: ['v1'],
      rules: [{ apiGroups: ['*'], apiVersions: ['*'], operations: ['*'], resources }],
    },
  ],
})

it('webhooks are asked about Scales, Bindings and Evictions, and not about what these do to the object', () => {
  const asked: string[] = []
  const call = ({ operation, kind: { kind: name }, resource, subResource }: AdmissionRequest): { allowed: boolean } => {
    asked.push(`${operation} ${name} ${resource.resource}/${subResource}`)
    return { allowed: asked.length < 3 }
  }
  const admission: AdmissionControl = {
    kinds: {
      mutating: kind('admissionregistration.k8s.io/v1', 'MutatingWebhookConfiguration'),
      validating: kind('admissionregistration.k8s.io/v1', 'ValidatingWebhookConfiguration'),
      namespaces: kind('v1', 'Namespace'),
      quotas: kind('v1', 'ResourceQuota'),
    },
    call: (_webhook, request) => call(request),
    enforcesQuotas: false,
  }
  const objects = [
    WEBHOOKS(['deployments', 'deployments/scale', 'pods', 'pods/*']),
    { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' }, spec: template.spec },
    { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'd' }, spec: { replicas: 1, template } },
  ]
  const start: ApiState = { ...initialState(table, objects), admission }
  const scaled = ask(start, {
    verb: 'patch',
    patchType: 'merge',
    ...place,
    subresource: 'scale',
    body: { spec: { replicas: 2 } },
  })
  expect(scaled.response.code).toBe(200)
  const pod = { verb: 'create', resource: pods, namespace: 'default', name: 'p' } as const
  const binding = { apiVersion: 'v1', kind: 'Binding', metadata: { name: 'p' }, target: { kind: 'Node', name: 'n' } }
  expect(ask(start, { ...pod, subresource: 'binding', body: binding }).response.code).toBe(201)
  const eviction = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: 'p' } }
  const refused = ask(start, { ...pod, subresource: 'eviction', body: eviction })
  expect(refused.response).toMatchObject({
    code: 400,
    body: { message: 'admission webhook "w.ex.test" denied the request without explanation' },
  })
  expect(refused.watchEvents).toEqual([])
  expect(asked).toEqual([
    'UPDATE Scale deployments/scale',
    'CREATE Binding pods/binding',
    'CREATE Eviction pods/eviction',
  ])
})
