/** The fixed twin of `controller.ts`: a patch says what its controller has to say, and nothing else. */
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
        const status = { [field]: phase }
        await client.status().patch(object, { status }, { patchType: 'merge' })
      },
    }),
  })
}
