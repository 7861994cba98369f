/**
 * Admission in a described system, as a table: what a mutating webhook sets, what validating ones refuse, how many
 * objects of a kind a quota allows. The reference decides by it itself; the explorer gets webhooks, their
 * configurations and a ResourceQuota, and its API server decides.
 */
import type { KubernetesObject } from '#api/object.ts'
import type { ObjectVersion, Store } from './store.ts'
import { API_VERSION, type FailureReason, type Fields, type System, type Value } from './system.ts'
import type { ScenarioParts } from './to-scenario.ts'

/** A field of the spec of a kind, and a value of it. */
interface FieldOfKind {
  readonly kind: string
  readonly field: string
  readonly value: Value
}

export interface AdmissionDescription {
  /** Creates, updates and patches (not of the status) that leave the field out get it. */
  readonly sets?: FieldOfKind
  /** They are Invalid with this value. */
  readonly refuses?: FieldOfKind
  /** Deletes of objects with this value are Invalid. */
  readonly keeps?: FieldOfKind
  /** Creates beyond so many objects are Forbidden. */
  readonly atMost?: { readonly kind: string; readonly count: number }
}

type Written = Pick<ObjectVersion, 'kind'> & { readonly spec?: Fields | undefined }

/** The object as it would be stored, or why it would not. Quotas are asked after webhooks, before the name is. */
export function admitCreate<Sent extends Written>(
  system: System,
  store: Store,
  sent: Sent,
): Sent | { readonly failure: FailureReason } {
  const admitted = admitUpdate(system, sent)
  const { atMost } = system.admission ?? {}
  if ('failure' in admitted || atMost?.kind !== sent.kind) return admitted
  const count = Object.values(store.objects).filter(({ kind }) => kind === sent.kind).length
  return count < atMost.count ? admitted : { failure: 'Forbidden' }
}

export function admitUpdate<Sent extends Written>(
  system: System,
  sent: Sent,
): Sent | { readonly failure: FailureReason } {
  const { sets, refuses } = system.admission ?? {}
  const isSet = sets?.kind === sent.kind && sent.spec?.[sets.field] === undefined
  const spec = isSet ? { ...sent.spec, [sets.field]: sets.value } : sent.spec
  if (refuses?.kind === sent.kind && spec?.[refuses.field] === refuses.value) return { failure: 'Invalid' }
  return isSet ? { ...sent, spec } : sent
}

export function mayDelete(system: System, { kind, spec }: Written): boolean {
  const { keeps } = system.admission ?? {}
  return keeps?.kind !== kind || spec?.[keeps.field] !== keeps.value
}

/** The same for the explorer. */
export function admissionScenario({ admission }: System): Pick<ScenarioParts, 'webhooks' | 'quotas' | 'objects'> {
  if (admission === undefined) return { objects: [] }
  const { sets, refuses, keeps, atMost } = admission
  const specOf = (object: KubernetesObject | null): Fields => (object?.['spec'] ?? {}) as Fields
  const denied = { allowed: false, status: { code: 422, reason: 'Invalid', message: 'refused' } }
  return {
    webhooks: {
      'sets.test': ({ object }) =>
        sets === undefined || specOf(object)[sets.field] !== undefined
          ? { allowed: true }
          : {
              allowed: true,
              patch: [
                object?.['spec'] === undefined
                  ? { op: 'add', path: '/spec', value: { [sets.field]: sets.value } }
                  : { op: 'add', path: `/spec/${sets.field}`, value: sets.value },
              ],
            },
      'refuses.test': ({ object }) =>
        refuses !== undefined && specOf(object)[refuses.field] === refuses.value ? denied : { allowed: true },
      'keeps.test': ({ oldObject }) =>
        keeps !== undefined && specOf(oldObject)[keeps.field] === keeps.value ? denied : { allowed: true },
    },
    quotas: atMost !== undefined,
    objects: [
      ...configuration('Mutating', 'sets.test', sets, ['CREATE', 'UPDATE']),
      ...configuration('Validating', 'refuses.test', refuses, ['CREATE', 'UPDATE']),
      ...configuration('Validating', 'keeps.test', keeps, ['DELETE']),
      ...(atMost === undefined ? [] : [quota(atMost)]),
    ],
  }
}

function configuration(
  type: string,
  name: string,
  field: FieldOfKind | undefined,
  operations: readonly string[],
): readonly KubernetesObject[] {
  if (field === undefined) return []
  const [group, version] = API_VERSION.split('/')
  const rule = { apiGroups: [group], apiVersions: [version], operations, resources: [`${field.kind.toLowerCase()}s`] }
  const clientConfig = { service: { namespace: 'default', name: 'hooks' } }
  return [
    {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: `${type}WebhookConfiguration`,
      metadata: { name },
      webhooks: [{ name, clientConfig, rules: [rule], sideEffects: 'None', admissionReviewVersions: ['v1'] }],
    } as unknown as KubernetesObject,
  ]
}

function quota({ kind, count }: { readonly kind: string; readonly count: number }): KubernetesObject {
  const [group] = API_VERSION.split('/')
  return {
    apiVersion: 'v1',
    kind: 'ResourceQuota',
    metadata: { name: 'quota', namespace: 'default' },
    spec: { hard: { [`count/${kind.toLowerCase()}s.${group}`]: String(count) } },
  }
}
