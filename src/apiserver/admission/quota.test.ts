import { describe, expect, it } from 'vitest'
import { deepFreeze } from '#api/clone.ts'
import type { KubernetesObject } from '#api/object.ts'
import { createScheme } from '#api/scheme.ts'
import { handle } from '../apiserver.ts'
import type { ApiResponse, Verb } from '../request.ts'
import { type ApiState, initialState } from '../state.ts'
import type { AdmissionControl } from './admission.ts'
import { admissionKinds } from './kinds.ts'

const table = createScheme()
const kinds = admissionKinds(table)!
const admission: AdmissionControl = { kinds, enforcesQuotas: true, call: () => undefined }

/** One namespace under quotas. */
class Server {
  state: ApiState = initialState(table, [])

  ask(verb: Verb, object: object, subresource?: string): ApiResponse {
    const body = deepFreeze(object) as KubernetesObject
    const resource = table.byKind(body.apiVersion, body.kind)!
    const request = {
      verb,
      resource,
      namespace: 'default',
      ...(verb === 'delete' ? {} : { body }),
      ...(verb === 'create' ? {} : { name: body.metadata.name! }),
      ...(subresource === undefined ? {} : { subresource }),
    }
    const { response, state } = handle(table, { ...this.state, admission }, request)
    this.state = state
    return response
  }

  used(name = 'q'): unknown {
    return this.state.get(kinds.quotas, 'default', name)?.body['status']?.used
  }
}

const quota = (hard: object, more: object = {}, name = 'q'): object => ({
  apiVersion: 'v1',
  kind: 'ResourceQuota',
  metadata: { name },
  spec: { hard, ...more },
})
const pod = (name: string, requests?: object, limits?: object): object => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name },
  spec: { containers: [{ name: 'main', image: 'i', resources: { requests, limits } }] },
})
const map = (name: string): object => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name } })
const service = (type: string, ports = 1): object => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 's' },
  spec: {
    type,
    selector: { a: 'b' },
    ports: Array.from({ length: ports }, (_, n) => ({ name: `p${n}`, port: n + 1 })),
  },
})
const claim = (storage: string): object => ({
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  metadata: { name: 'c' },
  spec: { accessModes: ['ReadWriteOnce'], storageClassName: 'fast', resources: { requests: { storage } } },
})

describe('the status of a quota', () => {
  it('has the limits and their use, from the beginning and as objects come and go', () => {
    const server = new Server()
    server.ask('create', map('a'))
    server.ask('create', quota({ configmaps: '3', 'count/configmaps': '9', resourcequotas: '5', 'x.io/unknown': '1' }))
    expect(server.state.get(kinds.quotas, 'default', 'q')?.body['status']).toEqual({
      hard: { configmaps: '3', 'count/configmaps': '9', resourcequotas: '5', 'x.io/unknown': '1' },
      used: { configmaps: '1', 'count/configmaps': '1', resourcequotas: '1' },
    })
    server.ask('create', map('b'))
    expect(server.used()).toMatchObject({ configmaps: '2' })
    server.ask('delete', map('a'))
    server.ask('create', quota({ pods: '1' }, {}, 'r'))
    expect(server.used()).toMatchObject({ configmaps: '1', resourcequotas: '2' })
    expect(server.used('r')).toEqual({ pods: '0' })
  })

  it('counts what pods ask for, until they have ended', () => {
    const server = new Server()
    server.ask(
      'create',
      quota({ pods: '9', 'count/pods': '9', 'requests.memory': '1Gi', cpu: '2', 'requests.x.io/gpu': 4 }),
    )
    server.ask('create', pod('a', { memory: '128Mi', cpu: '1500m', 'x.io/gpu': '2' }, { 'x.io/gpu': '2' }))
    server.ask('create', pod('b', { memory: '128Mi', cpu: '500m' }))
    const use = { pods: '2', 'count/pods': '2', 'requests.memory': '256Mi', cpu: '2', 'requests.x.io/gpu': '2' }
    expect(server.used()).toEqual(use)
    server.ask('update', { ...pod('a'), status: { phase: 'Succeeded' } }, 'status')
    expect(server.used()).toEqual({
      pods: '1',
      'count/pods': '2',
      'requests.memory': '128Mi',
      cpu: '500m',
      'requests.x.io/gpu': '0',
    })
  })

  it('is counted anew when the limits change', () => {
    const server = new Server()
    server.ask('create', map('a'))
    server.ask('create', quota({ secrets: '1' }))
    server.ask('update', quota({ configmaps: '1' }))
    expect(server.used()).toEqual({ configmaps: '1' })
    server.ask('update', { ...quota({ configmaps: '1' }), status: { used: { configmaps: '0' } } }, 'status')
    expect(server.used()).toEqual({ configmaps: '1' })
  })
})

