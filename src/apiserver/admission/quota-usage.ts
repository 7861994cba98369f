/**
 * What an object uses of what quotas limit, by upstream's names for it.
 * Source: kubernetes/pkg/quota/v1/evaluator/core/{pods,services,persistent_volume_claims}.go.
 */
import type { KubernetesObject } from '#api/object.ts'
import type { ResourceInfo } from '#api/resource.ts'
import { parseQuantity } from '#api/structural-schema/quantity.ts'
import { canonicalQuantity } from '#api/structural-schema/quantity-text.ts'
import { fieldsOf, itemsOf } from '../kinds/behaviour.ts'
import { type PodSpecOfUse, podUsage } from './pod-usage.ts'

/** Billionths, by the name that a quota has for it. */
export type Amounts = ReadonlyMap<string, bigint>

const ONE = 1_000_000_000n

/** Kinds that a quota counts by their plain name, beside `count/`. */
const COUNTED: ReadonlySet<string> = new Set([
  'pods',
  'configmaps',
  'secrets',
  'services',
  'persistentvolumeclaims',
  'replicationcontrollers',
  'resourcequotas',
])

const OF_PODS: ReadonlySet<string> = new Set(
  ['cpu', 'memory', 'ephemeral-storage'].flatMap((what) => [what, `requests.${what}`, `limits.${what}`]),
)

/** Whether objects of a kind count for what a quota calls `what`. */
export function isCounted({ group, resource, key }: ResourceInfo, what: string): boolean {
  if (what === countName({ group, resource })) return true
  if (group === '' && COUNTED.has(resource) && what === resource) return true
  if (key === '/pods')
    return (
      OF_PODS.has(what) || /^(requests\.)?hugepages-/.test(what) || isExtended(what.replace(/^requests\./, ''), what)
    )
  if (key === '/services') return what === 'services.loadbalancers' || what === 'services.nodeports'
  if (key === '/persistentvolumeclaims') return what === 'requests.storage' || what.includes(STORAGE_CLASS)
  return false
}

const STORAGE_CLASS = '.storageclass.storage.k8s.io/'

/** Devices and the like, whose names have a domain; quotas know their requests alone. */
function isExtended(name: string, quotaName = `requests.${name}`): boolean {
  return (
    quotaName.startsWith('requests.') &&
    name.includes('/') &&
    !/(^|\.)kubernetes\.io\//.test(name) &&
    !name.includes(STORAGE_CLASS)
  )
}

function countName({ group, resource }: Pick<ResourceInfo, 'group' | 'resource'>): string {
  return group === '' ? `count/${resource}` : `count/${resource}.${group}`
}

/** What an object uses. A pod that has ended uses nothing but its place in `count/pods`. */
export function usageOf(resource: ResourceInfo, object: KubernetesObject): Amounts {
  const usage = new Map<string, bigint>([[countName(resource), ONE]])
  const isPod = resource.key === '/pods'
  if (isPod && ['Succeeded', 'Failed'].includes(String(object['status']?.phase))) return usage
  if (resource.group === '' && COUNTED.has(resource.resource)) usage.set(resource.resource, ONE)
  if (isPod) addPod(usage, object)
  if (resource.key === '/persistentvolumeclaims') addClaim(usage, object)
  if (resource.key === '/services') addService(usage, object)
  return usage
}

function addPod(usage: Map<string, bigint>, pod: KubernetesObject): void {
  const spec: PodSpecOfUse = pod['spec'] ?? {}
  for (const what of ['cpu', 'memory', 'ephemeral-storage']) {
    const requests = podUsage(spec, 'requests', what)
    const limits = podUsage(spec, 'limits', what)
    if (requests !== undefined) usage.set(what, requests).set(`requests.${what}`, requests)
    if (limits !== undefined) usage.set(`limits.${what}`, limits)
  }
  for (const what of requestedNames(pod)) {
    const isHuge = what.startsWith('hugepages-')
    const requests = isHuge || isExtended(what) ? podUsage(spec, 'requests', what) : undefined
    if (requests === undefined) continue
    usage.set(`requests.${what}`, requests)
    if (isHuge) usage.set(what, requests)
  }
}

