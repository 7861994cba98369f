/**
 * The columns of built-in kinds, as kubectl prints them.
 * Source: kubernetes/pkg/printers/internalversion/printers.go.
 */
import type { KubernetesObject } from '#api/object.ts'
import type { ResourceInfo } from '#api/resource.ts'
import { ageText, durationText } from './age-text.ts'
import { podStatusText } from './pod-status-text.ts'
import { AGE, type Cell, NAME, type TableColumn } from './table-column.ts'

// biome-ignore lint/suspicious/noExplicitAny: built-in kinds have no types here; absent fields are undefined
type Fields = any
type CellOf = (object: Fields, nowMs: number) => Cell | undefined

const NONE = '<none>'

/** A column whose cell is `<none>` where the object has nothing. */
function column(
  name: string,
  cell: CellOf,
  options: { readonly type?: string; readonly wide?: true } = {},
): TableColumn {
  const otherwise = options.type === 'integer' ? 0 : NONE
  return {
    name,
    type: options.type ?? 'string',
    ...(options.wide === true ? { priority: 1 } : {}),
    cell: (object: KubernetesObject, nowMs) => cell(object, nowMs) ?? otherwise,
  }
}

const integer = (name: string, cell: CellOf): TableColumn => column(name, cell, { type: 'integer' })
const wide = (name: string, cell: CellOf): TableColumn => column(name, cell, { wide: true })

/** Texts with commas between them; undefined for none. */
function joined(values: readonly unknown[] | undefined): string | undefined {
  return values === undefined || values.length === 0 ? undefined : values.map(String).join(',')
}

function labelsText(labels: Readonly<Record<string, string>> | undefined): string | undefined {
  return joined(Object.entries(labels ?? {}).map(([name, value]) => `${name}=${value}`))
}

interface SelectorFields {
  readonly matchLabels?: Readonly<Record<string, string>>
  readonly matchExpressions?: readonly {
    readonly key: string
    readonly operator: string
    readonly values?: readonly string[]
  }[]
}

function selectorText(selector: SelectorFields | undefined): string | undefined {
  const expressions = (selector?.matchExpressions ?? []).map(({ key, operator, values = [] }) => {
    if (operator === 'Exists') return key
    if (operator === 'DoesNotExist') return `!${key}`
    return `${key} ${operator === 'In' ? 'in' : 'notin'} (${values.join(',')})`
  })
  return joined([labelsText(selector?.matchLabels) ?? [], expressions].flat())
}

const containers = (template: Fields): readonly Fields[] => template?.spec?.containers ?? []
const templateColumns = [
  wide('Containers', ({ spec }) => joined(containers(spec?.template).map(({ name }) => name))),
  wide('Images', ({ spec }) => joined(containers(spec?.template).map(({ image }) => image))),
  wide('Selector', ({ spec }) => selectorText(spec?.selector)),
]

function portsText(ports: readonly Fields[] | undefined): string | undefined {
  return joined(
    ports?.map(({ port, nodePort, protocol = 'TCP' }) =>
      nodePort ? `${port}:${nodePort}/${protocol}` : `${port}/${protocol}`,
    ),
  )
}

function addressesText(subsets: readonly Fields[] | undefined): string | undefined {
  const all = (subsets ?? []).flatMap(({ addresses = [], ports = [] }) =>
    addresses.flatMap(({ ip }: Fields) =>
      ports.length === 0 ? [ip] : ports.map(({ port }: Fields) => `${ip}:${port}`),
    ),
  )
  return all.length > 3 ? `${all.slice(0, 3).join(',')} + ${all.length - 3} more...` : joined(all)
}

function jobStatusText({ status = {}, metadata }: Fields): string {
  const is = (type: string): boolean =>
    (status.conditions ?? []).some((condition: Fields) => condition.type === type && condition.status === 'True')
  if (is('Complete')) return 'Complete'
  if (is('Failed')) return 'Failed'
  if (metadata.deletionTimestamp !== undefined) return 'Terminating'
  if (is('Suspended')) return 'Suspended'
  return is('FailureTarget') ? 'FailureTarget' : is('SuccessCriteriaMet') ? 'SuccessCriteriaMet' : 'Running'
}

