/** Random and mutated requests for `npm run fuzz`: paths, queries, media types, and bodies that are nearly right. */

/** The same numbers in every run of a seed. */
export function chanceOf(seed) {
  let state = seed >>> 0 || 1
  const next = () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) / 2 ** 32
  }
  const below = (limit) => Math.floor(next() * limit)
  return { below, oneIn: (n) => below(n) === 0, pick: (list) => list[below(list.length)] }
}

const NAMES =
  'apiVersion kind spec status metadata data labels annotations finalizers ownerReferences managedFields resourceVersion uid name namespace generateName replicas selector matchLabels template containers image env ports a b list set $patch $retainKeys $setElementOrder/containers $deleteFromPrimitiveList/finalizers __proto__ constructor toString hasOwnProperty x-kubernetes-validations'.split(
    ' ',
  )
const SCALARS = [
  null,
  1,
  -1,
  0,
  1.5,
  true,
  false,
  '',
  'x',
  'a',
  'delete',
  'replace',
  'x.io/a',
  1e300,
  -0,
  '2030-01-01T00:00:00Z',
  '100m',
  '\u0000',
  '\ud800',
  '𝒳'.repeat(70),
  'a'.repeat(300),
]
export const PLACES = [
  'api/v1/namespaces/default/configmaps',
  'api/v1/namespaces/default/pods',
  'api/v1/namespaces/default/services',
  'api/v1/namespaces',
  'api/v1/nodes',
  'api/v1/namespaces/default/secrets',
  'apis/apps/v1/namespaces/default/deployments',
  'apis/apps/v1/namespaces/default/statefulsets',
  'apis/batch/v1/namespaces/default/jobs',
  'apis/x.io/v1/namespaces/default/widgets',
  'apis/apiextensions.k8s.io/v1/customresourcedefinitions',
  'apis/policy/v1/namespaces/default/poddisruptionbudgets',
  'apis/coordination.k8s.io/v1/namespaces/default/leases',
  'apis/autoscaling/v2/namespaces/default/horizontalpodautoscalers',
  'api/v1/namespaces/default/resourcequotas',
  'api/v1/namespaces/default/serviceaccounts',
  'api/v1/namespaces/default/persistentvolumeclaims',
  'apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
  'api',
  'apis',
  'openapi/v3',
  'openapi/v3/apis/apps/v1',
  'version',
  'apis/apps/v1',
  'api/v1',
  'healthz',
]
export const KINDS = {
  configmaps: ['v1', 'ConfigMap'],
  pods: ['v1', 'Pod'],
  services: ['v1', 'Service'],
  namespaces: ['v1', 'Namespace'],
  nodes: ['v1', 'Node'],
  secrets: ['v1', 'Secret'],
  deployments: ['apps/v1', 'Deployment'],
  statefulsets: ['apps/v1', 'StatefulSet'],
  jobs: ['batch/v1', 'Job'],
  resourcequotas: ['v1', 'ResourceQuota'],
  serviceaccounts: ['v1', 'ServiceAccount'],
  persistentvolumeclaims: ['v1', 'PersistentVolumeClaim'],
  widgets: ['x.io/v1', 'Widget'],
  customresourcedefinitions: ['apiextensions.k8s.io/v1', 'CustomResourceDefinition'],
  poddisruptionbudgets: ['policy/v1', 'PodDisruptionBudget'],
  leases: ['coordination.k8s.io/v1', 'Lease'],
  horizontalpodautoscalers: ['autoscaling/v2', 'HorizontalPodAutoscaler'],
}
const SUBRESOURCES = ['status', 'scale', 'finalize', 'binding', 'eviction', 'log', 'token', 'exec', 'x']
const OBJECTS = [
  'a',
  'b',
  'c',
  'a.b',
  'A_',
  '..',
  '%2e%2e',
  'x'.repeat(254),
  '__proto__',
  'widgets.x.io',
  'default',
  '%00',
  '%zz',
  'ü',
]
const PATCHES = [
  'application/json-patch+json',
  'application/merge-patch+json',
  'application/strategic-merge-patch+json',
  'application/apply-patch+yaml',
]
const TYPES = [
  'application/json',
  'application/yaml',
  'text/plain',
  'application/vnd.kubernetes.protobuf',
  'a/b;c=d',
  '',
  ...PATCHES,
]
const SELECTORS = [
  'a=b',
  'a!=b',
  'a in (b,c)',
  '!a',
  'a notin (',
  ',,',
  'metadata.name=a',
  'status.phase!=x,metadata.namespace=default',
  'spec.x=1',
  '%00',
  '('.repeat(500),
  `a in (${'b,'.repeat(3000)}b)`,
]
const PATTERNS = [
  '(a+)+$',
  '^(([a-z])+.)+[A-Z]([a-z])+$',
  '(?=x)',
  '[',
  'a{1,1000}{1,1000}',
  '(.*)*'.repeat(20),
  '\\p{L}+',
]
const RULES = [
  'self.a > 0',
  'self.list.all(x, self.list.all(y, self.list.all(z, x + y + z >= 0)))',
  "self.b.matches('(a+)+$')",
  'oldSelf.a <= self.a',
  "'x'.repeat(10)",
  'self.set.map(x, self.set.map(y, x + y)).size() >= 0',
  'has(self.c) || true',
  '((((',
  'self.__proto__ == 1',
]

