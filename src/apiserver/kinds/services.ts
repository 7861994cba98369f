/**
 * Services: defaults, and the addresses and ports that the server allocates.
 * An allocated address is a function of the Service's uid, so that it does not depend on the order of events.
 * Source: kubernetes/pkg/registry/core/service, pkg/apis/core/v1/defaults.go.
 */
import { equalJson } from '#api/equal.ts'
import { type FieldError, fieldInvalid, fieldRequired } from '#api/field-errors.ts'
import type { KubernetesObject } from '#api/object.ts'
import {
  EMPTY,
  type Fields,
  fieldsOf,
  fillIn,
  itemsOf,
  type KindBehaviour,
  mapField,
  mapItems,
  NO_ERRORS,
  withField,
} from './behaviour.ts'

const SERVICE_DEFAULTS: Fields = Object.freeze({ type: 'ClusterIP', sessionAffinity: 'None' })
const CLUSTER_DEFAULTS: Fields = Object.freeze({
  internalTrafficPolicy: 'Cluster',
  ipFamilies: Object.freeze(['IPv4']),
  ipFamilyPolicy: 'SingleStack',
})

export const services: KindBehaviour = {
  initialStatus: Object.freeze({ loadBalancer: EMPTY }),
  withDefaults: (fields) =>
    mapField(fields, 'spec', (spec) => {
      const filled = fillIn(spec, SERVICE_DEFAULTS)
      const typed = filled['type'] === 'ExternalName' ? filled : fillIn(filled, CLUSTER_DEFAULTS)
      return mapItems(typed, 'ports', (port) => fillIn(port, { protocol: 'TCP', targetPort: port['port'] }))
    }),
  prepareForCreate: (fields, { uid }) => mapField(fields, 'spec', (spec) => allocate(spec, uid)),
  prepareForUpdate: (fields, old) =>
    mapField(fields, 'spec', (spec) => allocate(keepAllocated(spec, fieldsOf(old['spec'])), old.metadata.uid ?? '')),
  validate: (fields) => validatePorts(fieldsOf(fields['spec'])),
  validateUpdate: validateAddress,
}

function allocate(spec: Fields, uid: string): Fields {
  if (spec['type'] === 'ExternalName') return spec
  const digits = Number.parseInt(uid.replaceAll('-', '').slice(0, 8) || '0', 16)
  const clusterIP = spec['clusterIP'] || `10.96.${(digits >>> 8) & 0xff}.${digits & 0xff || 1}`
  const addressed = fillIn(withField(spec, 'clusterIP', clusterIP), { clusterIPs: Object.freeze([clusterIP]) })
  if (spec['type'] !== 'NodePort' && spec['type'] !== 'LoadBalancer') return addressed
  let next = 30000 + (digits % 2768)
  return mapItems(addressed, 'ports', (port) => fillIn(port, { nodePort: next++ }))
}

const takesNodePorts = ({ type }: Fields): boolean => type === 'NodePort' || type === 'LoadBalancer'

/**
 * What the former type had and the new one has not goes, if the client has left it as it was.
 * Source: pkg/registry/core/service/storage (dropTypeDependentFields).
 */
function withoutFormer(spec: Fields, old: Fields): Fields {
  let kept = spec
  const nodePorts = (of: Fields) => itemsOf(of['ports']).map((port) => fieldsOf(port)['nodePort'])
  if (takesNodePorts(old) && !takesNodePorts(kept) && equalJson(nodePorts(kept), nodePorts(old)))
    kept = mapItems(kept, 'ports', (port) => withField(port, 'nodePort', undefined))
  if (kept['type'] === 'ExternalName' && old['type'] !== 'ExternalName' && kept['clusterIP'] === old['clusterIP'])
    for (const name of ADDRESS_FIELDS) kept = withField(kept, name, undefined)
  return kept
}

const ADDRESS_FIELDS = ['clusterIP', 'clusterIPs', 'ipFamilies', 'ipFamilyPolicy', 'internalTrafficPolicy']

/** A client that sends no address, or no node port, means the one there is. */
function keepAllocated(sent: Fields, old: Fields): Fields {
  const spec = withoutFormer(sent, old)
  if (spec['type'] === 'ExternalName' || old['type'] === 'ExternalName') return spec
  let kept = spec
  if (!kept['clusterIP'] && old['clusterIP'])
    kept = withField(withField(kept, 'clusterIP', old['clusterIP']), 'clusterIPs', old['clusterIPs'])
  if (kept['type'] !== 'NodePort' && kept['type'] !== 'LoadBalancer') return kept
  const before = itemsOf(old['ports']).map(fieldsOf)
  return mapItems(kept, 'ports', (port) => {
    const nodePort = before.find((other) => other['port'] === port['port'] && other['protocol'] === port['protocol'])?.[
      'nodePort'
    ]
    return nodePort === undefined ? port : fillIn(port, { nodePort })
  })
}

function validatePorts(spec: Fields): readonly FieldError[] {
  const ports = itemsOf(spec['ports']).map(fieldsOf)
  if (ports.length < 2) return NO_ERRORS
  const errors: FieldError[] = []
  ports.forEach((port, index) => {
    if (!port['name']) errors.push(fieldRequired(`spec.ports[${index}].name`))
  })
  return errors
}

/** The cluster address stays for the life of the Service, unless it becomes or was an ExternalName. */
function validateAddress(fields: Fields, old: KubernetesObject): readonly FieldError[] {
  const spec = fieldsOf(fields['spec'])
  const before = fieldsOf(old['spec'])
  if (spec['type'] === 'ExternalName' || before['type'] === 'ExternalName' || !before['clusterIP']) return NO_ERRORS
  if (spec['clusterIP'] === before['clusterIP']) return NO_ERRORS
  return [fieldInvalid('spec.clusterIPs[0]', spec['clusterIPs'], 'may not change once set')]
}
