/**
 * Storage object in use protection: a finalizer keeps a claim while a pod mounts it, and a volume while a claim is
 * bound to it.
 *
 * Source: https://kubernetes.io/docs/concepts/storage/persistent-volumes/#storage-object-in-use-protection,
 * kubernetes/pkg/controller/volume/{pvcprotection,pvprotection}
 * Left out: the admission plugin that puts the finalizers on at creation. These controllers put them on, as upstream
 * for objects that are there already; what is deleted before that is not protected.
 */
import type { ReconcileRequest, Reconciler, ReconcilerTools } from '#controller/controller.ts'
import { type Controller, defineController } from '#controller/define-controller.ts'
import { type Pod, persistentVolumeClaimType, podType, type StoredObject } from '../kinds.ts'
import { hasEnded } from '../pod-state.ts'
import { controllerManagerProcess } from '../processes.ts'
import { claimNamesOf, persistentVolumeType, type Volume } from './volume-kinds.ts'

const claimFinalizer = 'kubernetes.io/pvc-protection'
const volumeFinalizer = 'kubernetes.io/pv-protection'

export function claimProtection(): Controller {
  return defineController({
    name: 'pvc-protection',
    process: controllerManagerProcess,
    for: {
      ...persistentVolumeClaimType,
      predicate: ({ type, object }) => type !== 'DELETED' && lacksStep(object as StoredObject, claimFinalizer),
    },
    watches: [
      {
        ...podType,
        // One that runs on a node can only hold a claim.
        predicate: ({ type, object }) =>
          type === 'DELETED' || hasEnded(object as Pod) || (object as Pod).spec.nodeName === undefined,
        requests: (pod) => claimNamesOf(pod as Pod).map((name) => ({ namespace: pod.metadata.namespace ?? '', name })),
      },
    ],
    reconciler: (tools) => new Protection(tools, claimFinalizer, async (request) => isMounted(request, tools)),
  })
}

export function volumeProtection(): Controller {
  return defineController({
    name: 'pv-protection',
    process: controllerManagerProcess,
    for: {
      ...persistentVolumeType,
      predicate: ({ type, object }) => type !== 'DELETED' && lacksStep(object as StoredObject, volumeFinalizer),
    },
    reconciler: (tools) =>
      new Protection(tools, volumeFinalizer, async (_request, volume) => (volume as Volume).status?.phase === 'Bound'),
  })
}

type IsInUse = (request: ReconcileRequest, object: StoredObject) => Promise<boolean>

class Protection implements Reconciler {
  private readonly tools: ReconcilerTools
  private readonly finalizer: string
  private readonly isInUse: IsInUse

  constructor(tools: ReconcilerTools, finalizer: string, isInUse: IsInUse) {
    this.tools = tools
    this.finalizer = finalizer
    this.isInUse = isInUse
  }

  async reconcile(request: ReconcileRequest): Promise<void> {
    const { client } = this.tools
    const type = this.finalizer === claimFinalizer ? persistentVolumeClaimType : persistentVolumeType
    const object = await client.tryGet<StoredObject>(type, request)
    if (object === undefined || !lacksStep(object, this.finalizer)) return
    const { finalizers = [], deletionTimestamp } = object.metadata
    if (deletionTimestamp !== undefined && (await this.isInUse(request, object))) return
    const changed =
      deletionTimestamp === undefined
        ? [...finalizers, this.finalizer]
        : finalizers.filter((finalizer) => finalizer !== this.finalizer)
    await client.update({ ...object, metadata: { ...object.metadata, finalizers: changed } })
  }
}

/** It has no finalizer and should, or has one and is being deleted. */
function lacksStep({ metadata }: StoredObject, finalizer: string): boolean {
  const isProtected = metadata.finalizers?.includes(finalizer) === true
  return isProtected === (metadata.deletionTimestamp !== undefined)
}

/** Whether a pod that has a node mounts the claim, by the cache and then by the API server. */
async function isMounted({ namespace = '', name }: ReconcileRequest, tools: ReconcilerTools): Promise<boolean> {
  for (const reader of [tools.client, tools.apiReader]) {
    const pods = await reader.list<Pod>(podType, { namespace })
    if (pods.some((pod) => pod.spec.nodeName !== undefined && claimNamesOf(pod).includes(name))) return true
  }
  return false
}
