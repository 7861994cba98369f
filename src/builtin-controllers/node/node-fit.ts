/**
 * Whether a pod may be on a node: its name, its labels, its taints. Resources, topology and other pods do not count.
 * Source: https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/,
 * https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/
 */
import type { PodSpec } from '../kinds.ts'
import { type NodeObject, type Taint, taintsOf } from './node-kind.ts'

export interface Toleration {
  readonly key?: string
  readonly operator?: 'Exists' | 'Equal'
  readonly value?: string
  readonly effect?: string
}

interface Requirement {
  readonly key: string
  readonly operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist' | 'Gt' | 'Lt'
  readonly values?: readonly string[]
}

export interface NodeSelectorTerm {
  readonly matchExpressions?: readonly Requirement[]
  readonly matchFields?: readonly Requirement[]
}

export interface SchedulingSpec extends PodSpec {
  readonly nodeSelector?: Readonly<Record<string, string>>
  readonly tolerations?: readonly Toleration[]
  readonly affinity?: {
    readonly nodeAffinity?: {
      readonly requiredDuringSchedulingIgnoredDuringExecution?: {
        readonly nodeSelectorTerms: readonly NodeSelectorTerm[]
      }
      readonly [preferred: string]: unknown
    }
    readonly [other: string]: unknown
  }
}

/** Name, selector and required affinity, taints aside. */
export function matchesNode(spec: SchedulingSpec, node: NodeObject): boolean {
  const { name, labels = {} } = node.metadata
  if (spec.nodeName !== undefined && spec.nodeName !== name) return false
  if (!Object.entries(spec.nodeSelector ?? {}).every(([key, value]) => labels[key] === value)) return false
  const required = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution
  return required === undefined || required.nodeSelectorTerms.some((term) => matchesTerm(term, name, labels))
}

/** Whether every taint of one of these effects is tolerated. */
export function toleratesTaints(
  tolerations: readonly Toleration[],
  node: NodeObject,
  effects: readonly Taint['effect'][],
): boolean {
  return taintsOf(node)
    .filter(({ effect }) => effects.includes(effect))
    .every((taint) => tolerations.some((toleration) => tolerates(toleration, taint)))
}

/** Whether the scheduler would put a pod on a node. */
export function mayBeScheduled(spec: SchedulingSpec, node: NodeObject): boolean {
  return matchesNode(spec, node) && toleratesTaints(spec.tolerations ?? [], node, ['NoSchedule', 'NoExecute'])
}

function tolerates({ key = '', operator = 'Equal', value = '', effect = '' }: Toleration, taint: Taint): boolean {
  if (effect !== '' && effect !== taint.effect) return false
  if (key !== '' && key !== taint.key) return false
  return operator === 'Exists' || (key !== '' && value === (taint.value ?? ''))
}

/** A term without requirements matches nothing. */
function matchesTerm(
  { matchExpressions = [], matchFields = [] }: NodeSelectorTerm,
  name: string,
  labels: Readonly<Record<string, string>>,
): boolean {
  if (matchExpressions.length + matchFields.length === 0) return false
  return (
    matchExpressions.every((requirement) => isMet(requirement, labels[requirement.key])) &&
    matchFields.every((requirement) => isMet(requirement, requirement.key === 'metadata.name' ? name : undefined))
  )
}

function isMet({ operator, values = [] }: Requirement, actual: string | undefined): boolean {
  switch (operator) {
    case 'In':
      return actual !== undefined && values.includes(actual)
    case 'NotIn':
      return actual === undefined || !values.includes(actual)
    case 'Exists':
      return actual !== undefined
    case 'DoesNotExist':
      return actual === undefined
    case 'Gt':
      return actual !== undefined && Number(actual) > Number(values[0])
    case 'Lt':
      return actual !== undefined && Number(actual) < Number(values[0])
  }
}