function jobDurationText({ startTime, completionTime }: Fields, nowMs: number): string {
  if (startTime === undefined) return ''
  return durationText((completionTime === undefined ? nowMs : Date.parse(completionTime)) - Date.parse(startTime))
}

const ACCESS_MODES: Readonly<Record<string, string>> = {
  ReadWriteOnce: 'RWO',
  ReadOnlyMany: 'ROX',
  ReadWriteMany: 'RWX',
  ReadWriteOncePod: 'RWOP',
}
const modesText = (modes: readonly string[] | undefined): string =>
  (modes ?? []).map((mode) => ACCESS_MODES[mode] ?? mode).join(',')

function nodeStatusText({ status, spec }: Fields): string {
  const ready = (status?.conditions ?? []).find(({ type }: Fields) => type === 'Ready')
  const text = ready === undefined ? 'Unknown' : ready.status === 'True' ? 'Ready' : 'NotReady'
  return spec?.unschedulable === true ? `${text},SchedulingDisabled` : text
}

function rolesText(labels: Readonly<Record<string, string>> | undefined): string | undefined {
  const prefix = 'node-role.kubernetes.io/'
  return joined(
    Object.keys(labels ?? {})
      .filter((name) => name.startsWith(prefix))
      .map((name) => name.slice(prefix.length))
      .sort(),
  )
}

const address = (object: Fields, type: string): string | undefined =>
  (object.status?.addresses ?? []).find((entry: Fields) => entry.type === type)?.address
const count = (values: object | undefined): number => Object.keys(values ?? {}).length
const workloadReady = ({ spec, status }: Fields): string => `${status?.readyReplicas ?? 0}/${spec?.replicas ?? 0}`
const namesOf = (list: readonly Fields[] | undefined): number => list?.length ?? 0

const pods = [
  NAME,
  column('Ready', ({ spec, status }) => {
    const ready = (status?.containerStatuses ?? []).filter((entry: Fields) => entry.ready === true).length
    return `${ready}/${spec?.containers?.length ?? 0}`
  }),
  column('Status', podStatusText),
  column('Restarts', ({ status }) => {
    const restarts = (status?.containerStatuses ?? []).map(({ restartCount = 0 }: Fields) => restartCount as number)
    return String(restarts.reduce((sum: number, restart: number) => sum + restart, 0))
  }),
  AGE,
  wide('IP', ({ status }) => status?.podIP),
  wide('Node', ({ spec }) => spec?.nodeName || undefined),
  wide('Nominated Node', ({ status }) => status?.nominatedNodeName || undefined),
  wide('Readiness Gates', ({ spec, status }) => {
    const gates: readonly Fields[] = spec?.readinessGates ?? []
    const passed = gates.filter((gate) =>
      status?.conditions?.some((entry: Fields) => entry.type === gate.conditionType && entry.status === 'True'),
    )
    return gates.length === 0 ? undefined : `${passed.length}/${gates.length}`
  }),
]

