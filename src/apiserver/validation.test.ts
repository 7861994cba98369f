/** Causes of invalid objects of built-in kinds, as kubernetes/pkg/apis/.../validation has them. */
import { describe, expect, it } from 'vitest'
import { createScheme } from '#api/scheme.ts'
import { handle } from './apiserver.ts'
import { initialState } from './state.ts'

const builtInScheme = createScheme()
const container = { name: 'a', image: 'x' }
const labelled = { metadata: { labels: { app: 'x' } }, spec: { containers: [container] } }
const selector = { matchLabels: { app: 'x' } }

function causes(apiVersion: string, kind: string, spec: object, isComplete = true): readonly string[] {
  const resource = builtInScheme.byKind(apiVersion, kind)
  if (resource === undefined) throw new Error(`nobody serves ${kind}`)
  const { response } = handle(builtInScheme, initialState(builtInScheme, []), {
    verb: 'create',
    resource,
    namespace: 'default',
    body: { apiVersion, kind, metadata: { name: 'a' }, spec },
    ...(isComplete ? { options: { fieldValidation: 'Warn' } } : {}),
  })
  const { details } = response.body as { details?: { causes?: readonly { reason: string; field: string }[] } }
  return (details?.causes ?? []).map(({ field, reason }) => `${field} ${reason.replace('FieldValue', '')}`)
}

describe('a pod', () => {
  it.each([
    [{}, ['spec.containers Required']],
    [{ containers: [{}] }, ['spec.containers[0].name Required', 'spec.containers[0].image Required']],
    [{ containers: [container, container] }, ['spec.containers[1].name Duplicate']],
    [{ containers: [{ ...container, name: 'A' }] }, ['spec.containers[0].name Invalid']],
    [{ containers: [container], restartPolicy: 'x' }, ['spec.restartPolicy NotSupported']],
    [{ containers: [{ ...container, ports: [{}] }] }, ['spec.containers[0].ports[0].containerPort Required']],
    [{ containers: [{ ...container, env: [{}] }] }, ['spec.containers[0].env[0].name Required']],
    [
      { containers: [{ ...container, volumeMounts: [{ name: 'v', mountPath: '/' }] }] },
      ['spec.containers[0].volumeMounts[0].name NotFound'],
    ],
    [
      { containers: [{ ...container, resources: { limits: { cpu: '1' }, requests: { cpu: '2' } } }] },
      ['spec.containers[0].resources.requests Invalid'],
    ],
    [{ containers: [{ ...container, livenessProbe: {} }] }, ['spec.containers[0].livenessProbe Required']],
  ])('%j', (spec, expected) => {
    expect(causes('v1', 'Pod', spec)).toEqual(expected)
  })
})

describe('security contexts', () => {
  it.each([
    [
      {
        containers: [container],
        securityContext: { runAsUser: -1, supplementalGroups: [0, -1], fsGroupChangePolicy: 'x' },
      },
      [
        'spec.securityContext.runAsUser Invalid',
        'spec.securityContext.supplementalGroups[1] Invalid',
        'spec.securityContext.fsGroupChangePolicy NotSupported',
      ],
    ],
    [
      { containers: [{ ...container, securityContext: { privileged: true, allowPrivilegeEscalation: false } }] },
      ['spec.containers[0].securityContext Invalid'],
    ],
    [
      { containers: [{ ...container, securityContext: { runAsGroup: -1, procMount: 'x' } }] },
      [
        'spec.containers[0].securityContext.runAsGroup Invalid',
        'spec.containers[0].securityContext.procMount NotSupported',
      ],
    ],
  ])('%j', (spec, expected) => {
    expect(causes('v1', 'Pod', spec)).toEqual(expected)
  })
})

describe('a ResourceQuota', () => {
  it.each([
    [{ hard: { pods: '1', 'count/x.y': '1', 'requests.cpu': '1500m', 'hugepages-2Mi': '2Mi' } }, []],
    [
      { hard: { x: '1', pods: '-1', secrets: '500m' } },
      ['spec.hard[x] Invalid', 'spec.hard[pods] Invalid', 'spec.hard[secrets] Invalid'],
    ],
    [{ scopes: ['X', 'BestEffort', 'NotBestEffort'] }, ['spec.scopes Invalid', 'spec.scopes Invalid']],
  ])('%j', (spec, expected) => {
    expect(causes('v1', 'ResourceQuota', spec)).toEqual(expected)
  })
})

