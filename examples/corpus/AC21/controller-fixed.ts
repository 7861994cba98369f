/**
 * The fixed twin of `controller.ts`: the disk is asked for with a token that is known before it, the volume's uid, so
 * that asking again gives the same disk.
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
        const diskId = await external('cloud').createDisk(object.spec.sizeGb, object.metadata.uid)
        await client.status().update({ ...object, status: { diskId } })
      },
    }),
  })
}
