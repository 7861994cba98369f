/** Services and EndpointSlices as the controllers of endpoints read and write them. */
import type { TypeReference } from '#api/object.ts'
import type { StoredObject } from '../kinds.ts'

export const serviceType: TypeReference = { apiVersion: 'v1', kind: 'Service' }
export const endpointSliceType: TypeReference = { apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice' }
export const endpointsType: TypeReference = { apiVersion: 'v1', kind: 'Endpoints' }

export interface ServicePort {
  readonly name?: string
  readonly port: number
  readonly protocol?: string
  readonly appProtocol?: string
  /** A number, or the name of a container's port. */
  readonly targetPort?: number | string
}

export interface Service extends StoredObject {
  readonly spec: {
    readonly type?: string
    readonly clusterIP?: string
    readonly selector?: Readonly<Record<string, string>>
    readonly ports?: readonly ServicePort[]
    readonly publishNotReadyAddresses?: boolean
  }
}

/** A port at which endpoints are reached. */
export interface EndpointPort {
  readonly name: string
  readonly port: number
  readonly protocol: string
  readonly appProtocol?: string
}

export interface TargetReference {
  readonly kind: string
  readonly namespace?: string
  readonly name: string
  readonly uid: string
}

export interface Endpoint {
  readonly addresses: readonly string[]
  readonly conditions: { readonly ready: boolean; readonly serving: boolean; readonly terminating: boolean }
  readonly hostname?: string
  readonly nodeName?: string
  readonly targetRef: TargetReference
}

export interface EndpointSlice extends StoredObject {
  readonly addressType: string
  readonly endpoints?: readonly Endpoint[]
  readonly ports?: readonly EndpointPort[]
}
