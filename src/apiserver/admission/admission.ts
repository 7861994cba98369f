/**
 * Admission: what may change or refuse a write before it is stored. The webhooks that configurations in the storage
 * register are called through `AdmissionControl`, and quotas are counted. Without it everything is admitted.
 * Source: apiserver/pkg/admission, kubernetes/plugin/pkg/admission/resourcequota.
 */
import type { KubernetesObject } from '#api/object.ts'
import type { ResourceInfo } from '#api/resource.ts'
import type { Status } from '#api/status.ts'
import type { StorageReader } from '../request.ts'
import { quotaFault } from './quota.ts'
import { mutateByWebhooks, validateByWebhooks } from './webhooks.ts'

/** The `request` of an AdmissionReview. */
export interface AdmissionRequest {
  readonly uid: string
  readonly kind: { readonly group: string; readonly version: string; readonly kind: string }
  readonly resource: { readonly group: string; readonly version: string; readonly resource: string }
  readonly subResource?: string
  readonly name?: string
  readonly namespace?: string
  readonly operation: Operation
  readonly userInfo: { readonly username: string; readonly groups: readonly string[] }
  /** Null for a delete. */
  readonly object: KubernetesObject | null
  /** Null for a create. */
  readonly oldObject: KubernetesObject | null
  readonly dryRun: boolean
}

/** The `response` of an AdmissionReview. */
export interface AdmissionResponse {
  readonly allowed: boolean
  readonly status?: { readonly code?: number; readonly message?: string; readonly reason?: string }
  /** Operations of a JSON patch, or their JSON in base64, as over HTTP. For mutating webhooks. */
  readonly patch?: readonly object[] | string
  readonly warnings?: readonly string[]
}

export type Operation = 'CREATE' | 'UPDATE' | 'DELETE'

/** A webhook of a MutatingWebhookConfiguration or ValidatingWebhookConfiguration, as far as it is read. */
export interface Webhook {
  readonly name: string
  readonly clientConfig?: {
    readonly url?: string
    readonly caBundle?: string
    readonly service?: {
      readonly namespace?: string
      readonly name?: string
      readonly path?: string
      readonly port?: number
    }
  }
  readonly rules?: readonly WebhookRule[]
  readonly failurePolicy?: string
  readonly matchPolicy?: string
  readonly namespaceSelector?: object
  readonly objectSelector?: object
  readonly matchConditions?: readonly { readonly name: string; readonly expression: string }[]
  readonly sideEffects?: string
  readonly timeoutSeconds?: number
  readonly reinvocationPolicy?: string
}

export interface WebhookRule {
  readonly operations?: readonly string[]
  readonly apiGroups?: readonly string[]
  readonly apiVersions?: readonly string[]
  readonly resources?: readonly string[]
  readonly scope?: string
}

export interface AdmissionControl {
  /** Where configurations and what they select by are stored. */
  readonly kinds: {
    readonly mutating: ResourceInfo
    readonly validating: ResourceInfo
    readonly namespaces: ResourceInfo
    readonly quotas: ResourceInfo
  }
  /** Webhooks that no configuration registers, asked after those that one does. One whose path a configuration names is left out. */
  readonly assumed?: { readonly mutating: readonly Webhook[]; readonly validating: readonly Webhook[] }
  /** Calls a webhook. `failed` says why it could not be; undefined: nobody runs it, and it is passed over. */
  readonly call: (
    webhook: Webhook,
    request: AdmissionRequest,
    reader: StorageReader,
  ) => AdmissionResponse | { readonly failed: string } | undefined
  /** Whether ResourceQuotas are enforced. */
  readonly enforcesQuotas: boolean
}

/** A write on its way. `object` is what would be stored: undefined for a delete. */
export interface Attributes {
  readonly operation: Operation
  readonly resource: ResourceInfo
  readonly subresource: string | undefined
  /** What `object` is, where a subresource has a kind of its own. Default: the kind of `resource`. */
  readonly kind?: { readonly group: string; readonly version: string; readonly kind: string }
  readonly namespace: string
  readonly name: string
  readonly object: KubernetesObject | undefined
  readonly old: KubernetesObject | undefined
  readonly dryRun: boolean
}

export type Admitted =
  | { readonly object: KubernetesObject | undefined; readonly warnings: readonly string[] }
  | { readonly failure: Status }

/** Lets mutating webhooks change the object. */
export function admitMutating(reader: StorageReader, attributes: Attributes): Admitted {
  const control = controlOf(reader, attributes)
  if (control === undefined) return { object: attributes.object, warnings: [] }
  return mutateByWebhooks(reader, control, attributes)
}

/** Lets validating webhooks and quotas refuse the write. */
export function admitValidating(reader: StorageReader, attributes: Attributes): Admitted {
  const control = controlOf(reader, attributes)
  if (control === undefined) return { object: attributes.object, warnings: [] }
  const validated = validateByWebhooks(reader, control, attributes)
  if ('failure' in validated || !control.enforcesQuotas) return validated
  const fault = quotaFault(reader, control, attributes)
  return fault === undefined ? validated : { failure: fault }
}

const ADMITTED_SUBRESOURCES: ReadonlySet<string> = new Set(['', 'status', 'scale', 'binding', 'eviction'])

/** Webhooks say nothing of their own configurations: one could lock everybody out. */
function controlOf(reader: StorageReader, { resource, subresource }: Attributes): AdmissionControl | undefined {
  const { admission } = reader
  if (admission === undefined) return undefined
  const { mutating, validating } = admission.kinds
  if (resource.key === mutating.key || resource.key === validating.key) return undefined
  return ADMITTED_SUBRESOURCES.has(subresource ?? '') ? admission : undefined
}
