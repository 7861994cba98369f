/** Both forms of a Service's endpoints, side by side. */
import { describe, expect, test } from 'vitest'
import { builtin } from '../builtin.ts'
import { startTestCluster, type TestCluster } from '../test-support.ts'

const podType = { apiVersion: 'v1', kind: 'Pod' }
const serviceType = { apiVersion: 'v1', kind: 'Service' }

function serviceObject(spec: object = {}): object {
  return {
    ...serviceType,
    metadata: { namespace: 'default', name: 'web' },
    spec: { selector: { app: 'web' }, ports: [{ port: 80, targetPort: 'http' }], ...spec },
  }
}

function podObject(
  name: string,
  options: { readonly ready?: boolean; readonly port?: number; readonly ip?: string } = {},
): object {
  const { ready = true, port = 8080, ip = '10.244.0.1' } = options
  return {
    ...podType,
    metadata: { namespace: 'default', name, labels: { app: 'web' } },
    spec: {
      nodeName: 'node',
      containers: [{ name: 'main', image: 'web', ports: [{ name: 'http', containerPort: port }] }],
    },
    status: { phase: 'Running', podIP: ip, conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }] },
  }
}

async function settled(...objects: object[]): Promise<TestCluster> {
  const controllers = [builtin.endpoints(), builtin.endpointslice(), builtin.garbageCollector()]
  const cluster = await startTestCluster({ objects, controllers })
  await cluster.settle()
  return cluster
}

function slices(cluster: TestCluster) {
  return cluster
    .objects()
    .filter((name) => name.startsWith('EndpointSlice '))
    .map((name) => cluster.get('EndpointSlice', name.split('/')[1] as string))
}

function subsets(cluster: TestCluster): unknown {
  return cluster.get('Endpoints', 'web')?.['subsets']
}

// https://kubernetes.io/docs/concepts/services-networking/endpoint-slices/#endpointslice-api
test('ready pods are endpoints, with the ports of the Service', async () => {
  const cluster = await settled(serviceObject(), podObject('a'))
  expect(slices(cluster)).toMatchObject([
    {
      metadata: {
        labels: {
          'kubernetes.io/service-name': 'web',
          'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io',
        },
        ownerReferences: [{ kind: 'Service', name: 'web', controller: true }],
      },
      addressType: 'IPv4',
      ports: [{ name: '', port: 8080, protocol: 'TCP' }],
      endpoints: [
        {
          addresses: ['10.244.0.1'],
          conditions: { ready: true, serving: true, terminating: false },
          nodeName: 'node',
          targetRef: { kind: 'Pod', name: 'a' },
        },
      ],
    },
  ])
  expect(subsets(cluster)).toMatchObject([
    { addresses: [{ ip: '10.244.0.1', targetRef: { name: 'a' } }], ports: [{ port: 8080, protocol: 'TCP' }] },
  ])
})

// https://kubernetes.io/docs/concepts/services-networking/endpoint-slices/#conditions
describe('pods that are not ready', () => {
  test('are listed as such', async () => {
    const cluster = await settled(serviceObject(), podObject('a', { ready: false }))
    expect(slices(cluster)[0]?.['endpoints'][0].conditions).toEqual({
      ready: false,
      serving: false,
      terminating: false,
    })
    expect(subsets(cluster)).toMatchObject([{ notReadyAddresses: [{ ip: '10.244.0.1' }] }])
  })

  test('are ready when the Service publishes them', async () => {
    const cluster = await settled(serviceObject({ publishNotReadyAddresses: true }), podObject('a', { ready: false }))
    expect(slices(cluster)[0]?.['endpoints'][0].conditions).toMatchObject({ ready: true, serving: false })
  })

  test('that terminate still serve in slices and are gone from Endpoints', async () => {
    const cluster = await settled(serviceObject(), podObject('a'))
    await cluster.user.delete({ type: podType, key: { namespace: 'default', name: 'a' } })
    await cluster.settle()
    expect(slices(cluster)[0]?.['endpoints'][0].conditions).toEqual({ ready: false, serving: true, terminating: true })
    expect(subsets(cluster)).toEqual([])
  })
})

test('pods that serve a named port at different numbers are in different slices', async () => {
  const cluster = await settled(serviceObject(), podObject('a'), podObject('b', { port: 9090, ip: '10.244.0.2' }))
  expect(slices(cluster).map((slice) => slice?.['ports'][0].port)).toEqual([8080, 9090])
})

test('a Service without pods has one empty slice and no subsets', async () => {
  const cluster = await settled(serviceObject())
  expect(slices(cluster)).toMatchObject([{ endpoints: [], ports: [] }])
  expect(cluster.objects()).toContain('Endpoints default/web')
})

// https://kubernetes.io/docs/concepts/services-networking/service/#services-without-selectors
test.each([
  ['without a selector', { selector: {} }],
  ['with an external name', { type: 'ExternalName', externalName: 'example.com' }],
])('a Service %s is left to the user', async (_name, spec) => {
  const cluster = await settled(serviceObject(spec), podObject('a'))
  expect(cluster.objects()).toEqual(['Pod default/a', 'Service default/web'])
})

test('a change of the ports changes the slice in place', async () => {
  const cluster = await settled(serviceObject({ ports: [{ port: 80, targetPort: 8080 }] }), podObject('a'))
  const before = slices(cluster)[0]?.metadata.uid
  const web = { type: serviceType, key: { namespace: 'default', name: 'web' } }
  await cluster.user.patch(web, { spec: { ports: [{ port: 80, targetPort: 9090 }] } }, { patchType: 'merge' })
  await cluster.settle()
  expect(slices(cluster)).toMatchObject([{ metadata: { uid: before }, ports: [{ port: 9090 }] }])
})

test('endpoints go with their Service, the user’s own stay', async () => {
  const own = { apiVersion: 'v1', kind: 'Endpoints', metadata: { namespace: 'default', name: 'own' } }
  const cluster = await settled(serviceObject(), podObject('a'), own)
  await cluster.user.delete({ type: serviceType, key: { namespace: 'default', name: 'web' } })
  await cluster.settle()
  expect(cluster.objects()).toEqual(['Endpoints default/own', 'Pod default/a'])
})