/** By `ResourceInfo.key`. Kinds that are not here have a name and `Created At`. */
const columns: Readonly<Record<string, readonly TableColumn[]>> = {
  '/pods': pods,
  '/namespaces': [NAME, column('Status', ({ status }) => status?.phase), AGE],
  '/configmaps': [NAME, integer('Data', ({ data, binaryData }) => count(data) + count(binaryData)), AGE],
  '/secrets': [NAME, column('Type', ({ type }) => type), integer('Data', ({ data }) => count(data)), AGE],
  '/serviceaccounts': [NAME, integer('Secrets', ({ secrets }) => namesOf(secrets)), AGE],
  '/services': [
    NAME,
    column('Type', ({ spec }) => spec?.type),
    column('Cluster-IP', ({ spec }) => spec?.clusterIP || undefined),
    column('External-IP', ({ spec, status }) =>
      spec?.type === 'ExternalName'
        ? spec.externalName
        : (joined([
            ...(spec?.externalIPs ?? []),
            ...(status?.loadBalancer?.ingress ?? []).map(({ ip, hostname }: Fields) => ip ?? hostname),
          ]) ?? (spec?.type === 'LoadBalancer' ? '<pending>' : undefined)),
    ),
    column('Port(s)', ({ spec }) => portsText(spec?.ports)),
    AGE,
    wide('Selector', ({ spec }) => labelsText(spec?.selector)),
  ],
  '/endpoints': [NAME, column('Endpoints', ({ subsets }) => addressesText(subsets)), AGE],
  '/events': [
    { ...AGE, name: 'Last Seen', cell: ({ ...event }, nowMs) => ageText(lastSeen(event), nowMs) },
    column('Type', ({ type }) => type),
    column('Reason', ({ reason }) => reason),
    column('Object', ({ involvedObject: { kind = '', name = '' } = {} }) => `${kind.toLowerCase()}/${name}`),
    column('Message', ({ message }) => (message ?? '').trim()),
    { ...NAME, priority: 1 },
  ],
  '/nodes': [
    NAME,
    column('Status', nodeStatusText),
    column('Roles', ({ metadata }) => rolesText(metadata.labels)),
    AGE,
    column('Version', ({ status }) => status?.nodeInfo?.kubeletVersion ?? ''),
    wide('Internal-IP', (node) => address(node, 'InternalIP')),
    wide('External-IP', (node) => address(node, 'ExternalIP')),
    wide('OS-Image', ({ status }) => status?.nodeInfo?.osImage ?? '<unknown>'),
    wide('Kernel-Version', ({ status }) => status?.nodeInfo?.kernelVersion ?? '<unknown>'),
    wide('Container-Runtime', ({ status }) => status?.nodeInfo?.containerRuntimeVersion ?? '<unknown>'),
  ],
  '/persistentvolumes': [
    NAME,
    column('Capacity', ({ spec }) => spec?.capacity?.storage ?? ''),
    column('Access Modes', ({ spec }) => modesText(spec?.accessModes)),
    column('Reclaim Policy', ({ spec }) => spec?.persistentVolumeReclaimPolicy ?? ''),
    column('Status', ({ status, metadata }) => (metadata.deletionTimestamp ? 'Terminating' : (status?.phase ?? ''))),
    column('Claim', ({ spec }) => (spec?.claimRef ? `${spec.claimRef.namespace}/${spec.claimRef.name}` : '')),
    column('StorageClass', ({ spec }) => spec?.storageClassName ?? ''),
    column('VolumeAttributesClass', ({ spec }) => spec?.volumeAttributesClassName ?? '<unset>'),
    column('Reason', ({ status }) => status?.reason ?? ''),
    AGE,
    wide('VolumeMode', ({ spec }) => spec?.volumeMode ?? '<unset>'),
  ],
  '/persistentvolumeclaims': [
    NAME,
    column('Status', ({ status, metadata }) => (metadata.deletionTimestamp ? 'Terminating' : (status?.phase ?? ''))),
    column('Volume', ({ spec }) => spec?.volumeName ?? ''),
    column('Capacity', ({ spec, status }) => (spec?.volumeName ? (status?.capacity?.storage ?? '') : '')),
    column('Access Modes', ({ spec, status }) => (spec?.volumeName ? modesText(status?.accessModes) : '')),
    column('StorageClass', ({ spec }) => spec?.storageClassName ?? ''),
    column('VolumeAttributesClass', ({ spec }) => spec?.volumeAttributesClassName ?? '<unset>'),
    AGE,
    wide('VolumeMode', ({ spec }) => spec?.volumeMode ?? '<unset>'),
  ],
  'apps/deployments': [
    NAME,
    column('Ready', workloadReady),
    column('Up-to-date', ({ status }) => String(status?.updatedReplicas ?? 0)),
    column('Available', ({ status }) => String(status?.availableReplicas ?? 0)),
    AGE,
    ...templateColumns,
  ],
  'apps/replicasets': [
    NAME,
    integer('Desired', ({ spec }) => spec?.replicas),
    integer('Current', ({ status }) => status?.replicas),
    integer('Ready', ({ status }) => status?.readyReplicas),
    AGE,
    ...templateColumns,
  ],
  'apps/statefulsets': [NAME, column('Ready', workloadReady), AGE, ...templateColumns.slice(0, 2)],
  'apps/daemonsets': [
    NAME,
    integer('Desired', ({ status }) => status?.desiredNumberScheduled),
    integer('Current', ({ status }) => status?.currentNumberScheduled),
    integer('Ready', ({ status }) => status?.numberReady),
    integer('Up-to-date', ({ status }) => status?.updatedNumberScheduled),
    integer('Available', ({ status }) => status?.numberAvailable),
    column('Node Selector', ({ spec }) => labelsText(spec?.template?.spec?.nodeSelector)),
    AGE,
    ...templateColumns,
  ],
  'apps/controllerrevisions': [
    NAME,
    column('Controller', ({ metadata }) => {
      const owner = (metadata.ownerReferences ?? []).find((reference: Fields) => reference.controller === true)
      if (owner === undefined) return undefined
      const group = owner.apiVersion.includes('/') ? `.${owner.apiVersion.split('/')[0]}` : ''
      return `${owner.kind.toLowerCase()}${group}/${owner.name}`
    }),
    integer('Revision', ({ revision }) => revision),
    AGE,
  ],
  'batch/jobs': [
    NAME,
    column('Status', jobStatusText),
    column('Completions', ({ spec, status }) => {
      const succeeded = status?.succeeded ?? 0
      if (spec?.completions !== undefined) return `${succeeded}/${spec.completions}`
      return (spec?.parallelism ?? 1) > 1 ? `${succeeded}/1 of ${spec.parallelism}` : `${succeeded}/1`
    }),
    column('Duration', ({ status }, nowMs) => jobDurationText(status ?? {}, nowMs)),
    AGE,
    ...templateColumns,
  ],
  'batch/cronjobs': [
    NAME,
    column('Schedule', ({ spec }) => spec?.schedule),
    column('Timezone', ({ spec }) => spec?.timeZone),
    column('Suspend', ({ spec }) => (spec?.suspend === true ? 'True' : 'False')),
    integer('Active', ({ status }) => namesOf(status?.active)),
    column('Last Schedule', ({ status }, nowMs) =>
      status?.lastScheduleTime === undefined ? undefined : ageText(status.lastScheduleTime, nowMs),
    ),
    AGE,
    wide('Containers', ({ spec }) => joined(containers(spec?.jobTemplate?.spec?.template).map(({ name }) => name))),
    wide('Images', ({ spec }) => joined(containers(spec?.jobTemplate?.spec?.template).map(({ image }) => image))),
    wide('Selector', ({ spec }) => selectorText(spec?.jobTemplate?.spec?.selector)),
  ],
  'policy/poddisruptionbudgets': [
    NAME,
    column('Min Available', ({ spec }) => String(spec?.minAvailable ?? 'N/A')),
    column('Max Unavailable', ({ spec }) => String(spec?.maxUnavailable ?? 'N/A')),
    integer('Allowed Disruptions', ({ status }) => status?.disruptionsAllowed),
    AGE,
  ],
  'discovery.k8s.io/endpointslices': [
    NAME,
    column('AddressType', ({ addressType }) => addressType),
    column('Ports', ({ ports }) => joined(ports?.map(({ port }: Fields) => port ?? '*')) ?? '<unset>'),
    column('Endpoints', ({ endpoints = [] }) => {
      const all = endpoints.flatMap(({ addresses = [] }: Fields) => addresses as readonly string[])
      return all.length > 3 ? `${all.slice(0, 3).join(',')} + ${all.length - 3} more...` : (joined(all) ?? '<unset>')
    }),
    AGE,
  ],
  'coordination.k8s.io/leases': [NAME, column('Holder', ({ spec }) => spec?.holderIdentity ?? ''), AGE],
  'networking.k8s.io/ingresses': [
    NAME,
    column('Class', ({ spec }) => spec?.ingressClassName),
    column('Hosts', ({ spec }) => joined(spec?.rules?.map(({ host }: Fields) => host || '*')) ?? '*'),
    column('Address', ({ status }) =>
      (status?.loadBalancer?.ingress ?? []).map(({ ip, hostname }: Fields) => ip ?? hostname).join(','),
    ),
    column('Ports', ({ spec }) => (namesOf(spec?.tls) > 0 ? '80, 443' : '80')),
    AGE,
  ],
  'networking.k8s.io/networkpolicies': [
    NAME,
    column('Pod-Selector', ({ spec }) => selectorText(spec?.podSelector)),
    AGE,
  ],
  'rbac.authorization.k8s.io/rolebindings': [
    NAME,
    column('Role', ({ roleRef }) => `${roleRef?.kind}/${roleRef?.name}`),
    AGE,
  ],
  'rbac.authorization.k8s.io/clusterrolebindings': [
    NAME,
    column('Role', ({ roleRef }) => `${roleRef?.kind}/${roleRef?.name}`),
    AGE,
  ],
  'storage.k8s.io/storageclasses': [
    NAME,
    column('Provisioner', ({ provisioner }) => provisioner),
    column('ReclaimPolicy', ({ reclaimPolicy }) => reclaimPolicy ?? 'Delete'),
    column('VolumeBindingMode', ({ volumeBindingMode }) => volumeBindingMode ?? 'Immediate'),
    column('AllowVolumeExpansion', ({ allowVolumeExpansion }) => String(allowVolumeExpansion ?? false)),
    AGE,
  ],
  'autoscaling/horizontalpodautoscalers': [
    NAME,
    column('Reference', ({ spec }) => `${spec?.scaleTargetRef?.kind}/${spec?.scaleTargetRef?.name}`),
    column('Targets', metricsText),
    column('MinPods', ({ spec }) => String(spec?.minReplicas ?? '<unset>')),
    integer('MaxPods', ({ spec }) => spec?.maxReplicas),
    integer('Replicas', ({ status }) => status?.currentReplicas),
    AGE,
  ],
  'scheduling.k8s.io/priorityclasses': [
    NAME,
    integer('Value', ({ value }) => value),
    column('Global-Default', ({ globalDefault }) => String(globalDefault ?? false)),
    AGE,
    column('PreemptionPolicy', ({ preemptionPolicy }) => preemptionPolicy ?? ''),
  ],
  'apiextensions.k8s.io/customresourcedefinitions': [
    NAME,
    { ...AGE, name: 'Created At', type: 'date', cell: ({ metadata }) => metadata.creationTimestamp ?? '' },
  ],
}

function lastSeen({ series, lastTimestamp, eventTime, firstTimestamp, metadata }: Fields): string | undefined {
  return series?.lastObservedTime ?? lastTimestamp ?? eventTime ?? firstTimestamp ?? metadata.creationTimestamp
}

function metricsText({ spec, status }: Fields): string | undefined {
  const current: readonly Fields[] = status?.currentMetrics ?? []
  return joined(
    (spec?.metrics ?? []).map((metric: Fields, index: number) => {
      if (metric.type !== 'Resource') return `${metric.type}`
      const value = current[index]?.resource?.current?.averageUtilization
      return `${metric.resource.name}: ${value === undefined ? '<unknown>' : `${value}%`}/${metric.resource.target?.averageUtilization ?? '<auto>'}%`
    }),
  )
}

/** The columns of a built-in kind; undefined for one that has none of its own. */
export function builtInColumns(resource: ResourceInfo): readonly TableColumn[] | undefined {
  return Object.hasOwn(columns, resource.key) ? columns[resource.key] : undefined
}
