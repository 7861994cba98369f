/**
 * What the API server does for single kinds beyond the generic verbs: what it fills in, refuses and keeps.
 * This table is the only place of the server that names kinds. A kind that is not in it is wholly generic.
 * Source: kubernetes/pkg/registry, the strategy of each kind.
 */
import type { KubernetesObject } from '#api/object.ts'
import type { FieldError } from '#api/field-errors.ts'
import { fieldInvalid, fieldForbidden } from '#api/field-errors.ts'
import { equalJson } from '#api/equal.ts'
import { establishDefinition, validateDefinition } from './custom-resource-definitions.ts'

/** An object's fields beside metadata; replaced, never changed. */
export type Fields = Readonly<Record<string, unknown>>

export interface KindBehaviour {
  /** `status` of a new object; the client's own is dropped when the kind has a status subresource. */
  readonly initialStatus?: unknown
  /** Fills in and normalises the fields of a new object. `name` is its name. */
  readonly prepareForCreate?: (fields: Fields, name: string, timestamp: string) => Fields
  /** The same for a new version of an object. */
  readonly prepareForUpdate?: (fields: Fields, old: KubernetesObject, timestamp: string) => Fields
  readonly validate?: (fields: Fields, name: string) => readonly FieldError[]
  readonly validateUpdate?: (fields: Fields, old: KubernetesObject) => readonly FieldError[]
  /** Labels that every object of the kind has. */
  readonly requiredLabels?: (name: string) => Readonly<Record<string, string>>
  /** Metadata that `/status` does not touch. */
  readonly statusKeeps?: readonly ('labels' | 'ownerReferences')[]
}

const EMPTY: Fields = Object.freeze({})
const NO_ERRORS: readonly FieldError[] = Object.freeze([])

/** A field's object value, or an empty one. */
export function fieldsOf(value: unknown): Fields {
  return value !== null && typeof value === 'object' && !Array.isArray(value) ? (value as Fields) : EMPTY
}

/** Refuses a change of `spec.field`. */
function immutableSpec(...names: readonly string[]): NonNullable<KindBehaviour['validateUpdate']> {
  return (fields, old) => {
    const spec = fieldsOf(fields['spec'])
    const before = fieldsOf(old['spec'])
    const errors: FieldError[] = []
    for (const name of names) {
      if (spec[name] !== before[name] && !equalJson(spec[name], before[name])) {
        errors.push(fieldInvalid(`spec.${name}`, spec[name], 'field is immutable'))
      }
    }
    return errors
  }
}

const KUBERNETES_FINALIZER: readonly string[] = Object.freeze(['kubernetes'])

