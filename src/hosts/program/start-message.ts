import type { ResourceTable } from '#api/resource.ts'
import type { Program } from '#controller/program.ts'
import { type KameraMessage, PROTOCOL_VERSION } from './messages.ts'

interface Start {
  readonly program: Program
  readonly resources: ResourceTable
  readonly nowMs: number
  readonly stepLimitMs: number
}

/** What a program is told first. */
export function startMessage({ program, resources, nowMs, stepLimitMs }: Start): KameraMessage & { type: 'start' } {
  return {
    type: 'start',
    protocol: PROTOCOL_VERSION,
    resources: resources.all.map(({ group, version, kind, resource, namespaced }) => {
      return { group, version, kind, resource, namespaced }
    }),
    nowMs,
    instances: program.instances ?? 'fresh',
    stepLimitMs,
  }
}
