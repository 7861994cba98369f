/**
 * What a pod's spec must have, and which of its values contradict each other.
 * Source: kubernetes/pkg/apis/core/validation/validation.go (ValidatePodSpec, validateContainers, validateVolumes).
 */
import { type FieldError, fieldDuplicate, fieldForbidden, fieldInvalid, fieldRequired } from '#api/field-errors.ts'
import { parseQuantity } from '#api/structural-schema/quantity.ts'
import { type Fields, fieldsOf, itemsOf } from './behaviour.ts'
import {
  choiceFaults,
  itemNameFaults,
  labelFaults,
  missingFaults,
  negativeFaults,
  portFaults,
  portNameFaults,
} from './field-checks.ts'
import { schedulingFaults } from './scheduling-validation.ts'
import { containerSecurityFaults, podSecurityFaults } from './security-validation.ts'

const PROTOCOLS = ['SCTP', 'TCP', 'UDP']

/** `at` is the path of the spec. */
export function podSpecFaults(spec: Fields, at: string): readonly FieldError[] {
  const volumes = itemsOf(spec['volumes'])
  const mountable = new Set(volumes.map((volume) => fieldsOf(volume)['name']))
  const containers = itemsOf(spec['containers'])
  const initial = itemsOf(spec['initContainers'])
  const names = new Set<unknown>()
  const seconds = spec['activeDeadlineSeconds']
  return [
    ...itemNameFaults(volumes, `${at}.volumes`),
    ...volumes.flatMap((volume, index) => volumeFaults(fieldsOf(volume), `${at}.volumes[${index}]`)),
    ...(containers.length === 0 ? [fieldRequired(`${at}.containers`)] : []),
    ...itemNameFaults(containers, `${at}.containers`, names),
    ...itemNameFaults(initial, `${at}.initContainers`, names),
    ...containers.flatMap((each, index) => containerFaults(fieldsOf(each), `${at}.containers[${index}]`, mountable)),
    ...initial.flatMap((each, index) => containerFaults(fieldsOf(each), `${at}.initContainers[${index}]`, mountable)),
    ...choiceFaults(spec, at, 'restartPolicy', ['Always', 'Never', 'OnFailure']),
    ...choiceFaults(spec, at, 'dnsPolicy', ['ClusterFirst', 'ClusterFirstWithHostNet', 'Default', 'None']),
    ...schedulingFaults(spec, at),
    ...podSecurityFaults(spec, at),
    ...containers.flatMap((each, index) => containerSecurityFaults(fieldsOf(each), `${at}.containers[${index}]`)),
    ...initial.flatMap((each, index) => containerSecurityFaults(fieldsOf(each), `${at}.initContainers[${index}]`)),
    ...labelFaults(spec['nodeSelector'], `${at}.nodeSelector`),
    ...(typeof seconds === 'number' && (seconds < 1 || seconds > 2 ** 31 - 1)
      ? [fieldInvalid(`${at}.activeDeadlineSeconds`, seconds, 'must be between 1 and 2147483647, inclusive')]
      : []),
  ]
}

const NOT_SOURCES: readonly string[] = ['name']
const SOURCE_FIELDS: Readonly<Record<string, readonly string[]>> = {
  secret: ['secretName'],
  configMap: ['name'],
  persistentVolumeClaim: ['claimName'],
  hostPath: ['path'],
}

function volumeFaults(volume: Fields, at: string): FieldError[] {
  const sources = Object.keys(volume).filter((key) => !NOT_SOURCES.includes(key))
  if (sources.length === 0) return [fieldRequired(at, 'must specify a volume type')]
  const [first = '', ...others] = sources
  return [
    ...missingFaults(fieldsOf(volume[first]), `${at}.${first}`, SOURCE_FIELDS[first] ?? []),
    ...others.map((other) => fieldForbidden(`${at}.${other}`, 'may not specify more than 1 volume type')),
  ]
}

function containerFaults(container: Fields, at: string, mountable: ReadonlySet<unknown>): FieldError[] {
  return [
    ...missingFaults(container, at, ['image']),
    ...containerPortFaults(container, at),
    ...itemsOf(container['env']).flatMap((each, index) => variableFaults(fieldsOf(each), `${at}.env[${index}]`)),
    ...mountFaults(container, at, mountable),
    ...choiceFaults(container, at, 'imagePullPolicy', ['Always', 'IfNotPresent', 'Never']),
    ...choiceFaults(container, at, 'terminationMessagePolicy', ['FallbackToLogsOnError', 'File']),
    ...['livenessProbe', 'readinessProbe', 'startupProbe'].flatMap((name) =>
      container[name] === undefined ? [] : probeFaults(fieldsOf(container[name]), `${at}.${name}`, name),
    ),
    ...resourceFaults(fieldsOf(container['resources']), `${at}.resources`),
  ]
}

