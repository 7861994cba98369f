/**
 * What the API server does for single kinds beyond the generic verbs: what it fills in, refuses and keeps.
 * This table (with `kinds/`) is the only place of the server that names kinds; a kind that is not in it is generic.
 * Source: kubernetes/pkg/registry, the strategy of each kind.
 */
import { equalJson } from '#api/equal.ts'
import { type FieldError, fieldForbidden, fieldInvalid } from '#api/field-errors.ts'
import { completeDefinition, validateDefinitionUpdate, validateSentDefinition } from './custom-resource-definitions.ts'
import {
  EMPTY,
  fieldsOf,
  fillIn,
  itemsOf,
  type KindBehaviour,
  mapField,
  NO_ERRORS,
  withField,
  without,
} from './kinds/behaviour.ts'
import { configMaps, secrets } from './kinds/configuration.ts'
import { networkPolicyWithDefaults } from './kinds/network-validation.ts'
import { podSpecWithDefaults, validatePod, validatePodUpdate, withRequestsOfLimits } from './kinds/pod-spec.ts'
import { services } from './kinds/services.ts'
import {
  cronJobs,
  daemonSets,
  deployments,
  jobs,
  replicaSets,
  replicationControllers,
  statefulSets,
} from './kinds/workloads.ts'

export { type Fields, fieldsOf, type KindBehaviour } from './kinds/behaviour.ts'

const KUBERNETES_FINALIZER: readonly string[] = Object.freeze(['kubernetes'])

const namespaces: KindBehaviour = {
  initialStatus: Object.freeze({ phase: 'Active' }),
  prepareForCreate: (fields) => {
    const spec = fieldsOf(fields['spec'])
    const finalizers = itemsOf(spec['finalizers'])
    if (finalizers.includes('kubernetes')) return fields
    const all = finalizers.length === 0 ? KUBERNETES_FINALIZER : Object.freeze([...finalizers, 'kubernetes'])
    return withField(fields, 'spec', withField(spec, 'finalizers', all))
  },
  /** Only `/finalize` changes spec.finalizers. */
  prepareForUpdate: (fields, old) => withField(fields, 'spec', old['spec']),
  requiredLabels: (name) => ({ 'kubernetes.io/metadata.name': name }),
}

const pods: KindBehaviour = {
  initialStatus: Object.freeze({ phase: 'Pending' }),
  statusKeeps: ['ownerReferences'],
  withDefaults: (fields) =>
    mapField(fields, 'spec', (spec) =>
      withRequestsOfLimits(fillIn(podSpecWithDefaults(spec), { enableServiceLinks: true })),
    ),
  validate: validatePod,
  validateUpdate: (fields, old) => validatePodUpdate(fieldsOf(fields['spec']), fieldsOf(old['spec'])),
}

const events: KindBehaviour = {
  validate: (fields, _name, namespace) => {
    const involved = fieldsOf(fields['involvedObject'])['namespace']
    const expected = involved === undefined || involved === '' ? 'default' : involved
    return expected === namespace
      ? NO_ERRORS
      : [fieldInvalid('involvedObject.namespace', involved ?? '', 'does not match event.namespace')]
  },
}

const persistentVolumeClaims: KindBehaviour = {
  initialStatus: Object.freeze({ phase: 'Pending' }),
  withDefaults: (fields) => mapField(fields, 'spec', (spec) => fillIn(spec, { volumeMode: 'Filesystem' })),
  validateUpdate: (fields, old) => {
    const spec = fieldsOf(fields['spec'])
    const before = fieldsOf(old['spec'])
    const mutable = ['resources', 'volumeAttributesClassName', ...(before['volumeName'] ? [] : ['volumeName'])]
    if (spec === before || equalJson(without(spec, mutable), without(before, mutable))) return NO_ERRORS
    return [
      fieldForbidden(
        'spec',
        'spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims',
      ),
    ]
  },
}

const persistentVolumes: KindBehaviour = {
  initialStatus: Object.freeze({ phase: 'Pending' }),
  withDefaults: (fields) =>
    mapField(fields, 'spec', (spec) =>
      fillIn(spec, { persistentVolumeReclaimPolicy: 'Retain', volumeMode: 'Filesystem' }),
    ),
}

/** Bindings cannot be pointed to another role. */
const roleBindings: KindBehaviour = {
  validateUpdate: (fields, old): readonly FieldError[] =>
    equalJson(fields['roleRef'], old['roleRef'])
      ? NO_ERRORS
      : [fieldInvalid('roleRef', fields['roleRef'], 'cannot change roleRef')],
}

const behaviours: ReadonlyMap<string, KindBehaviour> = new Map<string, KindBehaviour>([
  ['/namespaces', namespaces],
  ['/pods', pods],
  ['/services', services],
  ['/configmaps', configMaps],
  ['/secrets', secrets],
  ['/events', events],
  ['/nodes', { initialStatus: EMPTY }],
  ['/persistentvolumes', persistentVolumes],
  ['/persistentvolumeclaims', persistentVolumeClaims],
  ['/resourcequotas', { initialStatus: EMPTY }],
  ['/replicationcontrollers', replicationControllers],
  ['apps/deployments', deployments],
  ['apps/replicasets', replicaSets],
  ['apps/daemonsets', daemonSets],
  ['apps/statefulsets', statefulSets],
  ['batch/jobs', jobs],
  ['batch/cronjobs', cronJobs],
  [
    'policy/poddisruptionbudgets',
    { initialStatus: Object.freeze({ currentHealthy: 0, desiredHealthy: 0, disruptionsAllowed: 0, expectedPods: 0 }) },
  ],
  ['networking.k8s.io/ingresses', { initialStatus: Object.freeze({ loadBalancer: EMPTY }) }],
  [
    'networking.k8s.io/networkpolicies',
    { withDefaults: (fields) => mapField(fields, 'spec', networkPolicyWithDefaults) },
  ],
  ['rbac.authorization.k8s.io/rolebindings', roleBindings],
  ['rbac.authorization.k8s.io/clusterrolebindings', roleBindings],
  [
    'autoscaling/horizontalpodautoscalers',
    {
      initialStatus: Object.freeze({ desiredReplicas: 0 }),
      withDefaults: (fields) => mapField(fields, 'spec', (spec) => fillIn(spec, { minReplicas: 1 })),
    },
  ],
  [
    'storage.k8s.io/storageclasses',
    { withDefaults: (fields) => fillIn(fields, { reclaimPolicy: 'Delete', volumeBindingMode: 'Immediate' }) },
  ],
  ['certificates.k8s.io/certificatesigningrequests', { initialStatus: EMPTY }],
  [
    'apiextensions.k8s.io/customresourcedefinitions',
    {
      prepareForCreate: completeDefinition,
      prepareForUpdate: completeDefinition,
      validate: validateSentDefinition,
      validateUpdate: validateDefinitionUpdate,
    },
  ],
])

const GENERIC: KindBehaviour = Object.freeze({})

/** The behaviour of a kind, by `ResourceInfo.key`. */
export function behaviourOf(resourceKey: string): KindBehaviour {
  return behaviours.get(resourceKey) ?? GENERIC
}
