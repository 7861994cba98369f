/**
 * A volume operator that makes a disk in a cloud and notes its id in the status.
 * From crossplane #3037 and karpenter #1448: whoever ends between the two never learns of the disk, and its successor
 * makes another. Nobody will ever delete the first, and somebody pays for it.
 */
import { defineController } from 'kamera'
import { volume } from './workload.ts'

export function volumeController() {
  return defineController({
    name: 'volume-operator',
    for: volume,
    reconciler: ({ client, external }) => ({
      async reconcile(request) {
        const object = await client.tryGet(volume, request)
        if (object === undefined || object.status?.diskId !== undefined) return
        const diskId = await external('cloud').createDisk(object.spec.sizeGb)
        await client.status().update({ ...object, status: { diskId } })
      },
    }),
  })
}