describe('roles, bindings and webhook configurations', () => {
  const places = (apiVersion: string, kind: string, fields: object): readonly string[] => {
    const resource = builtInScheme.byKind(apiVersion, kind)!
    const { response } = handle(builtInScheme, initialState(builtInScheme, []), {
      verb: 'create',
      resource,
      ...(resource.namespaced ? { namespace: 'default' } : {}),
      body: { apiVersion, kind, metadata: { name: 'a' }, ...fields },
      options: { fieldValidation: 'Warn' },
    })
    const { details } = response.body as { details?: { causes?: readonly { field: string }[] } }
    return (details?.causes ?? []).map(({ field }) => field)
  }

  it('name resources or, in a ClusterRole, URLs', () => {
    const rules = [{ verbs: ['get'], nonResourceURLs: ['/x'] }, { verbs: ['get'] }]
    expect(places('rbac.authorization.k8s.io/v1', 'Role', { rules })).toEqual([
      'rules[0].nonResourceURLs',
      'rules[1].apiGroups',
      'rules[1].resources',
    ])
    expect(places('rbac.authorization.k8s.io/v1', 'ClusterRole', { rules: [rules[0]] })).toEqual([])
  })

  it('bind roles to users, groups and accounts', () => {
    const fields = {
      roleRef: { kind: 'Role', name: 'r' },
      subjects: [{ kind: 'ServiceAccount', name: 's' }, { name: 'x' }],
    }
    expect(places('rbac.authorization.k8s.io/v1', 'RoleBinding', fields)).toEqual(['subjects[1].kind'])
    expect(places('rbac.authorization.k8s.io/v1', 'ClusterRoleBinding', fields)).toEqual([
      'roleRef.kind',
      'subjects[0].namespace',
      'subjects[1].kind',
    ])
  })

  it('say of a webhook when it is called, where, and by which reviews', () => {
    const webhooks = [
      { name: 'a', rules: [{ operations: ['*', 'CREATE'], resources: ['*/*', 'pods'] }], timeoutSeconds: 31 },
      {
        name: 'a.b.c',
        admissionReviewVersions: ['v9'],
        sideEffects: 'None',
        clientConfig: { url: 'https://x', service: { name: 'x' } },
      },
    ]
    expect(places('admissionregistration.k8s.io/v1', 'MutatingWebhookConfiguration', { webhooks })).toEqual([
      'webhooks[0].name',
      'webhooks[0].admissionReviewVersions',
      'webhooks[0].rules[0].operations',
      'webhooks[0].rules[0].apiGroups',
      'webhooks[0].rules[0].apiVersions',
      'webhooks[0].rules[0].resources',
      'webhooks[0].sideEffects',
      'webhooks[0].timeoutSeconds',
      'webhooks[0].clientConfig',
      'webhooks[1].admissionReviewVersions',
      'webhooks[1].clientConfig',
    ])
  })
})

describe('a Deployment', () => {
  it.each([
    [{ template: labelled }, ['spec.selector Required', 'spec.template.metadata.labels Invalid']],
    [{ selector: {}, template: labelled }, ['spec.selector Invalid']],
    [{ selector, template: labelled, replicas: -1 }, ['spec.replicas Invalid']],
    [
      { selector, template: labelled, strategy: { type: 'Recreate', rollingUpdate: {} } },
      ['spec.strategy.rollingUpdate Forbidden'],
    ],
    [
      { selector, template: labelled, strategy: { rollingUpdate: { maxSurge: 0, maxUnavailable: 0 } } },
      ['spec.strategy.rollingUpdate.maxUnavailable Invalid'],
    ],
  ])('%j', (spec, expected) => {
    expect(causes('apps/v1', 'Deployment', spec)).toEqual(expected)
  })
})

describe('a Service', () => {
  it.each([
    [{}, ['spec.ports Required']],
    [{ type: 'ExternalName' }, ['spec.externalName Required']],
    [{ ports: [{ port: 80 }], type: 'x' }, ['spec.type NotSupported']],
    [{ ports: [{ port: 80 }], clusterIP: 'x' }, ['spec.clusterIPs[0] Invalid']],
    [{ ports: [{ port: 80, nodePort: 30000 }] }, ['spec.ports[0].nodePort Forbidden']],
    [
      {
        ports: [
          { name: 'a', port: 80 },
          { name: 'b', port: 80 },
        ],
      },
      ['spec.ports[1] Duplicate'],
    ],
  ])('%j', (spec, expected) => {
    expect(causes('v1', 'Service', spec)).toEqual(expected)
  })
})

it('a Lease lasts longer than no time', () => {
  expect(causes('coordination.k8s.io/v1', 'Lease', { leaseDurationSeconds: 0, leaseTransitions: -1 })).toEqual([
    'spec.leaseDurationSeconds Invalid',
    'spec.leaseTransitions Invalid',
  ])
})

describe('in a simulation', () => {
  it('objects may lack what is required', () => {
    expect(causes('v1', 'Pod', {}, false)).toEqual([])
    expect(causes('apps/v1', 'Deployment', { replicas: 1 }, false)).toEqual([])
    expect(causes('v1', 'Service', { ports: [{ name: 'a' }] }, false)).toEqual([])
  })

  it('objects may not contradict themselves', () => {
    expect(causes('apps/v1', 'Deployment', { replicas: -1 }, false)).toEqual(['spec.replicas Invalid'])
  })
})

