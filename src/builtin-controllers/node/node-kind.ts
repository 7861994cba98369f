/** Nodes as controllers read them. */
import type { TypeReference } from '#api/object.ts'
import type { StoredObject } from '../kinds.ts'

export const nodeType: TypeReference = { apiVersion: 'v1', kind: 'Node' }

export interface Taint {
  readonly key: string
  readonly value?: string
  readonly effect: 'NoSchedule' | 'PreferNoSchedule' | 'NoExecute'
}

export interface NodeObject extends StoredObject {
  readonly spec?: { readonly unschedulable?: boolean; readonly taints?: readonly Taint[] }
}

/** What `spec.unschedulable` means as a taint. */
const unschedulable: Taint = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' }

export function taintsOf({ spec = {} }: NodeObject): readonly Taint[] {
  return [...(spec.taints ?? []), ...(spec.unschedulable === true ? [unschedulable] : [])]
}