function randomJson(chance, depth) {
  const kind = depth <= 0 ? 0 : chance.below(10)
  if (kind < 3) return chance.pick(SCALARS)
  if (kind < 5) return Array.from({ length: chance.below(4) }, () => randomJson(chance, depth - 1))
  const entries = Array.from({ length: chance.below(5) }, () => [chance.pick(NAMES), randomJson(chance, depth - 1)])
  return Object.defineProperties(
    {},
    Object.fromEntries(
      entries.map(([name, value]) => [name, { value, enumerable: true, configurable: true, writable: true }]),
    ),
  )
}

const container = { name: 'a', image: 'b', ports: [{ containerPort: 80 }], env: [{ name: 'A', value: 'B' }] }
const template = { metadata: { labels: { a: 'b' } }, spec: { containers: [container] } }
const SPECS = {
  Pod: template.spec,
  Deployment: { replicas: 1, selector: { matchLabels: { a: 'b' } }, template },
  StatefulSet: { serviceName: 's', selector: { matchLabels: { a: 'b' } }, template },
  Job: { template: { spec: { ...template.spec, restartPolicy: 'Never' } } },
  Service: { selector: { a: 'b' }, ports: [{ port: 80 }] },
  ResourceQuota: { hard: { configmaps: '40', 'requests.cpu': '2', 'count/pods': '9', 'requests.storage': '1Gi' } },
  PersistentVolumeClaim: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Mi' } } },
  Widget: { a: 1, b: 'aaaa', list: [1, 2, 3], set: ['a'] },
  PodDisruptionBudget: { minAvailable: 1, selector: { matchLabels: { a: 'b' } } },
}

export function definition(chance) {
  const text = { type: 'string', ...(chance.oneIn(3) ? { pattern: chance.pick(PATTERNS) } : {}) }
  const properties = {
    a: { type: 'integer', default: 1 },
    b: text,
    list: { type: 'array', items: { type: 'integer' } },
    set: { type: 'array', items: { type: 'string' }, 'x-kubernetes-list-type': 'set' },
  }
  const rules = chance.oneIn(2) ? { 'x-kubernetes-validations': [{ rule: chance.pick(RULES) }] } : {}
  const spec = { type: 'object', properties, ...rules, ...(chance.oneIn(6) ? randomJson(chance, 3) : {}) }
  const version = {
    name: 'v1',
    served: true,
    storage: true,
    subresources: { status: {}, scale: { specReplicasPath: '.spec.a', statusReplicasPath: '.status.a' } },
    schema: {
      openAPIV3Schema: {
        type: 'object',
        properties: { spec, status: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
      },
    },
  }
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'widgets.x.io' },
    spec: { group: 'x.io', scope: 'Namespaced', names: { plural: 'widgets', kind: 'Widget' }, versions: [version] },
  }
}