describe('where a pod may run', () => {
  const required = 'requiredDuringSchedulingIgnoredDuringExecution'
  const preferred = 'preferredDuringSchedulingIgnoredDuringExecution'
  const spread = { maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'DoNotSchedule' }
  it.each([
    [{ tolerations: [{}] }, ['tolerations[0].operator Invalid']],
    [{ tolerations: [{ operator: 'Exists' }] }, []],
    [{ tolerations: [{ key: 'a', operator: 'Exists', value: 'b' }] }, ['tolerations[0].operator Invalid']],
    [{ tolerations: [{ key: 'a', operator: 'In' }] }, ['tolerations[0].operator NotSupported']],
    [{ tolerations: [{ key: 'a', effect: 'NoSchedule', tolerationSeconds: 1 }] }, ['tolerations[0].effect Invalid']],
    [{ tolerations: [{ key: 'a', effect: 'Never' }] }, ['tolerations[0].effect NotSupported']],
    [{ topologySpreadConstraints: [spread] }, []],
    [
      { topologySpreadConstraints: [spread, spread] },
      ['topologySpreadConstraints[1].{topologyKey, whenUnsatisfiable} Duplicate'],
    ],
    [
      { topologySpreadConstraints: [{}] },
      [
        'topologySpreadConstraints[0].maxSkew Invalid',
        'topologySpreadConstraints[0].topologyKey Required',
        'topologySpreadConstraints[0].whenUnsatisfiable NotSupported',
      ],
    ],
    [
      { affinity: { nodeAffinity: { [required]: { nodeSelectorTerms: [] } } } },
      [`affinity.nodeAffinity.${required}.nodeSelectorTerms Required`],
    ],
    [
      {
        affinity: {
          nodeAffinity: {
            [preferred]: [{ weight: 0, preference: { matchExpressions: [{ key: 'a', operator: 'Gt' }] } }],
          },
        },
      },
      [
        `affinity.nodeAffinity.${preferred}[0].weight Invalid`,
        `affinity.nodeAffinity.${preferred}[0].preference.matchExpressions[0].values Required`,
      ],
    ],
    [
      { affinity: { podAntiAffinity: { [required]: [{ labelSelector: {} }] } } },
      [`affinity.podAntiAffinity.${required}[0].topologyKey Required`],
    ],
  ])('is checked: %j', (spec, expected) => {
    expect(causes('v1', 'Pod', { containers: [container], ...spec })).toEqual(expected.map((cause) => `spec.${cause}`))
  })
})

describe('an ingress', () => {
  const service = { name: 'web', port: { number: 80 } }
  const rule = (path: object): object => ({ rules: [{ http: { paths: [path] } }] })
  const at = 'spec.rules[0].http.paths[0]'
  it.each([
    [{}, ['spec Invalid']],
    [{ defaultBackend: { service } }, []],
    [{ defaultBackend: {} }, ['spec.defaultBackend Invalid']],
    [{ defaultBackend: { service: { name: 'web' } } }, ['spec.defaultBackend Required']],
    [{ rules: [{ host: '10.0.0.1' }] }, ['spec.rules[0].host Invalid']],
    [{ rules: [{ host: '*.x.io' }] }, []],
    [{ rules: [{ http: {} }] }, ['spec.rules[0].http.paths Required']],
    [rule({ path: '/', backend: { service } }), [`${at}.pathType Required`]],
    [rule({ path: 'a', pathType: 'Exact', backend: { service } }), [`${at}.path Invalid`]],
    [rule({ path: '/a/../b', pathType: 'Prefix', backend: { service } }), [`${at}.path Invalid`]],
    [rule({ pathType: 'ImplementationSpecific', backend: { service } }), []],
    [rule({ path: '/', pathType: 'Regex', backend: { service } }), [`${at}.pathType NotSupported`]],
  ])('is checked: %j', (spec, expected) => {
    expect(causes('networking.k8s.io/v1', 'Ingress', spec)).toEqual(expected)
  })
})

describe('a network policy', () => {
  it.each([
    [{ podSelector: {} }, []],
    [{ podSelector: {}, policyTypes: ['Both'] }, ['spec.policyTypes[0] NotSupported']],
    [{ podSelector: {}, ingress: [{ from: [{}] }] }, ['spec.ingress[0].from[0] Required']],
    [
      { podSelector: {}, egress: [{ to: [{ podSelector: {}, ipBlock: { cidr: '10.0.0.0/8' } }] }] },
      ['spec.egress[0].to[0] Forbidden'],
    ],
    [{ podSelector: {}, ingress: [{ ports: [{ port: 0 }] }] }, ['spec.ingress[0].ports[0].port Invalid']],
    [{ podSelector: {}, ingress: [{ ports: [{ endPort: 9 }] }] }, ['spec.ingress[0].ports[0].endPort Invalid']],
  ])('is checked: %j', (spec, expected) => {
    expect(causes('networking.k8s.io/v1', 'NetworkPolicy', spec)).toEqual(expected)
  })
})
