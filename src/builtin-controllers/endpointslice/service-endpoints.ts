/**
 * The endpoints of a Service, as a pure function of the Service and its pods; and which Services an event concerns.
 * Source: https://kubernetes.io/docs/concepts/services-networking/endpoint-slices/#conditions,
 * kubernetes/staging/src/k8s.io/endpointslice/utils.go.
 */
import { equalJson } from '#api/equal.ts'
import { compileLabelSelector } from '#api/selectors.ts'
import type { MapFunction, Predicate } from '#controller/controller.ts'
import type { Pod } from '../kinds.ts'
import { hasEnded, isReady, isTerminating } from '../pod-state.ts'
import { type Endpoint, type EndpointPort, type Service, type ServicePort, serviceType } from './service-kind.ts'

/** Endpoints that are reached at the same ports. */
export interface PortGroup {
  readonly ports: readonly EndpointPort[]
  readonly endpoints: readonly Endpoint[]
}

/** Whether the controllers make endpoints for it: without a selector the user does, an ExternalName has none. */
export function hasManagedEndpoints({ spec }: Service): boolean {
  return spec.selector !== undefined && Object.keys(spec.selector).length > 0 && spec.type !== 'ExternalName'
}

export function isHeadless({ spec }: Service): boolean {
  return spec.clusterIP === 'None'
}

/** The endpoints of the pods that have an address and have not ended, by the ports that they serve. */
export function portGroupsOf(service: Service, pods: readonly Pod[]): readonly PortGroup[] {
  const groups = new Map<string, { readonly ports: readonly EndpointPort[]; readonly endpoints: Endpoint[] }>()
  for (const pod of pods) {
    if (pod.status?.podIP === undefined || hasEnded(pod)) continue
    const ports = portsOf(service, pod)
    const key = JSON.stringify(ports)
    const group = groups.get(key) ?? { ports, endpoints: [] }
    group.endpoints.push(endpointOf(service, pod, pod.status.podIP))
    groups.set(key, group)
  }
  return [...groups.values()]
}

function portsOf(service: Service, pod: Pod): readonly EndpointPort[] {
  return (service.spec.ports ?? []).flatMap((port) => {
    const number = targetPortOf(port, pod)
    if (number === undefined) return []
    const { name = '', protocol = 'TCP', appProtocol } = port
    return [{ name, port: number, protocol, ...(appProtocol === undefined ? {} : { appProtocol }) }]
  })
}

/** A named port is looked up in the pod's containers; undefined: it has none of that name. */
function targetPortOf({ port, targetPort = port, protocol = 'TCP' }: ServicePort, pod: Pod): number | undefined {
  if (typeof targetPort === 'number') return targetPort
  const ports = (pod.spec.containers ?? []).flatMap((container) => container.ports ?? [])
  return ports.find((candidate) => candidate.name === targetPort && (candidate.protocol ?? 'TCP') === protocol)
    ?.containerPort
}

function endpointOf(service: Service, pod: Pod, address: string): Endpoint {
  const { namespace, name, uid } = pod.metadata
  const { hostname, subdomain, nodeName } = pod.spec
  const serving = isReady(pod)
  const terminating = isTerminating(pod)
  const ready = service.spec.publishNotReadyAddresses === true || (serving && !terminating)
  return {
    addresses: [address],
    conditions: { ready, serving, terminating },
    ...(hostname !== undefined && subdomain === service.metadata.name ? { hostname } : {}),
    ...(nodeName === undefined ? {} : { nodeName }),
    targetRef: { kind: 'Pod', ...(namespace === undefined ? {} : { namespace }), name, uid },
  }
}

/** Of a pod only what endpoints show. */
export const changesEndpoint: Predicate = ({ type, object, old }) => {
  if (type !== 'MODIFIED' || old === undefined) return (object as Pod).status?.podIP !== undefined
  const [before, after] = [old as Pod, object as Pod]
  return (
    before.status?.podIP !== after.status?.podIP ||
    isReady(before) !== isReady(after) ||
    hasEnded(before) !== hasEnded(after) ||
    isTerminating(before) !== isTerminating(after) ||
    !equalJson(before.metadata.labels, after.metadata.labels)
  )
}

/** The Services that select a pod. */
export const servicesOfPod: MapFunction = async (pod, { cached }) => {
  const { namespace = '' } = pod.metadata
  const services = await cached.list<Service>(serviceType, { namespace })
  return services
    .filter((service) => hasManagedEndpoints(service))
    .filter(({ spec }) => compileLabelSelector({ matchLabels: spec.selector ?? {} })(pod))
    .map(({ metadata }) => ({ namespace, name: metadata.name }))
}
