/** The kinds that admission reads, of a table that has them. */
import type { ResourceInfo, ResourceTable } from '#api/resource.ts'
import type { AdmissionControl } from './admission.ts'

/** Undefined for a table without one of them. */
export function admissionKinds(table: ResourceTable): AdmissionControl['kinds'] | undefined {
  const mutating = table.byKind(REGISTRATION, 'MutatingWebhookConfiguration')
  const validating = table.byKind(REGISTRATION, 'ValidatingWebhookConfiguration')
  const namespaces = table.byKind('v1', 'Namespace')
  const quotas = table.byKind('v1', 'ResourceQuota')
  if (mutating === undefined || validating === undefined || namespaces === undefined || quotas === undefined)
    return undefined
  return { mutating, validating, namespaces, quotas }
}

const REGISTRATION = 'admissionregistration.k8s.io/v1'

/** Whether objects of a kind register webhooks. */
export function registersWebhooks({ group, kind }: ResourceInfo): boolean {
  return group === 'admissionregistration.k8s.io' && /^(Mutating|Validating)WebhookConfiguration$/.test(kind)
}