/** A valid object of the kind that is then spoilt in places. */
function object(chance, resource, name) {
  const [apiVersion, kind] = KINDS[resource] ?? ['v1', 'ConfigMap']
  const isDefinition = resource === 'customresourcedefinitions' && !chance.oneIn(4)
  const made = isDefinition
    ? definition(chance)
    : {
        apiVersion,
        kind,
        metadata: { name, labels: { a: 'b' } },
        ...(SPECS[kind] ? { spec: structuredClone(SPECS[kind]) } : { data: { a: 'b' } }),
      }
  if (kind === 'Widget' && chance.oneIn(3))
    made.spec = {
      ...made.spec,
      b: `${'a'.repeat(chance.below(50_000))}!`,
      list: Array.from({ length: chance.below(400) }, (_, n) => n),
    }
  for (let spoilt = chance.below(3); spoilt > 0; spoilt--) {
    let place = made
    while (chance.below(3) > 0) {
      const key = chance.pick(Object.keys(place).concat('x'))
      if (place[key] === null || typeof place[key] !== 'object') break
      place = place[key]
    }
    Object.defineProperty(place, chance.pick(Object.keys(place).concat(NAMES)), {
      value: randomJson(chance, 3),
      enumerable: true,
      configurable: true,
      writable: true,
    })
  }
  return made
}

/** What a webhook answers: nothing of sense, too much, a refusal, or a patch that is valid. */
export function webhookAnswer(chance) {
  const response = (more) => JSON.stringify({ response: { uid: 'u', allowed: true, ...more } })
  const patch = (operations) => response({ patchType: 'JSONPatch', patch: btoa(JSON.stringify(operations)) })
  switch (chance.below(9)) {
    case 0:
      return 'x'.repeat(chance.below(100_000))
    case 1:
      return '{"response":null,"__proto__":{"allowed":true}}'
    case 2:
      return response({ allowed: false, status: { code: 403, message: '\u0000"\n' } })
    case 3:
      return response({ warnings: ['\u00fc"\\\n', 'x'.repeat(5000)] })
    case 4:
      return patch([{ op: 'add', path: '/metadata/labels', value: JSON.parse('{"__proto__":"x","a":"b"}') }])
    case 5:
      return patch([{ op: 'add', path: '/metadata/annotations', value: { a: 'x'.repeat(chance.below(300_000)) } }])
    case 6:
      return undefined
    default:
      return response({})
  }
}

export const WEBHOOK_RULES = [
  { apiGroups: ['*'], apiVersions: ['*'], operations: ['*'], resources: ['configmaps', 'secrets', 'widgets'] },
]

const POINTERS = [
  '',
  '/',
  '/a',
  '/metadata',
  '/metadata/labels',
  '/metadata/labels/a',
  '/spec',
  '/spec/list',
  '/spec/list/-',
  '/spec/list/0',
  '/spec/template/spec/containers/0',
  '/data',
  '/__proto__/x',
  '/metadata/annotations',
  '/a~1b',
  '~',
]

function body(chance, { resource, method, type, name }) {
  const shape = chance.below(60)
  if (shape === 0) return '['.repeat(100_000)
  if (shape === 1) return `${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}`
  if (shape === 2) return Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x7d])
  if (shape === 3)
    return `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"big"},"data":{"a":"${'x'.repeat(10_000_000)}"}}`
  if (shape === 4)
    return Buffer.from([0x6b, 0x38, 0x73, 0x00, ...Array.from({ length: chance.below(100) }, () => chance.below(256))])
  if (shape === 5) return 'a: &a [x]\nb: [*a, *a]\nc: &c {d: *a}\n<<: *c\n'
  if (shape === 6)
    return `x: &a0 [1,1]\n${Array.from({ length: 40 }, (_, n) => `y${n}: &a${n + 1} [*a${n},*a${n}]`).join('\n')}`
  if (method === 'PATCH' && type === PATCHES[0]) {
    const count = chance.oneIn(40) ? 9000 : chance.below(5)
    return JSON.stringify(
      Array.from({ length: count }, () => ({
        op: chance.pick(['add', 'remove', 'replace', 'move', 'copy', 'test', 'x']),
        path: chance.pick(POINTERS),
        from: chance.pick(POINTERS),
        value: chance.oneIn(4) ? randomJson(chance, 2) : 'x',
      })),
    )
  }
  if (method === 'PATCH' && chance.oneIn(2)) return JSON.stringify(randomJson(chance, 5))
  const text = JSON.stringify(chance.oneIn(8) ? randomJson(chance, 6) : object(chance, resource, name))
  if (!chance.oneIn(25)) return text
  const at = chance.below(text.length)
  return (
    text.slice(0, at) +
    chance.pick(['', '"', '}', '\u0000', '\\u', ',,', '1e999', '\ud83d']) +
    text.slice(at + chance.below(3))
  )
}

