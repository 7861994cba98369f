/**
 * Ingresses and NetworkPolicies.
 * Source: kubernetes/pkg/apis/networking/{validation/validation.go,v1/defaults.go}.
 */
import { type FieldError, fieldForbidden, fieldInvalid, fieldNotSupported, fieldRequired } from '#api/field-errors.ts'
import { labelFault, subdomainFault } from '#api/name-formats.ts'
import { type Fields, fieldsOf, fillIn, itemsOf, mapItems, withField } from './behaviour.ts'
import {
  choiceFaults,
  missingFaults,
  portFaults,
  portNameFaults,
  type SpecFault,
  type SpecValidation,
  selectorFaults,
} from './field-checks.ts'

export const ingressFaults: SpecValidation = (spec, at) => {
  const rules = itemsOf(spec['rules'])
  const backend = spec['defaultBackend']
  const neither: SpecFault = {
    ...fieldInvalid(at, rules, 'either `defaultBackend` or `rules` must be specified'),
    isMissing: true,
  }
  return [
    ...(rules.length === 0 && backend === undefined ? [neither] : []),
    ...(backend === undefined ? [] : backendFaults(fieldsOf(backend), `${at}.defaultBackend`)),
    ...rules.flatMap((rule, index) => ruleFaults(fieldsOf(rule), `${at}.rules[${index}]`)),
  ]
}

function ruleFaults(rule: Fields, at: string): FieldError[] {
  const host = String(rule['host'] ?? '')
  const errors: FieldError[] = []
  if (/^\d+(?:\.\d+){3}$/.test(host))
    errors.push(fieldInvalid(`${at}.host`, host, 'must be a DNS name, not an IP address'))
  else if (host !== '') {
    const fault = subdomainFault(host.startsWith('*.') ? host.slice(2) : host)
    if (fault !== undefined) errors.push(fieldInvalid(`${at}.host`, host, fault))
  }
  const http = rule['http']
  if (http === undefined) return errors
  const paths = itemsOf(fieldsOf(http)['paths'])
  if (paths.length === 0) errors.push(fieldRequired(`${at}.http.paths`))
  return [...errors, ...paths.flatMap((path, index) => pathFaults(fieldsOf(path), `${at}.http.paths[${index}]`))]
}

const PATH_TYPES = ['Exact', 'ImplementationSpecific', 'Prefix']
/** Dots and encoded slashes, which servers understand differently. */
const AMBIGUOUS = ['//', '/./', '/../', '%2f', '%2F']
const AMBIGUOUS_ENDS = ['/..', '/.']

function pathFaults({ path = '', pathType, backend }: Fields, at: string): FieldError[] {
  const text = String(path)
  const errors: FieldError[] = []
  if (pathType === undefined) errors.push(fieldRequired(`${at}.pathType`, 'pathType must be specified'))
  else if (!PATH_TYPES.includes(pathType as string))
    errors.push(fieldNotSupported(`${at}.pathType`, pathType, PATH_TYPES))
  else if (!text.startsWith('/') && (pathType !== 'ImplementationSpecific' || text !== ''))
    errors.push(fieldInvalid(`${at}.path`, text, 'must be an absolute path'))
  else if (pathType !== 'ImplementationSpecific') {
    for (const part of AMBIGUOUS)
      if (text.includes(part)) errors.push(fieldInvalid(`${at}.path`, text, `must not contain '${part}'`))
    for (const end of AMBIGUOUS_ENDS)
      if (text.endsWith(end)) errors.push(fieldInvalid(`${at}.path`, text, `cannot end with '${end}'`))
  }
  return [...errors, ...backendFaults(fieldsOf(backend), `${at}.backend`)]
}

function backendFaults({ service, resource }: Fields, at: string): SpecFault[] {
  if (service !== undefined && resource !== undefined)
    return [fieldInvalid(at, '', 'cannot set both resource and service backends')]
  if (resource !== undefined) return missingFaults(fieldsOf(resource), `${at}.resource`, ['kind', 'name'])
  if (service === undefined)
    return [{ ...fieldInvalid(at, '', 'resource or service backend is required'), isMissing: true }]
  const { name, port } = fieldsOf(service)
  const fault = name ? labelFault(String(name)) : undefined
  return [
    ...missingFaults(fieldsOf(service), `${at}.service`, ['name']),
    ...(fault === undefined ? [] : [fieldInvalid(`${at}.service.name`, name, fault)]),
    ...backendPortFaults(fieldsOf(port), at),
  ]
}