function requestedNames(pod: KubernetesObject): ReadonlySet<string> {
  const spec = fieldsOf(pod['spec'])
  const containers = [...itemsOf(spec['containers']), ...itemsOf(spec['initContainers'])]
  return new Set(
    containers.flatMap((container) => Object.keys(fieldsOf(fieldsOf(fieldsOf(container)['resources'])['requests']))),
  )
}

function addClaim(usage: Map<string, bigint>, claim: KubernetesObject): void {
  const spec = fieldsOf(claim['spec'])
  const storage = parseQuantity(String(fieldsOf(fieldsOf(spec['resources'])['requests'])['storage'] ?? ''))
  if (storage !== undefined) usage.set('requests.storage', storage)
  const storageClass =
    claim.metadata.annotations?.['volume.beta.kubernetes.io/storage-class'] ?? spec['storageClassName']
  if (typeof storageClass !== 'string' || storageClass === '') return
  usage.set(`${storageClass}${STORAGE_CLASS}persistentvolumeclaims`, ONE)
  if (storage !== undefined) usage.set(`${storageClass}${STORAGE_CLASS}requests.storage`, storage)
}

function addService(usage: Map<string, bigint>, service: KubernetesObject): void {
  const spec = fieldsOf(service['spec'])
  const type = spec['type']
  if (type === 'LoadBalancer') usage.set('services.loadbalancers', ONE)
  if (type !== 'NodePort' && type !== 'LoadBalancer') return
  const ports = itemsOf(spec['ports'])
  const isAllocated = type === 'NodePort' || spec['allocateLoadBalancerNodePorts'] !== false
  const allocated = isAllocated ? ports : ports.filter((port) => (fieldsOf(port)['nodePort'] ?? 0) !== 0)
  usage.set('services.nodeports', BigInt(allocated.length) * ONE)
}

const MUST_SPECIFY = ['cpu', 'limits.cpu', 'limits.memory', 'memory', 'requests.cpu', 'requests.memory']

/**
 * What the containers of a pod must say under a quota that limits these names, and do not; undefined when nothing
 * lacks. Upstream calls this a mistake that it keeps.
 */
export function unspecifiedUse(
  resource: ResourceInfo,
  pod: KubernetesObject,
  hard: readonly string[],
): string | undefined {
  if (resource.key !== '/pods') return undefined
  const required = MUST_SPECIFY.filter((what) => hard.includes(what))
  if (required.length === 0) return undefined
  const spec = fieldsOf(pod['spec'])
  const containers = [...itemsOf(spec['containers']), ...itemsOf(spec['initContainers'])].map(fieldsOf)
  const lacking = required.flatMap((what) => {
    const side = what.startsWith('limits.') ? 'limits' : 'requests'
    const name = what.slice(what.indexOf('.') + 1)
    const without = containers.filter(
      (container) => fieldsOf(fieldsOf(container['resources'])[side])[name] === undefined,
    )
    const names = [...new Set(without.map((container) => String(container['name'])))].sort()
    return names.length === 0 ? [] : [`${what} for: ${names.join(',')}`]
  })
  return lacking.length === 0 ? undefined : `must specify ${lacking.join('; ')}`
}

/** The text of an amount: bytes by powers of 1024 where they divide, all else by powers of 1000. */
export function amountText(what: string, amount: bigint): string {
  const isBytes = /memory|storage$|hugepages-/.test(what) && amount % (1024n * ONE) === 0n
  const text = isBytes ? `${amount / (1024n * ONE)}Ki` : `${amount}n`
  return amount === 0n ? '0' : (canonicalQuantity(text) as string)
}
