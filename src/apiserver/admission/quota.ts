/**
 * ResourceQuotas: how many objects, and how much processor, memory and storage, a namespace may have. Use is counted
 * anew for each create, so what is gone is free at once; upstream's quota controller takes its time.
 * Source: kubernetes/plugin/pkg/admission/resourcequota/controller.go, pkg/quota/v1/evaluator/core.
 */
import type { KubernetesObject } from '#api/object.ts'
import type { ResourceInfo } from '#api/resource.ts'
import type { Status } from '#api/status.ts'
import { forbidden } from '#api/status-errors.ts'
import { parseQuantity } from '#api/structural-schema/quantity.ts'
import type { Fields } from '../kinds/behaviour.ts'
import type { StorageReader } from '../request.ts'
import type { AdmissionControl, Attributes } from './admission.ts'
import { type PodSpecOfUse, podUsage } from './pod-usage.ts'
import { isInScopes } from './quota-scopes.ts'

/** Billionths, by the name that a quota has for it. */
type Amounts = ReadonlyMap<string, bigint>

const ONE = 1_000_000_000n

/** The 403 of a create that exceeds a quota of its namespace. */
export function quotaFault(
  reader: StorageReader,
  { kinds }: AdmissionControl,
  attributes: Attributes,
): Status | undefined {
  const { operation, resource, namespace, name, object } = attributes
  if (operation !== 'CREATE' || namespace === '' || object === undefined) return undefined
  const wanted = usageOf(resource, object)
  for (const { body: quota } of reader.list(kinds.quotas, namespace)) {
    const spec = quota['spec'] as { readonly hard?: Readonly<Record<string, unknown>> }
    if (spec?.hard === undefined || !isInScopes(resource, object, spec)) continue
    const exceeded: { readonly what: string; readonly used: bigint; readonly hard: bigint }[] = []
    for (const [what, text] of Object.entries(spec.hard)) {
      const requested = wanted.get(what) ?? 0n
      const hard = parseQuantity(String(text))
      if (requested === 0n || hard === undefined) continue
      const used = usedOf(reader, attributes, spec, what)
      if (used + requested > hard) exceeded.push({ what, used, hard })
    }
    if (exceeded.length === 0) continue
    exceeded.sort((a, b) => (a.what < b.what ? -1 : 1))
    const texts = (amount: (entry: (typeof exceeded)[number]) => bigint): string =>
      exceeded.map((entry) => `${entry.what}=${shown(entry.what, amount(entry))}`).join(',')
    const requested = texts(({ what }) => wanted.get(what) as bigint)
    const why = `exceeded quota: ${quota.metadata.name}, requested: ${requested}, used: ${texts(({ used }) => used)}, limited: ${texts(({ hard }) => hard)}`
    return forbidden(resource, name, why)
  }
  return undefined
}

function usedOf(reader: StorageReader, { resource, namespace }: Attributes, quota: Fields, what: string): bigint {
  let used = 0n
  for (const { body } of reader.list(resource, namespace))
    if (isInScopes(resource, body, quota)) used += usageOf(resource, body).get(what) ?? 0n
  return used
}

/** Kinds that a quota counts by their plain name; all others by `count/`. */
const COUNTED: ReadonlySet<string> = new Set([
  'pods',
  'configmaps',
  'secrets',
  'services',
  'persistentvolumeclaims',
  'replicationcontrollers',
  'resourcequotas',
])

/** What an object uses. A pod that has ended uses nothing but its place in `count/pods`. */
function usageOf(resource: ResourceInfo, object: KubernetesObject): Amounts {
  const usage = new Map<string, bigint>()
  const name = resource.group === '' ? resource.resource : `${resource.resource}.${resource.group}`
  usage.set(`count/${name}`, ONE)
  const isPod = resource.key === '/pods'
  const hasEnded = isPod && ['Succeeded', 'Failed'].includes(String(object['status']?.phase))
  if (hasEnded) return usage
  if (resource.group === '' && COUNTED.has(resource.resource)) usage.set(resource.resource, ONE)
  if (isPod) addPod(usage, object)
  if (resource.key === '/persistentvolumeclaims')
    add(usage, 'requests.storage', object['spec']?.resources?.requests?.storage)
  if (resource.key === '/services') addService(usage, object['spec'])
  return usage
}

function add(usage: Map<string, bigint>, what: string, text: unknown): void {
  const quantity = text === undefined ? undefined : parseQuantity(String(text))
  if (quantity !== undefined) usage.set(what, (usage.get(what) ?? 0n) + quantity)
}

function addPod(usage: Map<string, bigint>, pod: KubernetesObject): void {
  const spec: PodSpecOfUse = pod['spec'] ?? {}
  for (const what of ['cpu', 'memory', 'ephemeral-storage']) {
    const requests = podUsage(spec, 'requests', what)
    const limits = podUsage(spec, 'limits', what)
    if (requests !== undefined) usage.set(what, requests).set(`requests.${what}`, requests)
    if (limits !== undefined) usage.set(`limits.${what}`, limits)
  }
}

function addService(
  usage: Map<string, bigint>,
  spec: { readonly type?: string; readonly ports?: readonly unknown[] },
): void {
  if (spec?.type === 'LoadBalancer') usage.set('services.loadbalancers', ONE)
  if (spec?.type === 'NodePort' || spec?.type === 'LoadBalancer')
    usage.set('services.nodeports', BigInt(spec.ports?.length ?? 0) * ONE)
}

/** As upstream prints quantities: counts and bytes whole, processors in thousandths where they are no whole number. */
function shown(what: string, amount: bigint): string {
  if (amount % ONE === 0n) return String(amount / ONE)
  return what.endsWith('cpu') ? `${(amount + 999_999n) / 1_000_000n}m` : String(amount / ONE + 1n)
}
