/** Webhooks over HTTP, and quotas, under `kamera serve`. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, it } from 'vitest'
import { type SimulatedServer, serve } from '../../src/serve.ts'

interface Body {
  readonly [field: string]: unknown
  readonly message?: string
  readonly data?: unknown
}

const ends: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
})

async function start(): Promise<SimulatedServer> {
  const server = await serve()
  ends.push(() => server.close())
  return server
}

/** A webhook server that answers by the path it is called at. */
async function hooks(answer: (path: string, request: Record<string, unknown>) => object | undefined): Promise<string> {
  const server = createServer(async (request, response) => {
    let text = ''
    for await (const chunk of request) text += String(chunk)
    const review = (JSON.parse(text) as { request: { uid: string } }).request
    const answered = answer(request.url ?? '', review as unknown as Record<string, unknown>)
    if (answered === undefined) return void response.writeHead(500).end()
    response.end(
      JSON.stringify({
        apiVersion: 'admission.k8s.io/v1',
        kind: 'AdmissionReview',
        response: { uid: review.uid, ...answered },
      }),
    )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  ends.push(() => new Promise((resolve) => server.close(() => resolve())))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

async function send(server: SimulatedServer, method: string, path: string, body?: unknown) {
  const answered = await fetch(server.url + path, {
    method,
    headers: { 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  return { code: answered.status, body: (await answered.json()) as Body, warning: answered.headers.get('warning') }
}

const configMaps = '/api/v1/namespaces/default/configmaps'
const map = (name: string, data: object = {}) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data })
const register = (server: SimulatedServer, kind: string, url: string, more: object = {}) =>
  send(server, 'POST', `/apis/admissionregistration.k8s.io/v1/${kind.toLowerCase()}webhookconfigurations`, {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: `${kind}WebhookConfiguration`,
    metadata: { name: `${kind.toLowerCase()}-${url.split('/').at(-1)}` },
    webhooks: [
      {
        name: `${url.split('/').at(-1)}.example.com`,
        clientConfig: { url },
        rules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['*'], resources: ['configmaps'] }],
        sideEffects: 'None',
        admissionReviewVersions: ['v1'],
        ...more,
      },
    ],
  })

it('calls mutating webhooks, then validating ones, for every verb that writes', async () => {
  const server = await start()
  const calls: string[] = []
  const url = await hooks((path, { operation, object, oldObject }) => {
    calls.push(`${path} ${String(operation)}`)
    if (path === '/mutate') {
      const patch = [{ op: 'add', path: '/data/by', value: 'webhook' }]
      return { allowed: true, patchType: 'JSONPatch', patch: btoa(JSON.stringify(patch)), warnings: ['mind the gap'] }
    }
    const held = (oldObject as Body | null)?.data as { keep?: string } | undefined
    if (operation === 'DELETE' && held?.keep === 'yes')
      return { allowed: false, status: { code: 409, reason: 'Conflict', message: 'it is kept' } }
    return { allowed: (object as Body | null)?.data === undefined || !('bad' in ((object as Body).data as object)) }
  })
  await register(server, 'Mutating', `${url}/mutate`, {
    rules: [{ apiGroups: ['*'], apiVersions: ['*'], operations: ['CREATE'], resources: ['configmaps'] }],
  })
  await register(server, 'Validating', `${url}/validate`)
  const made = await send(server, 'POST', configMaps, map('a', { keep: 'yes' }))
  expect(made).toMatchObject({
    code: 201,
    body: { data: { keep: 'yes', by: 'webhook' } },
    warning: '299 - "mind the gap"',
  })
  expect(await send(server, 'PUT', `${configMaps}/a`, map('a', { bad: '1' }))).toMatchObject({
    code: 400,
    body: { message: 'admission webhook "validate.example.com" denied the request without explanation' },
  })
  expect(await send(server, 'DELETE', `${configMaps}/a`)).toMatchObject({
    code: 409,
    body: { reason: 'Conflict', message: 'admission webhook "validate.example.com" denied the request: it is kept' },
  })
  expect(calls).toEqual(['/mutate CREATE', '/validate CREATE', '/validate UPDATE', '/validate DELETE'])
})

it('takes a webhook that is away by its failure policy', async () => {
  const server = await start()
  const url = await hooks(() => undefined)
  await register(server, 'Validating', `${url}/ignored`, { failurePolicy: 'Ignore' })
  expect((await send(server, 'POST', configMaps, map('a'))).code).toBe(201)
  await register(server, 'Validating', `${url}/away`)
  const refused = await send(server, 'POST', configMaps, map('b'))
  expect(refused.code).toBe(500)
  expect(refused.body.message).toContain(
    'Internal error occurred: failed calling webhook "away.example.com": failed to call webhook',
  )
})

it('refuses a dry run for webhooks with side effects, which only old configurations have', async () => {
  const url = await hooks(() => ({ allowed: true }))
  const webhook = {
    name: 'effects.example.com',
    clientConfig: { url },
    rules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['*'], resources: ['configmaps'] }],
    sideEffects: 'Some',
    admissionReviewVersions: ['v1'],
  }
  const kind = 'ValidatingWebhookConfiguration'
  const old = { apiVersion: 'admissionregistration.k8s.io/v1', kind, metadata: { name: 'e' }, webhooks: [webhook] }
  const server = await serve({ scenario: { type: 'scenario', name: 's', objects: [old], controllers: [] } })
  ends.push(() => server.close())
  expect(await send(server, 'POST', `${configMaps}?dryRun=All`, map('a'))).toMatchObject({
    code: 400,
    body: { message: 'admission webhook "effects.example.com" does not support dry run' },
  })
  expect((await send(server, 'POST', configMaps, map('a'))).code).toBe(201)
  expect(await register(server, 'Validating', `${url}/new`, { sideEffects: 'Some' })).toMatchObject({
    code: 422,
    body: { details: { causes: [{ field: 'webhooks[0].sideEffects', reason: 'FieldValueNotSupported' }] } },
  })
})

