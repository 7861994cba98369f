/** Which two paths are looked at side by side: the runs of a finding with a fork, or an outcome and another one. */
import type { PathReference } from '#dump/format.ts'
import type { FieldDifference } from '#trace/report.ts'
import type { InspectorModel } from './model.ts'

interface Side {
  readonly name: string
  readonly path: PathReference
}

export interface Compared {
  readonly left: Side
  readonly right: Side
  /** Of the runs of a fork, which the search has compared. */
  readonly differences?: readonly FieldDifference[]
  readonly commonSteps?: number
}

/** Undefined where there is nothing to compare with. */
export function comparedOf(model: InspectorModel): Compared | undefined {
  const entry = model.entries[model.entry]
  if (entry?.type === 'finding') {
    const { fork } = entry.finding
    if (fork === undefined) return undefined
    const { left, right, differences, commonSteps } = fork
    return { left: { name: 'run A', path: left }, right: { name: 'run B', path: right }, differences, commonSteps }
  }
  const others = (entry?.report.outcomes ?? []).filter(({ id }) => id !== entry?.outcome.id)
  const other = others[model.other % Math.max(1, others.length)]
  if (entry === undefined || other === undefined) return undefined
  const { id, first } = entry.outcome
  return { left: { name: id, path: first }, right: { name: other.id, path: other.first } }
}
