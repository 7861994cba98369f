/**
 * What the external provisioner of a CSI driver does: makes a volume for each claim that asks for one, and deletes the
 * volumes that it made once they are released, where their class says so.
 *
 * Source: https://kubernetes.io/docs/concepts/storage/dynamic-provisioning/,
 * https://github.com/kubernetes-csi/external-provisioner
 * Left out: the storage itself (creation never fails and takes no time), capacity, topology, its own finalizer.
 */
import { ApiError } from '#api/status.ts'
import type { MapFunction, ReconcileRequest, Reconciler, ReconcilerTools } from '#controller/controller.ts'
import { type Controller, defineController } from '#controller/define-controller.ts'
import { persistentVolumeClaimType } from '../kinds.ts'
import { provisionerProcess } from '../processes.ts'
import { unlessGone } from '../unless-gone.ts'
import {
  type Claim,
  classOf,
  persistentVolumeType,
  provisionedBy,
  provisions,
  selectedNode,
  storageClassType,
  storageProvisioner,
  unboundClaims,
  type Volume,
  waitsForConsumer,
} from './volume-kinds.ts'

export function volumeProvisioner(): Controller {
  return defineController({
    name: 'volume-provisioner',
    process: provisionerProcess,
    for: {
      ...persistentVolumeClaimType,
      predicate: ({ type, object }) => type !== 'DELETED' && isAskedFor(object as Claim),
    },
    watches: [
      {
        ...persistentVolumeType,
        predicate: ({ type, object }) => type !== 'DELETED' && isToDelete(object as Volume),
        requests: ({ metadata: { name = '' } }) => [{ name }],
      },
      { ...storageClassType, predicate: ({ type }) => type === 'ADDED', requests: claimsAskedFor },
    ],
    reconciler: (tools) => new VolumeProvisioner(tools),
  })
}

const claimsAskedFor: MapFunction = (_class, { cached }) => unboundClaims(cached)

class VolumeProvisioner implements Reconciler {
  private readonly tools: ReconcilerTools

  constructor(tools: ReconcilerTools) {
    this.tools = tools
  }

  /** Requests without a namespace are volumes. */
  async reconcile(request: ReconcileRequest): Promise<void> {
    const { client } = this.tools
    const { namespace = '', name } = request
    if (namespace === '') {
      const volume = await client.tryGet<Volume>(persistentVolumeType, { name })
      if (volume !== undefined && isToDelete(volume)) await this.delete(volume)
      return
    }
    const claim = await client.tryGet<Claim>(persistentVolumeClaimType, request)
    if (claim === undefined || !isAskedFor(claim)) return
    const found = await classOf(claim, client)
    if (!provisions(found)) return
    if (waitsForConsumer(found) && claim.metadata.annotations?.[selectedNode] === undefined) return
    const volumeName = `pvc-${claim.metadata.uid}`
    if ((await client.tryGet(persistentVolumeType, { name: volumeName })) !== undefined) return
    const { accessModes = [], resources, volumeMode = 'Filesystem' } = claim.spec ?? {}
    await this.create({
      ...persistentVolumeType,
      metadata: { name: volumeName, annotations: { [provisionedBy]: found.provisioner } },
      spec: {
        accessModes,
        capacity: resources?.requests ?? {},
        claimRef: { ...persistentVolumeClaimType, namespace, name, uid: claim.metadata.uid },
        csi: { driver: found.provisioner, volumeHandle: volumeName },
        persistentVolumeReclaimPolicy: found.reclaimPolicy ?? 'Delete',
        storageClassName: found.metadata.name,
        volumeMode,
      },
    })
  }

  /** The name says which claim it is for, so one that is there was made by an attempt that the cache does not show. */
  private async create(volume: object): Promise<void> {
    try {
      await this.tools.client.create(volume)
    } catch (error) {
      if (!(error instanceof ApiError && error.isAlreadyExists)) throw error
    }
  }

  private async delete(volume: Volume): Promise<void> {
    await unlessGone(this.tools.client.delete(volume, { preconditions: { uid: volume.metadata.uid } }))
  }
}

function isAskedFor({ metadata, spec }: Claim): boolean {
  return (
    metadata.deletionTimestamp === undefined &&
    metadata.annotations?.[storageProvisioner] !== undefined &&
    (spec?.volumeName ?? '') === ''
  )
}

function isToDelete({ metadata, spec, status }: Volume): boolean {
  return (
    metadata.deletionTimestamp === undefined &&
    status?.phase === 'Released' &&
    spec.persistentVolumeReclaimPolicy === 'Delete' &&
    metadata.annotations?.[provisionedBy] !== undefined
  )
}