function backendPortFaults({ name, number }: Fields, at: string): FieldError[] {
  if (name && number) return [fieldInvalid(at, '', 'cannot set both port name & port number')]
  if (name) return portNameFaults(name, `${at}.service.port.name`)
  return number
    ? portFaults(number, `${at}.service.port.number`)
    : [fieldRequired(at, 'port name or number is required')]
}

/** Policies are about ingress, and about egress if they say something of it; ports are TCP. */
export function networkPolicyWithDefaults(spec: Fields): Fields {
  const hasEgress = itemsOf(spec['egress']).length > 0
  const types = itemsOf(spec['policyTypes']).length > 0 ? spec['policyTypes'] : hasEgress ? BOTH : INGRESS
  const typed = withField(spec, 'policyTypes', types)
  const withPorts = (rule: Fields): Fields => mapItems(rule, 'ports', (port) => fillIn(port, { protocol: 'TCP' }))
  return mapItems(mapItems(typed, 'ingress', withPorts), 'egress', withPorts)
}

const INGRESS: readonly string[] = Object.freeze(['Ingress'])
const BOTH: readonly string[] = Object.freeze(['Ingress', 'Egress'])

export const networkPolicyFaults: SpecValidation = (spec, at) => {
  const types = itemsOf(spec['policyTypes'])
  const rules = (name: string, peers: string): FieldError[] =>
    itemsOf(spec[name]).flatMap((rule, index) => policyRuleFaults(fieldsOf(rule), peers, `${at}.${name}[${index}]`))
  return [
    ...selectorFaults(fieldsOf(spec['podSelector']), `${at}.podSelector`),
    ...rules('ingress', 'from'),
    ...rules('egress', 'to'),
    ...(types.length > 2
      ? [fieldInvalid(`${at}.policyTypes`, types, 'may not specify more than two policyTypes')]
      : types.flatMap((type, index) =>
          BOTH.includes(type as string)
            ? []
            : [fieldNotSupported(`${at}.policyTypes[${index}]`, type, ['Egress', 'Ingress'])],
        )),
  ]
}

function policyRuleFaults(rule: Fields, peers: string, at: string): FieldError[] {
  return [
    ...itemsOf(rule['ports']).flatMap((port, index) => policyPortFaults(fieldsOf(port), `${at}.ports[${index}]`)),
    ...itemsOf(rule[peers]).flatMap((peer, index) => peerFaults(fieldsOf(peer), `${at}.${peers}[${index}]`)),
  ]
}

function policyPortFaults(fields: Fields, at: string): FieldError[] {
  const { port, endPort } = fields
  const end = endPort as number | undefined
  return [
    ...choiceFaults(fields, at, 'protocol', ['SCTP', 'TCP', 'UDP']),
    ...portFaults(port, `${at}.port`),
    ...portNameFaults(port, `${at}.port`),
    ...(end === undefined
      ? []
      : port === undefined
        ? [fieldInvalid(`${at}.endPort`, end, 'may not be specified when `port` is not specified')]
        : typeof port === 'string'
          ? [fieldInvalid(`${at}.endPort`, end, 'may not be specified when `port` is non-numeric')]
          : end < (port as number)
            ? [fieldInvalid(`${at}.endPort`, end, 'must be greater than or equal to `port`')]
            : portFaults(end, `${at}.endPort`)),
  ]
}

function peerFaults({ podSelector, namespaceSelector, ipBlock }: Fields, at: string): FieldError[] {
  const others = [podSelector, namespaceSelector].filter((selector) => selector !== undefined).length
  if (others === 0 && ipBlock === undefined) return [fieldRequired(at, 'must specify a peer')]
  if (others > 0 && ipBlock !== undefined) return [fieldForbidden(at, 'may not specify both ipBlock and another peer')]
  return [
    ...selectorFaults(fieldsOf(podSelector), `${at}.podSelector`),
    ...selectorFaults(fieldsOf(namespaceSelector), `${at}.namespaceSelector`),
    ...(ipBlock === undefined ? [] : missingFaults(fieldsOf(ipBlock), `${at}.ipBlock`, ['cidr'])),
  ]
}
