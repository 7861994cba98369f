/** A small cluster behind `respond`, for the tests of hosts: objects by name, a clock, numbered random values. */
import type { KubernetesObject } from '#api/object.ts'
import type {
  ControllerDefinition,
  ReconcileRequest,
  ReconcileResult,
  ReconcilerTools,
} from '#controller/controller.ts'
import { type Controller, defineController } from '#controller/define-controller.ts'
import type { HostCall, HostReply, Respond, RunOutcome } from '#controller/host.ts'
import { createInProcessHost, type InProcessHostOptions } from './in-process.ts'

export const pods = { apiVersion: 'v1', kind: 'Pod' }
export const startMs = Date.UTC(2030, 0, 1)

type Reconcile = (tools: ReconcilerTools, request: ReconcileRequest) => unknown

/** A controller named `test` whose reconciler is one function. */
export function controllerOf(reconcile: Reconcile, definition: Partial<ControllerDefinition> = {}): Controller {
  return defineController({
    name: 'test',
    for: pods,
    reconciler: (tools) => ({ reconcile: (request) => reconcile(tools, request) as Promise<ReconcileResult> }),
    ...definition,
  })
}

export interface Recorded {
  readonly outcome: RunOutcome
  readonly calls: readonly HostCall[]
  readonly batches: readonly number[]
}

/** Runs a reconciler once, on an own host, and returns what it asked for. */
export async function runOnce(
  reconcile: Reconcile,
  options: InProcessHostOptions & { readonly respond?: Respond } = {},
): Promise<Recorded> {
  return runController(controllerOf(reconcile), options)
}

export async function runController(
  controller: Controller,
  options: InProcessHostOptions & { readonly respond?: Respond } = {},
): Promise<Recorded> {
  const host = createInProcessHost([controller], options)
  const calls: HostCall[] = []
  const batches: number[] = []
  const respond = options.respond ?? smallCluster()
  try {
    const outcome = await host.run({
      controller: controller.name,
      request: { namespace: 'default', name: 'web' },
      respond: (call, batch) => {
        calls.push(call)
        batches.push(batch)
        return respond(call, batch)
      },
    })
    return { outcome, calls, batches }
  } finally {
    await host.close()
  }
}

function frozenPod(name: string): KubernetesObject {
  return Object.freeze({
    ...pods,
    metadata: Object.freeze({ namespace: 'default', name, resourceVersion: '7' }),
    spec: Object.freeze({ containers: Object.freeze([]) }),
  })
}

/** Every pod exists but one named `missing`; writes are accepted; each reading of the clock is 1 ms later. */
export function smallCluster(): Respond {
  let readings = 0
  let chances = 0
  return (call): HostReply => {
    if (call.op === 'now') return { value: startMs + readings++ }
    if (call.op === 'random') {
      chances += 1
      if (call.what === 'number') return { value: chances / 16 }
      if (call.what === 'uuid') return { value: `00000000-0000-4000-8000-${String(chances).padStart(12, '0')}` }
      return {
        value: chances
          .toString(16)
          .padStart(2, '0')
          .repeat(call.bytes ?? 0),
      }
    }
    if (call.op === 'event') return { event: { type: 'ADDED', object: frozenPod('a') } }
    if (call.op === 'external') {
      if (call.method === 'fail') return { failure: { name: 'QuotaError', message: 'no quota left', code: 'QUOTA' } }
      return { result: [call.system, call.method, ...call.args] }
    }
    if (call.op === 'list') return { items: [frozenPod('a'), frozenPod('b')] }
    if (call.name === 'missing') {
      return {
        status: {
          apiVersion: 'v1',
          kind: 'Status',
          metadata: {},
          status: 'Failure',
          reason: 'NotFound',
          code: 404,
          message: 'pods "missing" not found',
        },
      }
    }
    if (call.op === 'delete' || call.op === 'deletecollection') return { object: undefined }
    if (call.op === 'get') return { object: frozenPod(call.name ?? '') }
    return { object: ('body' in call ? call.body : {}) as unknown as KubernetesObject }
  }
}
