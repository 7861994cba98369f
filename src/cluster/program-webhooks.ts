/**
 * Webhooks that programs serve. A configuration among the objects says about what each is asked. Where there is none,
 * one that was built for a kind is asked about every create and update of it, as the markers of kubebuilder have it,
 * and the report says so. What a webhook reads it reads from the storage: its cache is never late.
 */
import { matchesFields, parseFieldSelector } from '#api/field-selectors.ts'
import type { KubernetesObject } from '#api/object.ts'
import type { ResourceTable } from '#api/resource.ts'
import { compileLabelSelector } from '#api/selectors.ts'
import { badRequest, notFound } from '#api/status-errors.ts'
import type { AdmissionControl, Webhook } from '#apiserver/admission/admission.ts'
import type { StorageReader, StoredObject } from '#apiserver/request.ts'
import type { HostReply, HostWebhooks, ReadCall, ServedWebhook } from '#controller/host.ts'
import type { Cluster } from './tables.ts'

export function assumedWebhooks(
  { served }: HostWebhooks,
  resources: ResourceTable,
): NonNullable<AdmissionControl['assumed']> {
  const ofRole = (role: ServedWebhook['role']): readonly Webhook[] =>
    served.flatMap((webhook) => (webhook.role === role ? assumedWebhook(webhook, resources) : []))
  return { mutating: ofRole('mutating'), validating: ofRole('validating') }
}

function assumedWebhook({ path, type }: ServedWebhook, resources: ResourceTable): readonly Webhook[] {
  const resource = type === undefined ? undefined : resources.byKind(type.apiVersion, type.kind)
  if (resource === undefined) return []
  const { group, version, resource: plural } = resource
  return [
    {
      name: path.slice(1),
      clientConfig: { service: { path } },
      rules: [{ operations: ['CREATE', 'UPDATE'], apiGroups: [group], apiVersions: [version], resources: [plural] }],
      sideEffects: 'None',
    },
  ]
}

/** Says what is assumed of the programs' webhooks. Configurations met later take it back. */
export function noteProgramWebhooks({ host, resources, counters: { lints } }: Cluster): void {
  for (const webhook of host.webhooks?.served ?? []) {
    const { path, role, type } = webhook
    if (role === 'conversion') {
      lints.set(
        `webhook-conversion:${path}`,
        `the conversion webhook ${path} is not run: objects of all versions of its kinds are stored and read as they were written. Explore a scenario in one version.`,
      )
    } else if (assumedWebhook(webhook, resources).length > 0 && role !== 'other') {
      lints.set(
        `webhook-assumed:${path}`,
        `no configuration among the objects says when the webhook ${path} is asked: every create and update of ${type?.kind} is assumed. Add yours (kubebuilder: config/webhook/manifests.yaml) to objects.`,
      )
    } else {
      lints.set(
        `webhook-assumed:${path}`,
        `no configuration among the objects says when the webhook ${path} is asked, so it never is. Add its MutatingWebhookConfiguration or ValidatingWebhookConfiguration to objects.`,
      )
    }
  }
}

/** Answers a read of a webhook from the storage at the moment of the write. */
export function answerRead(resources: ResourceTable, reader: StorageReader, call: ReadCall): HostReply {
  const { type, namespace = '', name = '', labelSelector = '', fieldSelector = '' } = call
  const resource = resources.byKind(type.apiVersion, type.kind)
  if (resource === undefined) return { status: badRequest(`nobody serves ${type.kind} of ${type.apiVersion}`) }
  if (call.op === 'get') {
    const stored = reader.get(resource, resource.namespaced ? namespace : '', name)
    return stored === undefined ? { status: notFound(resource, name) } : { object: objectOf(stored) }
  }
  const labels = labelSelector === '' ? undefined : compileLabelSelector(labelSelector)
  const fields = fieldSelector === '' ? undefined : parseFieldSelector(fieldSelector)
  if (typeof fields === 'string') return { status: badRequest(fields) }
  const items = reader
    .list(resource, resource.namespaced && namespace !== '' ? namespace : undefined)
    .map(objectOf)
    .filter(
      (object) => (labels === undefined || labels(object)) && (fields === undefined || matchesFields(fields, object)),
    )
  return { items }
}

/** The revision is no part of what a webhook may decide by, and would make every review another. */
function objectOf({ body }: StoredObject): KubernetesObject {
  return body
}
