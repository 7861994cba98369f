/** Webhooks that are registered by service: where the service is, is said when a server starts. */
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, it } from 'vitest'
import { ApiError, defineController, simulatedCluster } from '../../src/index.ts'
import { createCertificate } from '../../src/serve/certificate.ts'
import { serve } from '../../src/serve.ts'

const ends: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
})

const service = { namespace: 'default', name: 'hooks', path: '/validate' }
const configuration = (clientConfig: object) => ({
  apiVersion: 'admissionregistration.k8s.io/v1',
  kind: 'ValidatingWebhookConfiguration',
  metadata: { name: 'v' },
  webhooks: [
    {
      name: 'v.example.com',
      clientConfig,
      rules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['configmaps'] }],
      sideEffects: 'None',
      admissionReviewVersions: ['v1'],
    },
  ],
})
const map = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', namespace: 'default' } }

async function create(url: string): Promise<{ readonly code: number; readonly message: string }> {
  const answered = await fetch(`${url}/api/v1/namespaces/default/configmaps`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(map),
  })
  const { message = '' } = (await answered.json()) as { readonly message?: string }
  return { code: answered.status, message }
}

it('calls the service over TLS by the name that its certificate is for', async () => {
  const { key, certificate } = await createCertificate('hooks.default.svc')
  const paths: string[] = []
  const hooks = createServer({ key, cert: certificate }, (request, response) => {
    paths.push(request.url ?? '')
    request.resume()
    response.end(JSON.stringify({ response: { allowed: false, status: { message: 'no maps' } } }))
  })
  await new Promise<void>((resolve) => hooks.listen(0, '127.0.0.1', resolve))
  ends.push(() => new Promise((resolve) => hooks.close(() => resolve())))
  const url = `https://127.0.0.1:${(hooks.address() as AddressInfo).port}`
  const objects = [configuration({ service, caBundle: Buffer.from(certificate).toString('base64') })]
  const server = await serve({
    scenario: { type: 'scenario', name: 's', objects, controllers: [] },
    webhookServices: { 'default/hooks': url },
  })
  ends.push(() => server.close())
  expect(await create(server.url)).toEqual({
    code: 400,
    message: 'admission webhook "v.example.com" denied the request: no maps',
  })
  expect(paths).toEqual(['/validate'])
})

it('says of a service that nobody placed what to do', async () => {
  const objects = [configuration({ service })]
  const server = await serve({ scenario: { type: 'scenario', name: 's', objects, controllers: [] } })
  ends.push(() => server.close())
  const { code, message } = await create(server.url)
  expect(code).toBe(500)
  expect(message).toContain('kamera serve --webhook-service default/hooks=URL')
})

it('calls functions of this process, for clients and controllers alike', async () => {
  const errors: string[] = []
  const maker = defineController({
    name: 'maker',
    for: { apiVersion: 'v1', kind: 'Secret' },
    reconciler: ({ client }) => ({
      reconcile: async ({ name }) => {
        await client.create({ ...map, metadata: { name: `of-${name}`, namespace: 'default' } })
        return {}
      },
    }),
  })
  const cluster = simulatedCluster({
    objects: [configuration({ service })],
    webhooks: { 'v.example.com': ({ name }) => ({ allowed: name === 'good', status: { message: 'bad name' } }) },
    controllers: [maker],
    onError: (message) => errors.push(message),
  })
  ends.push(() => cluster.close())
  await cluster.client.create({ ...map, metadata: { name: 'good', namespace: 'default' } })
  await expect(cluster.client.create(map)).rejects.toThrow(ApiError)
  await cluster.client.create({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 's', namespace: 'default' } })
  await expect.poll(() => errors[0], { timeout: 20_000 }).toContain('denied the request: bad name')
})