function containerPortFaults(container: Fields, at: string): FieldError[] {
  const names = new Set<unknown>()
  return itemsOf(container['ports']).flatMap((item, index) => {
    const port = fieldsOf(item)
    const place = `${at}.ports[${index}]`
    const isRepeated = Boolean(port['name']) && names.has(port['name'])
    names.add(port['name'])
    return [
      ...portNameFaults(port['name'], `${place}.name`),
      ...(isRepeated ? [fieldDuplicate(`${place}.name`, port['name'])] : []),
      ...(port['containerPort'] === undefined || port['containerPort'] === 0
        ? [fieldRequired(`${place}.containerPort`)]
        : portFaults(port['containerPort'], `${place}.containerPort`)),
      ...(port['hostPort'] === 0 ? [] : portFaults(port['hostPort'], `${place}.hostPort`)),
      ...choiceFaults(port, place, 'protocol', PROTOCOLS),
    ]
  })
}

function variableFaults(variable: Fields, at: string): FieldError[] {
  if (variable['name'] === undefined || variable['name'] === '') return [fieldRequired(`${at}.name`)]
  const source = variable['valueFrom']
  if (source === undefined) return []
  const count = Object.keys(fieldsOf(source)).length
  if (count === 0)
    return [
      fieldInvalid(
        `${at}.valueFrom`,
        '',
        'must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef` or `secretKeyRef`',
      ),
    ]
  if (variable['value']) return [fieldInvalid(`${at}.valueFrom`, '', 'may not be specified when `value` is not empty')]
  return count > 1 ? [fieldInvalid(`${at}.valueFrom`, '', 'may not have more than one field specified at a time')] : []
}

/** A mount of a volume that is not there is a missing field too: reduced pods leave volumes out. */
function mountFaults(container: Fields, at: string, mountable: ReadonlySet<unknown>): FieldError[] {
  const paths = new Set<unknown>()
  return itemsOf(container['volumeMounts']).flatMap((item, index) => {
    const { name, mountPath } = fieldsOf(item)
    const place = `${at}.volumeMounts[${index}]`
    const isRepeated = paths.has(mountPath)
    paths.add(mountPath)
    return [
      ...missingFaults(fieldsOf(item), place, ['name', 'mountPath']),
      ...(name && !mountable.has(name)
        ? [{ reason: 'FieldValueNotFound', message: `Not found: ${JSON.stringify(name)}`, field: `${place}.name` }]
        : []),
      ...(mountPath && isRepeated ? [fieldInvalid(`${place}.mountPath`, mountPath, 'must be unique')] : []),
    ]
  })
}

const PROBE_ACTIONS = ['exec', 'httpGet', 'tcpSocket', 'grpc']
const PROBE_NUMBERS = ['initialDelaySeconds', 'timeoutSeconds', 'periodSeconds', 'successThreshold', 'failureThreshold']

function probeFaults(probe: Fields, at: string, name: string): FieldError[] {
  const [first, ...others] = PROBE_ACTIONS.filter((action) => probe[action] !== undefined)
  const successes = probe['successThreshold']
  return [
    ...(first === undefined ? [fieldRequired(at, 'must specify a handler type')] : []),
    ...others.map((other) => fieldForbidden(`${at}.${other}`, 'may not specify more than 1 handler type')),
    ...negativeFaults(probe, at, PROBE_NUMBERS),
    ...(name !== 'readinessProbe' && typeof successes === 'number' && successes > 1
      ? [fieldInvalid(`${at}.successThreshold`, successes, 'must be 1')]
      : []),
  ]
}

function resourceFaults(resources: Fields, at: string): FieldError[] {
  const limits = fieldsOf(resources['limits'])
  const requests = fieldsOf(resources['requests'])
  const quantity = (value: unknown) => parseQuantity(String(value)) ?? 0n
  const negative = (values: Fields, name: string) =>
    Object.keys(values)
      .filter((key) => quantity(values[key]) < 0n)
      .map((key) => fieldInvalid(`${at}.${name}[${key}]`, values[key], 'must be greater than or equal to 0'))
  return [
    ...negative(limits, 'limits'),
    ...negative(requests, 'requests'),
    ...Object.keys(requests)
      .filter((key) => limits[key] !== undefined && quantity(requests[key]) > quantity(limits[key]))
      .map((key) =>
        fieldInvalid(`${at}.requests`, requests[key], `must be less than or equal to ${key} limit of ${limits[key]}`),
      ),
  ]
}
