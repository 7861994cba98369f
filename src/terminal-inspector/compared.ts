/** Which two paths are looked at side by side: the runs of a finding with a fork, or an outcome and another one. */
import type { PathReference } from '#dump/format.ts'
import type { FieldDifference } from '#trace/report.ts'
import type { Entry, InspectorModel } from './model.ts'

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
  const others = othersOf(model)
  const other = others[model.other % Math.max(1, others.length)]
  if (entry === undefined || other === undefined) return undefined
  const side = ({ report, outcome }: OutcomeEntry): Side => ({
    name: model.comparison === undefined ? outcome.id : `${report.scenario} · ${outcome.id}`,
    path: outcome.first,
  })
  return { left: side(entry), right: side(other) }
}

type OutcomeEntry = Extract<Entry, { readonly type: 'outcome' }>

/** The other outcomes of the same search; of two files all others, those of the other file first. */
export function othersOf(model: InspectorModel): readonly OutcomeEntry[] {
  const entry = model.entries[model.entry]
  if (entry?.type !== 'outcome') return []
  const others = model.entries.filter((each): each is OutcomeEntry => each.type === 'outcome' && each !== entry)
  const isSame = ({ report }: Entry) => report === entry.report
  const same = others.filter(isSame)
  return model.comparison === undefined ? same : [...others.filter((each) => !isSame(each)), ...same]
}
