import type { ResourceTable } from '#api/resource.ts'
import type { Program } from '#controller/program.ts'
import { type KameraMessage, PROTOCOL_VERSION } from './messages.ts'

/** A program may list what it serves, connect to nothing, and be slow on a busy machine. */
export const START_LIMIT_MS = 60_000
/** What the program's own watchdog is given before it is killed from here. */
export const GRACE_MS = 5000

/** What a child of a program is started with. */
export interface ChildOptions {
  readonly program: Program
  /** Absolute. */
  readonly directory: string
  readonly command: readonly string[]
  readonly resources: ResourceTable
  /** The clock at the start of the scenario. */
  readonly nowMs: number
  readonly stepLimitMs: number
}

/** What a program is told first. */
export function startMessage({ program, resources, nowMs, stepLimitMs }: ChildOptions): KameraMessage & {
  type: 'start'
} {
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
