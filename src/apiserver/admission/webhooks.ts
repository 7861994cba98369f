/**
 * Which webhooks a write meets, and what becomes of their answers.
 * Source: apiserver/pkg/admission/plugin/webhook/{mutating,validating}/dispatcher.go, webhook/errors/statuserror.go.
 */
import { deepFreeze } from '#api/clone.ts'
import { equalJson } from '#api/equal.ts'
import { applyJsonPatch } from '#api/json-patch.ts'
import type { KubernetesObject } from '#api/object.ts'
import { apiVersionOf, type ResourceInfo } from '#api/resource.ts'
import type { Status, StatusReason } from '#api/status.ts'
import { badRequest, failure, internalError } from '#api/status-errors.ts'
import type { StorageReader } from '../request.ts'
import type {
  AdmissionControl,
  AdmissionRequest,
  AdmissionResponse,
  Admitted,
  Attributes,
  Webhook,
} from './admission.ts'
import { matches } from './matching.ts'

export function mutateByWebhooks(reader: StorageReader, control: AdmissionControl, given: Attributes): Admitted {
  let object = given.object
  const warnings: string[] = []
  /** What each webhook saw last: it is asked again only about something else. */
  const seen = new Map<Webhook, KubernetesObject | undefined>()
  for (const isSecondRound of [false, true]) {
    for (const webhook of webhooksOf(reader, control.kinds.mutating, control.assumed?.mutating)) {
      if (isSecondRound && (webhook.reinvocationPolicy !== 'IfNeeded' || !seen.has(webhook))) continue
      if (isSecondRound && equalJson(seen.get(webhook), object)) continue
      const answered = ask(reader, control, webhook, { ...given, object })
      if (answered === undefined) continue
      if ('failure' in answered) return answered
      warnings.push(...(answered.warnings ?? []))
      const patched = patchedBy(webhook, answered, object)
      if ('failure' in patched) return patched
      object = patched.object
      seen.set(webhook, object)
    }
  }
  return { object, warnings }
}

export function validateByWebhooks(reader: StorageReader, control: AdmissionControl, given: Attributes): Admitted {
  const warnings: string[] = []
  for (const webhook of webhooksOf(reader, control.kinds.validating, control.assumed?.validating)) {
    const answered = ask(reader, control, webhook, given)
    if (answered === undefined) continue
    if ('failure' in answered) return answered
    warnings.push(...(answered.warnings ?? []))
  }
  return { object: given.object, warnings }
}

/** In the order of the configurations' names. */
function webhooksOf(
  reader: StorageReader,
  configurations: ResourceInfo,
  assumed: readonly Webhook[] = [],
): readonly Webhook[] {
  const registered = reader.list(configurations, undefined).flatMap(({ body }) => {
    const { webhooks } = body as unknown as { readonly webhooks?: readonly Webhook[] }
    return Array.isArray(webhooks) ? (webhooks as readonly Webhook[]) : []
  })
  if (assumed.length === 0) return registered
  const paths = new Set(registered.map(pathOf))
  return [...registered, ...assumed.filter((webhook) => !paths.has(pathOf(webhook)))]
}

/** The path at which a webhook is served; undefined: its configuration names none. */
export function pathOf({ clientConfig }: Webhook): string | undefined {
  const { service, url } = clientConfig ?? {}
  if (url === undefined) return service?.path
  return URL.canParse(url) ? new URL(url).pathname : undefined
}

/** The answer of a webhook that allows the write; undefined for one that has no say in it, or may be away. */
function ask(
  reader: StorageReader,
  control: AdmissionControl,
  webhook: Webhook,
  attributes: Attributes,
): AdmissionResponse | { readonly failure: Status } | undefined {
  const request = requestOf(attributes)
  const matched = matches(reader, control, webhook, attributes, request)
  const ignores = webhook.failurePolicy === 'Ignore'
  if (typeof matched === 'string') return ignores ? undefined : { failure: failedCall(webhook, matched) }
  if (!matched) return undefined
  if (attributes.dryRun && webhook.sideEffects !== 'None' && webhook.sideEffects !== 'NoneOnDryRun')
    return { failure: badRequest(`admission webhook "${webhook.name}" does not support dry run`) }
  const answered = control.call(webhook, request, reader)
  if (answered === undefined) return undefined
  if ('failed' in answered) return ignores ? undefined : { failure: failedCall(webhook, answered.failed) }
  return answered.allowed ? answered : { failure: denial(webhook, answered) }
}

function failedCall({ name }: Webhook, why: string): Status {
  return internalError(`failed calling webhook "${name}": ${why}`)
}

function denial({ name }: Webhook, { status = {} }: AdmissionResponse): Status {
  const denied = `admission webhook "${name}" denied the request`
  const why = status.message || status.reason
  const code = Math.max(400, status.code ?? 0)
  return failure(
    code,
    (status.reason || undefined) as StatusReason | undefined,
    why ? `${denied}: ${why}` : `${denied} without explanation`,
  )
}

function requestOf({
  operation,
  resource,
  kind: shown = resource,
  subresource,
  namespace,
  name,
  object,
  old,
  dryRun,
}: Attributes): AdmissionRequest {
  const { group, version, kind } = shown
  const inKind = (body: KubernetesObject | undefined): KubernetesObject | null =>
    body === undefined ? null : ({ ...body, apiVersion: apiVersionOf(shown), kind } as KubernetesObject)
  return deepFreeze({
    uid: `${operation} ${resource.key} ${namespace}/${name}`,
    kind: { group, version, kind },
    resource: { group: resource.group, version: resource.version, resource: resource.resource },
    ...(subresource ? { subResource: subresource } : {}),
    ...(name === '' ? {} : { name }),
    ...(namespace === '' ? {} : { namespace }),
    operation,
    userInfo: { username: 'kamera', groups: ['system:authenticated'] },
    object: inKind(object),
    oldObject: inKind(old),
    dryRun,
  })
}

type Patched = { readonly object: KubernetesObject | undefined } | { readonly failure: Status }

function patchedBy(webhook: Webhook, { patch }: AdmissionResponse, object: KubernetesObject | undefined): Patched {
  if (patch === undefined || object === undefined) return { object }
  const operations = typeof patch === 'string' ? decoded(patch) : patch
  const result = applyJsonPatch(object, operations)
  if (result.type === 'ok') return { object: deepFreeze(result.value) as KubernetesObject }
  return { failure: internalError(`failed calling webhook "${webhook.name}": ${result.message}`) }
}

function decoded(base64: string): unknown {
  try {
    const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))
    return JSON.parse(new TextDecoder().decode(bytes)) as unknown
  } catch {
    return undefined
  }
}