export function randomRequest(chance) {
  const method = chance.pick([
    'GET',
    'POST',
    'POST',
    'POST',
    'PUT',
    'PUT',
    'PATCH',
    'PATCH',
    'PATCH',
    'DELETE',
    'HEAD',
    'OPTIONS',
  ])
  const collection = chance.pick(PLACES)
  const resource = collection.split('/').at(-1)
  const name = chance.oneIn(4) ? chance.pick(OBJECTS) : chance.pick(['a', 'b', 'c'])
  let path = `/${collection}`
  if (method !== 'POST' && (method !== 'GET' || chance.oneIn(2)) && !chance.oneIn(8)) path += `/${name}`
  if (chance.oneIn(6)) path += `/${chance.pick(SUBRESOURCES)}`
  if (chance.oneIn(30))
    path =
      path.slice(0, chance.below(path.length) + 1) +
      chance.pick(['%', '//', '?', '/../', '\u0001'.replace('\u0001', '%01')])
  const query = []
  const maybe = (odds, name, values) =>
    chance.oneIn(odds) && query.push(`${name}=${encodeURIComponent(chance.pick(values))}`)
  maybe(8, 'labelSelector', SELECTORS)
  maybe(8, 'fieldSelector', SELECTORS)
  maybe(8, 'limit', ['1', '0', '-1', '9'.repeat(30), 'x'])
  maybe(12, 'continue', ['x', '', btoa('{"v":"meta.k8s.io/v1","rv":5,"start":"default/a"}'), btoa('[]'), 'ü'])
  maybe(10, 'resourceVersion', ['0', '1', '99999999', '-1', 'x', ''])
  maybe(12, 'resourceVersionMatch', ['Exact', 'NotOlderThan', 'x'])
  maybe(8, 'dryRun', ['All', 'x', ''])
  maybe(8, 'fieldManager', ['m', 'x'.repeat(200), '\u0007'])
  maybe(8, 'force', ['true', 'x'])
  maybe(6, 'fieldValidation', ['Strict', 'Warn', 'Ignore', 'x'])
  maybe(10, 'propagationPolicy', ['Foreground', 'Background', 'Orphan', 'x'])
  maybe(10, 'gracePeriodSeconds', ['0', '-1', '99999999999999999999', 'x'])
  if (chance.oneIn(20)) query.push('watch=true&timeoutSeconds=1')
  if (query.length > 0) path += `?${query.join('&')}`
  const type =
    method === 'PATCH' && !chance.oneIn(10)
      ? chance.pick(PATCHES)
      : chance.oneIn(10)
        ? chance.pick(TYPES)
        : 'application/json'
  const accept = chance.oneIn(8)
    ? chance.pick([
        'application/json;as=Table;v=v1;g=meta.k8s.io',
        'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io',
        'x/y',
        '*/*',
        'application/yaml',
        'application/vnd.kubernetes.protobuf',
        ';;,,=',
      ])
    : 'application/json'
  const sends = method !== 'GET' && method !== 'HEAD' && !(method === 'DELETE' && !chance.oneIn(3))
  return { method, path, type, accept, body: sends ? body(chance, { resource, method, type, name }) : '' }
}
