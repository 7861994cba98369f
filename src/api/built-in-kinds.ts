/**
 * Kubernetes' built-in kinds, as a current kube-apiserver serves them.
 * Source: kubernetes/pkg/registry (strategies of each kind), `kubectl api-resources`.
 */
import { type ResourceInfo, resourceInfo } from './resource.ts'

type Declaration = Omit<Parameters<typeof resourceInfo>[0], 'group' | 'version' | 'kind' | 'resource'>

const CLUSTER: Declaration = { namespaced: false }
const WORKLOAD: Declaration = {
  statusSubresource: true,
  generation: 'spec',
  categories: ['all'],
}
const STATUS: Declaration = { statusSubresource: true }
const REPLICAS = { specReplicas: 'spec.replicas', statusReplicas: 'status.replicas', selector: 'status.selector' }
/** Kinds of one group and version, each `Kind plural`, with what differs from the defaults. */
function group(
  apiGroup: string,
  version: string,
  kinds: readonly (readonly [string, string, Declaration?])[],
): readonly ResourceInfo[] {
  return kinds.map(([kind, resource, declaration]) =>
    resourceInfo({ group: apiGroup, version, kind, resource, singular: kind.toLowerCase(), ...declaration }),
  )
}

const core = group('', 'v1', [
  [
    'Namespace',
    'namespaces',
    {
      namespaced: false,
      statusSubresource: true,
      subresources: ['finalize'],
      deletesCollections: false,
      nameFormat: 'label',
      shortNames: ['ns'],
      selectableFields: ['status.phase'],
    },
  ],
  [
    'Pod',
    'pods',
    {
      statusSubresource: true,
      generation: 'spec',
      gracefulDeletion: true,
      returnsDeletedObject: true,
      subresources: ['binding', 'eviction', 'ephemeralcontainers', 'log', 'resize'],
      shortNames: ['po'],
      categories: ['all'],
      selectableFields: [
        'spec.nodeName',
        'spec.restartPolicy',
        'spec.schedulerName',
        'spec.serviceAccountName',
        'spec.hostNetwork',
        'status.phase',
        'status.podIP',
        'status.nominatedNodeName',
      ],
    },
  ],
  [
    'Service',
    'services',
    {
      statusSubresource: true,
      nameFormat: 'label-1035',
      returnsDeletedObject: true,
      shortNames: ['svc'],
      categories: ['all'],
      selectableFields: ['spec.clusterIP', 'spec.type'],
    },
  ],
  ['ConfigMap', 'configmaps', { shortNames: ['cm'] }],
  ['Secret', 'secrets', { selectableFields: ['type'] }],
  ['ServiceAccount', 'serviceaccounts', { shortNames: ['sa'], returnsDeletedObject: true, subresources: ['token'] }],
  ['Endpoints', 'endpoints', { shortNames: ['ep'] }],
  [
    'Event',
    'events',
    {
      shortNames: ['ev'],
      selectableFields: [
        'involvedObject.kind',
        'involvedObject.namespace',
        'involvedObject.name',
        'involvedObject.uid',
        'involvedObject.apiVersion',
        'involvedObject.resourceVersion',
        'involvedObject.fieldPath',
        'reason',
        'reportingComponent',
        'source',
        'type',
      ],
    },
  ],
  [
    'Node',
    'nodes',
    { namespaced: false, statusSubresource: true, shortNames: ['no'], selectableFields: ['spec.unschedulable'] },
  ],
  [
    'PersistentVolume',
    'persistentvolumes',
    { namespaced: false, statusSubresource: true, returnsDeletedObject: true, shortNames: ['pv'] },
  ],
  [
    'PersistentVolumeClaim',
    'persistentvolumeclaims',
    { statusSubresource: true, returnsDeletedObject: true, shortNames: ['pvc'] },
  ],
  ['PodTemplate', 'podtemplates', { generation: 'content', returnsDeletedObject: true }],
  [
    'ReplicationController',
    'replicationcontrollers',
    { ...WORKLOAD, scale: REPLICAS, orphansByDefault: true, shortNames: ['rc'], selectableFields: ['status.replicas'] },
  ],
  ['ResourceQuota', 'resourcequotas', { statusSubresource: true, returnsDeletedObject: true, shortNames: ['quota'] }],
  ['LimitRange', 'limitranges', { shortNames: ['limits'] }],
])

const apps = group('apps', 'v1', [
  [
    'Deployment',
    'deployments',
    { ...WORKLOAD, scale: REPLICAS, annotationsRaiseGeneration: true, shortNames: ['deploy'] },
  ],
  [
    'ReplicaSet',
    'replicasets',
    { ...WORKLOAD, scale: REPLICAS, shortNames: ['rs'], selectableFields: ['status.replicas'] },
  ],
  ['StatefulSet', 'statefulsets', { ...WORKLOAD, scale: REPLICAS, shortNames: ['sts'] }],
  ['DaemonSet', 'daemonsets', { ...WORKLOAD, shortNames: ['ds'] }],
  ['ControllerRevision', 'controllerrevisions'],
])

