/**
 * Binds every PersistentVolumeClaim at once, as a provisioner with volumeBindingMode Immediate would.
 *
 * Source: https://kubernetes.io/docs/concepts/storage/persistent-volumes/#binding
 * Left out: PersistentVolume objects, StorageClasses, and the finalizer `kubernetes.io/pvc-protection` (a claim in use
 * goes as soon as it is deleted, where a real cluster keeps it until its pod is gone).
 */
import type { Client } from '#controller/client.ts'
import type { ReconcileRequest, Reconciler } from '#controller/controller.ts'
import { type Controller, defineController } from '#controller/define-controller.ts'
import { type PersistentVolumeClaim, persistentVolumeClaimType } from '../kinds.ts'
import { controllerManagerProcess } from '../processes.ts'

export function persistentVolumeBinder(): Controller {
  return defineController({
    name: 'persistentvolume-binder',
    process: controllerManagerProcess,
    for: {
      ...persistentVolumeClaimType,
      predicate: ({ type, object }) => type !== 'DELETED' && needsBinding(object as PersistentVolumeClaim),
    },
    reconciler: ({ client }) => new PersistentVolumeBinder(client),
  })
}

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