describe('a quota', () => {
  it('refuses in the words of upstream', () => {
    const server = new Server()
    server.ask('create', quota({ 'requests.memory': '200Mi', 'requests.cpu': '1' }))
    server.ask('create', pod('a', { memory: '128Mi', cpu: '500m' }))
    expect(server.ask('create', pod('b', { memory: '128Mi', cpu: '600m' }))).toMatchObject({
      code: 403,
      body: {
        message:
          'pods "b" is forbidden: exceeded quota: q, requested: requests.cpu=600m,requests.memory=128Mi, used: requests.cpu=500m,requests.memory=128Mi, limited: requests.cpu=1,requests.memory=200Mi',
      },
    })
  })

  it('of processor and memory wants every container to say what it needs', () => {
    const server = new Server()
    server.ask('create', quota({ 'requests.memory': '200Mi', 'limits.cpu': '1', 'requests.ephemeral-storage': '1Gi' }))
    expect(server.ask('create', pod('b', { memory: '1Mi' }))).toMatchObject({
      code: 403,
      body: { message: 'pods "b" is forbidden: failed quota: q: must specify limits.cpu for: main' },
    })
    expect(server.ask('create', pod('b'))).toMatchObject({
      body: {
        message: 'pods "b" is forbidden: failed quota: q: must specify limits.cpu for: main; requests.memory for: main',
      },
    })
  })

  it('judges updates of services and claims by what they add', () => {
    const server = new Server()
    const hard = {
      'services.nodeports': '2',
      'requests.storage': '10Gi',
      'fast.storageclass.storage.k8s.io/requests.storage': '6Gi',
    }
    server.ask('create', quota(hard))
    expect(server.ask('create', service('ClusterIP', 3)).code).toBe(201)
    expect(server.ask('update', service('NodePort', 3))).toMatchObject({
      code: 403,
      body: { message: expect.stringContaining('requested: services.nodeports=3, used: services.nodeports=0') },
    })
    expect(server.ask('update', service('NodePort', 2)).code).toBe(200)
    expect(server.ask('update', service('NodePort', 1)).code).toBe(200)
    expect(server.used()).toMatchObject({ 'services.nodeports': '1' })
    expect(server.ask('create', claim('5Gi')).code).toBe(201)
    expect(server.ask('update', claim('6Gi')).code).toBe(200)
    expect(server.ask('update', claim('8Gi'))).toMatchObject({
      code: 403,
      body: {
        message: expect.stringContaining(
          'requested: fast.storageclass.storage.k8s.io/requests.storage=2Gi, used: fast.storageclass.storage.k8s.io/requests.storage=6Gi',
        ),
      },
    })
  })

  it('of a scope counts the pods in it alone', () => {
    const server = new Server()
    server.ask('create', quota({ pods: '1' }, { scopes: ['BestEffort'] }))
    server.ask('create', pod('a', { cpu: '1' }))
    expect(server.used()).toEqual({ pods: '0' })
    server.ask('create', pod('b'))
    expect(server.used()).toEqual({ pods: '1' })
    expect(server.ask('create', pod('c')).code).toBe(403)
  })
})