const kinds: Readonly<Record<string, KindBehaviour>> = {
  '/namespaces': {
    initialStatus: Object.freeze({ phase: 'Active' }),
    prepareForCreate: (fields) => {
      const spec = fieldsOf(fields['spec'])
      const finalizers = (spec['finalizers'] as readonly string[] | undefined) ?? []
      if (finalizers.includes('kubernetes')) return fields
      const all = finalizers.length === 0 ? KUBERNETES_FINALIZER : Object.freeze([...finalizers, 'kubernetes'])
      return { ...fields, spec: Object.freeze({ ...spec, finalizers: all }) }
    },
    /** Only `/finalize` changes spec.finalizers. */
    prepareForUpdate: (fields, old) => ({ ...fields, spec: old['spec'] }),
    requiredLabels: (name) => ({ 'kubernetes.io/metadata.name': name }),
  },
  '/pods': {
    initialStatus: Object.freeze({ phase: 'Pending' }),
    statusKeeps: ['ownerReferences'],
    validateUpdate: (fields, old) => validatePodUpdate(fieldsOf(fields['spec']), fieldsOf(old['spec'])),
  },
  '/services': { initialStatus: Object.freeze({ loadBalancer: EMPTY }) },
  '/nodes': { initialStatus: EMPTY },
  '/persistentvolumes': { initialStatus: Object.freeze({ phase: 'Pending' }) },
  '/persistentvolumeclaims': { initialStatus: Object.freeze({ phase: 'Pending' }) },
  '/resourcequotas': { initialStatus: EMPTY },
  '/replicationcontrollers': { initialStatus: Object.freeze({ replicas: 0 }) },
  '/configmaps': { validateUpdate: (fields, old) => validateImmutableData(fields, old, ['data', 'binaryData']) },
  '/secrets': {
    prepareForCreate: (fields) => (fields['type'] === undefined ? { ...fields, type: 'Opaque' } : fields),
    prepareForUpdate: (fields, old) => (fields['type'] === undefined ? { ...fields, type: old['type'] } : fields),
    validateUpdate: (fields, old) => {
      const errors = validateImmutableData(fields, old, ['data'])
      return fields['type'] === old['type'] ? errors : [fieldInvalid('type', fields['type'], 'field is immutable'), ...errors]
    },
  },
  'apps/deployments': { initialStatus: EMPTY, statusKeeps: ['labels'], validateUpdate: immutableSpec('selector') },
  'apps/replicasets': { initialStatus: Object.freeze({ replicas: 0 }), validateUpdate: immutableSpec('selector') },
  'apps/daemonsets': {
    initialStatus: Object.freeze({ currentNumberScheduled: 0, numberMisscheduled: 0, desiredNumberScheduled: 0, numberReady: 0 }),
    validateUpdate: immutableSpec('selector'),
  },
  'apps/statefulsets': {
    initialStatus: Object.freeze({ replicas: 0, availableReplicas: 0 }),
    validateUpdate: (fields, old) => validateStatefulSetUpdate(fieldsOf(fields['spec']), fieldsOf(old['spec'])),
  },
  'batch/jobs': { initialStatus: EMPTY, validateUpdate: immutableSpec('selector', 'completionMode') },
  'batch/cronjobs': { initialStatus: EMPTY },
  'policy/poddisruptionbudgets': {
    initialStatus: Object.freeze({ currentHealthy: 0, desiredHealthy: 0, disruptionsAllowed: 0, expectedPods: 0 }),
  },
  'networking.k8s.io/ingresses': { initialStatus: Object.freeze({ loadBalancer: EMPTY }) },
  'autoscaling/horizontalpodautoscalers': { initialStatus: Object.freeze({ desiredReplicas: 0 }) },
  'certificates.k8s.io/certificatesigningrequests': { initialStatus: EMPTY },
  'apiextensions.k8s.io/customresourcedefinitions': {
    prepareForCreate: establishDefinition,
    prepareForUpdate: (fields, old, timestamp) => establishDefinition(fields, old.metadata.name ?? '', timestamp),
    validate: validateDefinition,
  },
}

const behaviours = new Map(Object.entries(kinds))
const GENERIC: KindBehaviour = Object.freeze({})

/** The behaviour of a kind, by `ResourceInfo.key`. */
export function behaviourOf(resourceKey: string): KindBehaviour {
  return behaviours.get(resourceKey) ?? GENERIC
}

function validateImmutableData(fields: Fields, old: KubernetesObject, names: readonly string[]): readonly FieldError[] {
  if (old['immutable'] !== true) return NO_ERRORS
  const errors: FieldError[] = []
  if (fields['immutable'] !== true) errors.push(fieldForbidden('immutable', 'field is immutable when `immutable` is set'))
  for (const name of names) {
    if (!equalJson(fields[name], old[name])) errors.push(fieldForbidden(name, 'field is immutable when `immutable` is set'))
  }
  return errors
}

const STATEFUL_SET_MUTABLE = ['replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy', 'minReadySeconds']

function validateStatefulSetUpdate(spec: Fields, old: Fields): readonly FieldError[] {
  if (equalJson(without(spec, STATEFUL_SET_MUTABLE), without(old, STATEFUL_SET_MUTABLE))) return NO_ERRORS
  return [
    fieldForbidden(
      'spec',
      "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden",
    ),
  ]
}

const POD_MUTABLE = ['activeDeadlineSeconds', 'terminationGracePeriodSeconds', 'tolerations']

/** Of a pod's spec only images, activeDeadlineSeconds and tolerations may change; gates may go. */
function validatePodUpdate(spec: Fields, old: Fields): readonly FieldError[] {
  if (spec === old) return NO_ERRORS
  if (equalJson(comparablePodSpec(spec), comparablePodSpec(old))) return NO_ERRORS
  return [
    fieldForbidden(
      'spec',
      'pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)',
    ),
  ]
}

function comparablePodSpec(spec: Fields): Fields {
  const rest: Record<string, unknown> = without(spec, [...POD_MUTABLE, 'schedulingGates'])
  for (const name of ['containers', 'initContainers']) {
    if (Array.isArray(rest[name])) rest[name] = rest[name].map((container: unknown) => without(fieldsOf(container), ['image']))
  }
  return rest
}

function without(fields: Fields, names: readonly string[]): Record<string, unknown> {
  const rest: Record<string, unknown> = {}
  for (const key of Object.keys(fields)) if (!names.includes(key)) rest[key] = fields[key]
  return rest
}