const batch = group('batch', 'v1', [
  ['Job', 'jobs', { ...WORKLOAD, orphansByDefault: true, selectableFields: ['status.successful'] }],
  ['CronJob', 'cronjobs', { ...WORKLOAD, shortNames: ['cj'] }],
])

const policy = group('policy', 'v1', [
  [
    'PodDisruptionBudget',
    'poddisruptionbudgets',
    { statusSubresource: true, generation: 'spec', unconditionalUpdate: false, shortNames: ['pdb'] },
  ],
])

const networking = group('networking.k8s.io', 'v1', [
  ['Ingress', 'ingresses', { statusSubresource: true, generation: 'spec', shortNames: ['ing'] }],
  ['IngressClass', 'ingressclasses', { namespaced: false, generation: 'spec' }],
  ['NetworkPolicy', 'networkpolicies', { generation: 'spec', shortNames: ['netpol'] }],
])

const rbac = group('rbac.authorization.k8s.io', 'v1', [
  ['Role', 'roles', { nameFormat: 'path-segment' }],
  ['RoleBinding', 'rolebindings', { nameFormat: 'path-segment' }],
  ['ClusterRole', 'clusterroles', { namespaced: false, nameFormat: 'path-segment' }],
  ['ClusterRoleBinding', 'clusterrolebindings', { namespaced: false, nameFormat: 'path-segment' }],
])

const storage = group('storage.k8s.io', 'v1', [
  ['StorageClass', 'storageclasses', { namespaced: false, shortNames: ['sc'] }],
  ['VolumeAttachment', 'volumeattachments', { namespaced: false, statusSubresource: true, unconditionalUpdate: false }],
  ['CSIDriver', 'csidrivers', { namespaced: false, generation: 'spec', unconditionalUpdate: false }],
  ['CSINode', 'csinodes', { namespaced: false, unconditionalUpdate: false }],
  ['CSIStorageCapacity', 'csistoragecapacities', { unconditionalUpdate: false }],
])

const WEBHOOKS: Declaration = {
  namespaced: false,
  generation: 'content',
  unconditionalUpdate: false,
  categories: ['api-extensions'],
}
const admission = group('admissionregistration.k8s.io', 'v1', [
  ['MutatingWebhookConfiguration', 'mutatingwebhookconfigurations', WEBHOOKS],
  ['ValidatingWebhookConfiguration', 'validatingwebhookconfigurations', WEBHOOKS],
  [
    'ValidatingAdmissionPolicy',
    'validatingadmissionpolicies',
    { ...WEBHOOKS, generation: 'spec', statusSubresource: true },
  ],
  ['ValidatingAdmissionPolicyBinding', 'validatingadmissionpolicybindings', { ...WEBHOOKS, generation: 'spec' }],
])

/** All built-in kinds. Older versions of a kind that is listed here are not served. */
export const builtInKinds: readonly ResourceInfo[] = Object.freeze([
  ...core,
  ...apps,
  ...batch,
  ...policy,
  ...networking,
  ...rbac,
  ...storage,
  ...admission,
  ...group('discovery.k8s.io', 'v1', [['EndpointSlice', 'endpointslices', { generation: 'content' }]]),
  ...group('coordination.k8s.io', 'v1', [['Lease', 'leases', { unconditionalUpdate: false }]]),
  ...group('autoscaling', 'v2', [
    ['HorizontalPodAutoscaler', 'horizontalpodautoscalers', { ...STATUS, shortNames: ['hpa'], categories: ['all'] }],
  ]),
  ...group('events.k8s.io', 'v1', [
    [
      'Event',
      'events',
      {
        shortNames: ['ev'],
        selectableFields: [
          'reason',
          'reportingController',
          'type',
          'regarding.kind',
          'regarding.namespace',
          'regarding.name',
          'regarding.uid',
        ],
      },
    ],
  ]),
  ...group('apiextensions.k8s.io', 'v1', [
    [
      'CustomResourceDefinition',
      'customresourcedefinitions',
      {
        namespaced: false,
        statusSubresource: true,
        generation: 'spec',
        unconditionalUpdate: false,
        shortNames: ['crd', 'crds'],
        categories: ['api-extensions'],
      },
    ],
  ]),
  ...group('apiregistration.k8s.io', 'v1', [
    ['APIService', 'apiservices', { namespaced: false, statusSubresource: true, unconditionalUpdate: false }],
  ]),
  ...group('node.k8s.io', 'v1', [['RuntimeClass', 'runtimeclasses', { ...CLUSTER, unconditionalUpdate: false }]]),
  ...group('scheduling.k8s.io', 'v1', [
    ['PriorityClass', 'priorityclasses', { namespaced: false, generation: 'content', shortNames: ['pc'] }],
  ]),
  ...group('certificates.k8s.io', 'v1', [
    [
      'CertificateSigningRequest',
      'certificatesigningrequests',
      {
        namespaced: false,
        statusSubresource: true,
        subresources: ['approval'],
        shortNames: ['csr'],
        selectableFields: ['spec.signerName'],
      },
    ],
  ]),
])
