/**
 * What a Service's spec must have, and which of its values contradict each other.
 * Source: kubernetes/pkg/apis/core/validation/validation.go (ValidateService).
 */
import { type FieldError, fieldDuplicate, fieldForbidden, fieldInvalid, fieldRequired } from '#api/field-errors.ts'
import { labelFault } from '#api/name-formats.ts'
import { type Fields, fieldsOf, itemsOf } from './behaviour.ts'
import {
  choiceFaults,
  labelFaults,
  missingFaults,
  portFaults,
  type SpecFault,
  type SpecValidation,
} from './field-checks.ts'

const TYPES = ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort']
const NODE_PORT_MIN = 30000
const NODE_PORT_MAX = 32767

export const serviceFaults: SpecValidation = (spec, at) => {
  const ports = itemsOf(spec['ports']).map(fieldsOf)
  const isHeadless = spec['clusterIP'] === 'None'
  const isExternal = spec['type'] === 'ExternalName'
  return [
    ...(ports.length === 0 && !isHeadless && !isExternal ? [fieldRequired(`${at}.ports`)] : []),
    ...addressFaults(spec, at),
    ...(isExternal ? missingFaults(spec, at, ['externalName']) : []),
    ...ports.flatMap((port, index) => servicePortFaults(port, `${at}.ports[${index}]`, spec)),
    ...repeatedPortFaults(ports, at),
    ...labelFaults(spec['selector'], `${at}.selector`),
    ...choiceFaults(spec, at, 'sessionAffinity', ['ClientIP', 'None']),
    ...choiceFaults(spec, at, 'type', TYPES),
  ]
}

function addressFaults({ type, clusterIP }: Fields, at: string): FieldError[] {
  if (clusterIP === undefined || clusterIP === '') return []
  const field = `${at}.clusterIPs[0]`
  if (type === 'ExternalName') return [fieldForbidden(`${at}.clusterIPs`, 'may not be set for ExternalName services')]
  if (clusterIP === 'None')
    return type === 'NodePort' || type === 'LoadBalancer'
      ? [fieldInvalid(field, clusterIP, `may not be set to 'None' for ${type} services`)]
      : []
  return isAddress(String(clusterIP))
    ? []
    : [fieldInvalid(field, [clusterIP], 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)')]
}

function isAddress(text: string): boolean {
  if (text.includes(':')) return /^[0-9a-fA-F:.]+$/.test(text)
  const parts = text.split('.')
  return parts.length === 4 && parts.every((part) => /^(?:0|[1-9]\d{0,2})$/.test(part) && Number(part) < 256)
}

function servicePortFaults(port: Fields, at: string, { type }: Fields): SpecFault[] {
  const { name, targetPort, nodePort } = port
  const fault = name ? labelFault(String(name)) : undefined
  const isNumbered = typeof nodePort === 'number' && nodePort !== 0
  return [
    ...(fault === undefined ? [] : [fieldInvalid(`${at}.name`, name, fault)]),
    ...(port['port'] === undefined
      ? portFaults(0, `${at}.port`).map((missing) => ({ ...missing, isMissing: true as const }))
      : portFaults(port['port'], `${at}.port`)),
    ...choiceFaults(port, at, 'protocol', ['SCTP', 'TCP', 'UDP']),
    ...portFaults(targetPort, `${at}.targetPort`),
    ...(isNumbered && (type === 'ClusterIP' || type === 'ExternalName')
      ? [fieldForbidden(`${at}.nodePort`, `may not be used when \`type\` is '${type}'`)]
      : []),
    ...(isNumbered && (nodePort < NODE_PORT_MIN || nodePort > NODE_PORT_MAX)
      ? [fieldInvalid(`${at}.nodePort`, nodePort, NODE_PORT_RANGE)]
      : []),
  ]
}

const NODE_PORT_RANGE = `provided port is not in the valid range. The range of valid ports is ${NODE_PORT_MIN}-${NODE_PORT_MAX}`

function repeatedPortFaults(ports: readonly Fields[], at: string): FieldError[] {
  const names = new Set<unknown>()
  const numbers = new Set<string>()
  return ports.flatMap((port, index) => {
    const { name, protocol = 'TCP' } = port
    const number = `${protocol} ${port['port']}`
    const faults = [
      ...(name && names.has(name) ? [fieldDuplicate(`${at}.ports[${index}].name`, name)] : []),
      ...(numbers.has(number) ? [fieldDuplicate(`${at}.ports[${index}]`, { protocol, port: port['port'] })] : []),
    ]
    names.add(name)
    numbers.add(number)
    return faults
  })
}
