/**
 * Two controllers that report into one status, each its own field.
 * From flux source-controller #2012 and kratix #740: each sends the whole status of its own copy as a patch, which has
 * no resourceVersion, and so puts back what the other has written since that copy was made.
 */
import { defineController } from 'kamera'
import { source } from './workload.ts'

export function statusControllers() {
  return [statusController('source-controller', 'artifact'), statusController('scheduler', 'schedule')]
}

function statusController(name: string, field: string) {
  return defineController({
    name,
    process: name,
    for: source,
    reconciler: ({ client }) => ({
      async reconcile(request) {
        const object = await client.tryGet(source, request)
        if (object === undefined || object.status?.[field] === 'Ready') return
        const phase = object.status?.[field] === undefined ? 'Progressing' : 'Ready'
        const status = { ...object.status, [field]: phase }
        await client.status().patch(object, { status }, { patchType: 'merge' })
      },
    }),
  })
}
