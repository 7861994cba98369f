/**
 * The EndpointSlice controller: the slices of each Service with a selector, one for each set of ports and at most 100
 * endpoints each. The garbage collector takes them with their Service.
 *
 * Source: https://kubernetes.io/docs/concepts/services-networking/endpoint-slices/
 * Left out: topology hints, dual stack, the annotation with the time of the last change. A cache that does not show a
 * slice of its own yet holds it back, as upstream's tracker of slices does. Pods have addresses only where
 * `podLifecycle({ addresses: true })` gives them any.
 */
import { equalJson } from '#api/equal.ts'
import type { KubernetesObject } from '#api/object.ts'
import { controllerReferenceTo } from '#api/owner-reference.ts'
import type { Predicate, ReconcileRequest, Reconciler, ReconcilerTools } from '#controller/controller.ts'
import { type Controller, defineController } from '#controller/define-controller.ts'
import { Expectations, expectationMemory } from '../expectations.ts'
import { type Pod, podType } from '../kinds.ts'
import { controllerManagerProcess } from '../processes.ts'
import { unlessGone } from '../unless-gone.ts'
import {
  changesEndpoint,
  hasManagedEndpoints,
  type PortGroup,
  portGroupsOf,
  servicesOfPod,
} from './service-endpoints.ts'
import { type EndpointPort, type EndpointSlice, endpointSliceType, type Service, serviceType } from './service-kind.ts'

const endpointsMax = 100
const serviceNameLabel = 'kubernetes.io/service-name'
const managedByLabel = 'endpointslice.kubernetes.io/managed-by'
const managedBy = 'endpointslice-controller.k8s.io'

export function endpointSlice(): Controller {
  return defineController({
    name: 'endpointslice',
    process: controllerManagerProcess,
    for: { ...serviceType, predicate: changesSpec },
    watches: [
      { ...podType, predicate: changesEndpoint, requests: servicesOfPod },
      {
        ...endpointSliceType,
        predicate: ({ object }) => object.metadata.labels?.[managedByLabel] === managedBy,
        requests: ({ metadata }) => {
          const name = metadata.labels?.[serviceNameLabel]
          return name === undefined ? [] : [{ namespace: metadata.namespace ?? '', name }]
        },
      },
    ],
    memory: expectationMemory,
    reconciler: (tools) => new EndpointSliceReconciler(tools),
  })
}

const changesSpec: Predicate = ({ type, object, old }) =>
  type !== 'MODIFIED' || !equalJson(object['spec'], old?.['spec'])

class EndpointSliceReconciler implements Reconciler {
  readonly expectations: Expectations
  private readonly tools: ReconcilerTools

  constructor(tools: ReconcilerTools) {
    this.tools = tools
    this.expectations = new Expectations(tools, endpointSliceType)
  }

  async reconcile(request: ReconcileRequest): Promise<void> {
    const { client } = this.tools
    const { namespace = '', name } = request
    const service = await client.tryGet<Service>(serviceType, request)
    if (service === undefined) return this.expectations.forget(request)
    if (!hasManagedEndpoints(service) || service.metadata.deletionTimestamp !== undefined) return
    const pods = await client.list<Pod>(podType, { namespace, labelSelector: service.spec.selector ?? {} })
    const labelSelector = { [serviceNameLabel]: name, [managedByLabel]: managedBy }
    const slices = await client.list<EndpointSlice>(endpointSliceType, { namespace, labelSelector })
    if (!(await this.expectations.areFulfilled(request, slices, service))) return
    await this.write(request, service, slices, slicesFor(service, pods))
  }

  /** Keeps the slices that are right, changes others of the same ports, creates what is missing, deletes the rest. */
  private async write(
    request: ReconcileRequest,
    service: Service,
    slices: readonly EndpointSlice[],
    wanted: readonly PortGroup[],
  ): Promise<void> {
    const { client } = this.tools
    const unused = slices.filter(({ metadata }) => metadata.deletionTimestamp === undefined)
    const take = (suits: (slice: EndpointSlice) => boolean): EndpointSlice | undefined => {
      const index = unused.findIndex(suits)
      return index === -1 ? undefined : unused.splice(index, 1)[0]
    }
    const changed = wanted.filter((group) => take((slice) => shows(slice, group)) === undefined)
    const created: EndpointSlice[] = []
    try {
      for (const group of changed) {
        const slice = take(({ ports = [] }) => equalJson(ports, group.ports)) ?? take(() => true)
        if (slice === undefined) created.push((await client.create(sliceOf(service, group))) as EndpointSlice)
        else await client.update({ ...slice, ports: group.ports, endpoints: group.endpoints })
      }
      for (const slice of unused) await this.deleteSlice(slice)
    } finally {
      if (changed.length + unused.length > 0) this.expectations.forget(request)
      this.expectations.expect(request, created, [])
    }
  }

  private async deleteSlice(slice: EndpointSlice): Promise<void> {
    await unlessGone(this.tools.client.delete(slice, { preconditions: { uid: slice.metadata.uid } }))
  }
}

function shows({ endpoints = [], ports = [] }: EndpointSlice, group: PortGroup): boolean {
  return equalJson(ports, group.ports) && equalJson(endpoints, group.endpoints)
}

/** A Service without endpoints keeps one empty slice. */
function slicesFor(service: Service, pods: readonly Pod[]): readonly PortGroup[] {
  const groups = portGroupsOf(service, pods)
  if (groups.length === 0) return [{ ports: [] as readonly EndpointPort[], endpoints: [] }]
  return groups.flatMap(({ ports, endpoints }) =>
    Array.from({ length: Math.ceil(endpoints.length / endpointsMax) }, (_, index) => ({
      ports,
      endpoints: endpoints.slice(index * endpointsMax, (index + 1) * endpointsMax),
    })),
  )
}

function sliceOf(service: Service, { ports, endpoints }: PortGroup): KubernetesObject {
  const { name, namespace, labels } = service.metadata
  return {
    ...endpointSliceType,
    metadata: {
      generateName: `${name}-`,
      ...(namespace === undefined ? {} : { namespace }),
      labels: { ...labels, [serviceNameLabel]: name, [managedByLabel]: managedBy },
      ownerReferences: [controllerReferenceTo(service)],
    },
    addressType: 'IPv4',
    ports,
    endpoints,
  } as KubernetesObject
}
