/** Two traces side by side: what is at their ends, and what happened in one of them only. */
import { differences, type ObjectDifference } from '#inspect/diff.ts'
import type { ObjectName } from '#trace/path.ts'
import type { FinalContents } from './final-contents.ts'
import type { TraceSummary } from './summary.ts'

export interface TraceComparison {
  /** Objects that only one of the traces has at its end, and those whose fields differ there. */
  readonly onlyLeft: readonly ObjectName[]
  readonly onlyRight: readonly ObjectName[]
  readonly changed: readonly { readonly object: ObjectName; readonly differences: readonly ObjectDifference[] }[]
  /** Numbers of controllers that differ; a controller that one trace lacks has zeros there. */
  readonly counts: readonly {
    readonly controller: string
    readonly what: (typeof COMPARED)[number]
    readonly left: number
    readonly right: number
  }[]
}

/** One end of a comparison. */
export interface ComparedTrace {
  readonly summary: TraceSummary
  readonly contents: FinalContents
}

const COMPARED = ['reconciles', 'errors', 'conflicts', 'writes', 'unchangedWrites', 'unfinished'] as const

/** They differ from run to run, and say nothing of what was reached. */
const IGNORED = ['uid', 'resourceVersion', 'managedFields', 'creationTimestamp', 'generation', 'ownerReferences'].map(
  (field) => `metadata.${field}`,
)

export function compareTraces(left: ComparedTrace, right: ComparedTrace): TraceComparison {
  const objects = [...left.contents.keys()]
  return {
    onlyLeft: objects.filter((object) => !right.contents.has(object)),
    onlyRight: [...right.contents.keys()].filter((object) => !left.contents.has(object)),
    changed: objects.flatMap((object) => {
      const [one, other] = [left.contents.get(object), right.contents.get(object)]
      if (one === undefined || other === undefined) return []
      const found = differences(one, other, IGNORED)
      return found.length === 0 ? [] : [{ object, differences: found }]
    }),
    counts: compareCounts(left.summary, right.summary),
  }
}

/** Whether they end alike; how often something happened on the way is no difference. */
export function endAlike({ onlyLeft, onlyRight, changed }: TraceComparison): boolean {
  return onlyLeft.length + onlyRight.length + changed.length === 0
}

function compareCounts(left: TraceSummary, right: TraceSummary): TraceComparison['counts'] {
  const names = new Set([...left.controllers, ...right.controllers].map(({ controller }) => controller))
  return [...names].flatMap((controller) =>
    COMPARED.flatMap((what) => {
      const sum = ({ controllers }: TraceSummary) =>
        controllers.reduce((total, each) => total + (each.controller === controller ? each[what] : 0), 0)
      const counted = { controller, what, left: sum(left), right: sum(right) }
      return counted.left === counted.right ? [] : [counted]
    }),
  )
}
