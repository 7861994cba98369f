/**
 * Binds every PersistentVolumeClaim at once, as if there were storage of which nothing is to be seen; or, asked for
 * `volumes`, to PersistentVolumes (`persistentvolume/volume-binder.ts`).
 *
 * Source: https://kubernetes.io/docs/concepts/storage/persistent-volumes/#binding
 */
import type { Client } from '#controller/client.ts'
import type { MapFunction, ReconcileRequest, Reconciler } from '#controller/controller.ts'
import { type Controller, defineController } from '#controller/define-controller.ts'
import { type PersistentVolumeClaim, persistentVolumeClaimType } from '../kinds.ts'
import { VolumeBinder } from '../persistentvolume/volume-binder.ts'
import {
  type Claim,
  persistentVolumeType,
  storageClassType,
  unboundClaims,
  type Volume,
} from '../persistentvolume/volume-kinds.ts'
import { controllerManagerProcess } from '../processes.ts'

export interface PersistentVolumeBinderOptions {
  /**
   * Whether claims are bound to PersistentVolumes, found or, with StorageClasses and `volumeProvisioner`, made for
   * them. A cluster that has neither volumes nor classes binds them without. Default false.
   */
  readonly volumes?: boolean
}

export function persistentVolumeBinder({ volumes = false }: PersistentVolumeBinderOptions = {}): Controller {
  const definition = { name: 'persistentvolume-binder', process: controllerManagerProcess }
  if (volumes) {
    return defineController({
      ...definition,
      for: { ...persistentVolumeClaimType, predicate: ({ type }) => type !== 'DELETED' },
      watches: [
        { ...persistentVolumeClaimType, predicate: ({ type }) => type === 'DELETED', requests: volumeOfClaim },
        { ...persistentVolumeType, requests: volumeAndClaims },
        { ...storageClassType, predicate: ({ type }) => type === 'ADDED', requests: waitingClaims },
      ],
      reconciler: (tools) => new VolumeBinder(tools),
    })
  }
  return defineController({
    ...definition,
    for: {
      ...persistentVolumeClaimType,
      predicate: ({ type, object }) => type !== 'DELETED' && needsBinding(object as PersistentVolumeClaim),
    },
    reconciler: ({ client }) => new PersistentVolumeBinder(client),
  })
}

const volumeOfClaim: MapFunction = (claim) => {
  const name = (claim as Claim).spec?.volumeName ?? ''
  return name === '' ? [] : [{ name }]
}

/** The volume and the claim that it is for; one that is for none may be what claims wait for. */
const volumeAndClaims: MapFunction = async (object, { cached }) => {
  const { metadata, spec } = object as Volume
  const request = { name: metadata.name }
  if (spec.claimRef === undefined) return [request, ...(await unboundClaims(cached))]
  return [request, { namespace: spec.claimRef.namespace, name: spec.claimRef.name }]
}

const waitingClaims: MapFunction = (_class, { cached }) => unboundClaims(cached)

class PersistentVolumeBinder implements Reconciler {
  private readonly client: Client

  constructor(client: Client) {
    this.client = client
  }

  async reconcile(request: ReconcileRequest): Promise<void> {
    const claim = await this.client.tryGet<PersistentVolumeClaim>(persistentVolumeClaimType, request)
    if (claim === undefined || !needsBinding(claim)) return
    await this.client.status().update({
      ...claim,
      status: {
        ...claim.status,
        phase: 'Bound',
        accessModes: claim.spec?.accessModes ?? [],
        capacity: claim.spec?.resources?.requests ?? {},
      },
    })
  }
}

function needsBinding(claim: PersistentVolumeClaim): boolean {
  return claim.status?.phase !== 'Bound' && claim.metadata.deletionTimestamp === undefined
}
