/**
 * The Endpoints controller: the older form of a Service's endpoints, one object of the Service's name, with ready and
 * not ready addresses apart. Pods that terminate are in neither. It has no owner: the controller deletes it with the
 * Service.
 *
 * Source: https://kubernetes.io/docs/reference/kubernetes-api/service-resources/endpoints-v1/,
 * kubernetes/pkg/controller/endpoint/endpoints_controller.go. Left out: the limit of 1000 addresses, the annotation
 * with the time of the last change.
 */
import { equalJson } from '#api/equal.ts'
import type { KubernetesObject } from '#api/object.ts'
import type { Client } from '#controller/client.ts'
import type { Predicate, ReconcileRequest, Reconciler } from '#controller/controller.ts'
import { type Controller, defineController } from '#controller/define-controller.ts'
import {
  changesEndpoint,
  hasManagedEndpoints,
  isHeadless,
  type PortGroup,
  portGroupsOf,
  servicesOfPod,
} from '../endpointslice/service-endpoints.ts'
import { type Endpoint, endpointsType, type Service, serviceType } from '../endpointslice/service-kind.ts'
import { type Pod, podType, type StoredObject } from '../kinds.ts'
import { isTerminating } from '../pod-state.ts'
import { controllerManagerProcess } from '../processes.ts'
import { unlessGone } from '../unless-gone.ts'

const managedByLabel = 'endpoints.kubernetes.io/managed-by'
const managedBy = 'endpoint-controller'
const headlessLabel = 'service.kubernetes.io/headless'

export function endpoints(): Controller {
  return defineController({
    name: 'endpoints',
    process: controllerManagerProcess,
    for: { ...serviceType, predicate: changesService },
    watches: [
      { ...podType, predicate: changesEndpoint, requests: servicesOfPod },
      {
        ...endpointsType,
        predicate: ({ type, object }) => type !== 'MODIFIED' && object.metadata.labels?.[managedByLabel] === managedBy,
        requests: ({ metadata }) => [{ namespace: metadata.namespace ?? '', name: metadata.name as string }],
      },
    ],
    reconciler: ({ client }) => new EndpointsReconciler(client),
  })
}

const changesService: Predicate = ({ type, object, old }) =>
  type !== 'MODIFIED' ||
  !equalJson(object['spec'], old?.['spec']) ||
  !equalJson(object.metadata.labels, old?.metadata.labels)

class EndpointsReconciler implements Reconciler {
  private readonly client: Client

  constructor(client: Client) {
    this.client = client
  }

  async reconcile(request: ReconcileRequest): Promise<void> {
    const { client } = this
    const service = await client.tryGet<Service>(serviceType, request)
    const current = await client.tryGet<StoredObject>(endpointsType, request)
    if (service === undefined) {
      if (current?.metadata.labels?.[managedByLabel] === managedBy) await this.deleteLeftover(current)
      return
    }
    if (!hasManagedEndpoints(service) || service.metadata.deletionTimestamp !== undefined) return
    const { namespace = '' } = request
    const pods = await client.list<Pod>(podType, { namespace, labelSelector: service.spec.selector ?? {} })
    const tolerant = service.spec.publishNotReadyAddresses === true
    const shown = pods.filter((pod) => tolerant || !isTerminating(pod))
    const subsets = portGroupsOf(service, shown).map(subsetOf)
    const labels = labelsOf(service)
    if (current === undefined) {
      await client.create(endpointsOf(service, labels, subsets))
    } else if (!equalJson(current['subsets'] ?? [], subsets) || !equalJson(current.metadata.labels ?? {}, labels)) {
      await client.update({ ...current, metadata: { ...current.metadata, labels }, subsets })
    }
  }

  private async deleteLeftover(object: StoredObject): Promise<void> {
    await unlessGone(this.client.delete(object, { preconditions: { uid: object.metadata.uid } }))
  }
}

function labelsOf(service: Service): Readonly<Record<string, string>> {
  return {
    ...service.metadata.labels,
    [managedByLabel]: managedBy,
    ...(isHeadless(service) ? { [headlessLabel]: '' } : {}),
  }
}

function endpointsOf(
  { metadata: { name, namespace } }: Service,
  labels: Readonly<Record<string, string>>,
  subsets: readonly object[],
): KubernetesObject {
  return {
    ...endpointsType,
    metadata: { name, ...(namespace === undefined ? {} : { namespace }), labels },
    subsets,
  } as KubernetesObject
}

function subsetOf({ ports, endpoints: all }: PortGroup): object {
  const ready = all.filter(({ conditions }) => conditions.ready).map(addressOf)
  const notReady = all.filter(({ conditions }) => !conditions.ready).map(addressOf)
  return {
    ...(ready.length === 0 ? {} : { addresses: ready }),
    ...(notReady.length === 0 ? {} : { notReadyAddresses: notReady }),
    ports: ports.map(({ name, ...port }) => (name === '' ? port : { name, ...port })),
  }
}

function addressOf({ addresses, hostname, nodeName, targetRef }: Endpoint): object {
  return {
    ip: addresses[0],
    ...(hostname === undefined ? {} : { hostname }),
    ...(nodeName === undefined ? {} : { nodeName }),
    targetRef,
  }
}