it('enforces quotas', async () => {
  const server = await start()
  await send(server, 'POST', '/api/v1/namespaces/default/resourcequotas', {
    apiVersion: 'v1',
    kind: 'ResourceQuota',
    metadata: { name: 'q' },
    spec: { hard: { pods: '1', 'requests.cpu': '500m' } },
  })
  const pod = (name: string, cpu: string) => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name },
    spec: { containers: [{ name: 'a', image: 'b', resources: { requests: { cpu } } }] },
  })
  const pods = '/api/v1/namespaces/default/pods'
  expect(await send(server, 'POST', pods, pod('large', '1'))).toMatchObject({
    code: 403,
    body: {
      message:
        'pods "large" is forbidden: exceeded quota: q, requested: requests.cpu=1, used: requests.cpu=0, limited: requests.cpu=500m',
    },
  })
  expect((await send(server, 'POST', pods, pod('a', '500m'))).code).toBe(201)
  expect((await send(server, 'POST', pods, pod('b', '1m'))).body.message).toBe(
    'pods "b" is forbidden: exceeded quota: q, requested: pods=1,requests.cpu=1m, used: pods=1,requests.cpu=500m, limited: pods=1,requests.cpu=500m',
  )
})

it('enforces a quota with scopes for the pods that they are about', async () => {
  const server = await start()
  const quota = (name: string, spec: object) =>
    send(server, 'POST', '/api/v1/namespaces/default/resourcequotas', {
      apiVersion: 'v1',
      kind: 'ResourceQuota',
      metadata: { name },
      spec: { hard: { pods: '1' }, ...spec },
    })
  await quota('best-effort', { scopes: ['BestEffort', 'NotTerminating'] })
  const high = { scopeName: 'PriorityClass', operator: 'In', values: ['high'] }
  await quota('high', { scopeSelector: { matchExpressions: [high] } })
  const container = { name: 'a', image: 'b' }
  const guaranteed = { ...container, resources: { limits: { cpu: '1', memory: '1Gi' } } }
  const create = async (name: string, spec: object) =>
    (await send(server, 'POST', '/api/v1/namespaces/default/pods', { metadata: { name }, spec })).code
  expect(await create('a', { containers: [container] })).toBe(201)
  expect(await create('b', { containers: [container] })).toBe(403)
  expect(await create('c', { containers: [container], activeDeadlineSeconds: 9 })).toBe(201)
  expect(await create('d', { containers: [guaranteed] })).toBe(201)
  expect(await create('e', { containers: [guaranteed], priorityClassName: 'high' })).toBe(201)
  expect(await create('f', { containers: [guaranteed], priorityClassName: 'high' })).toBe(403)
  expect(await create('g', { containers: [guaranteed], priorityClassName: 'low' })).toBe(201)
})
