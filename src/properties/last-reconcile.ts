/** The reconcile that a path ends in, and what it had read, for messages. */
import type { PathRecord, PathStep, ReadRecord } from '#trace/path.ts'

/** The steps of the last reconcile: one, or at granularity write those since it began. */
function lastReconcile({ steps }: PathRecord): readonly PathStep[] {
  const last = steps.at(-1)
  if (last === undefined || last.type !== 'write') return last === undefined ? [] : [last]
  const begins = steps.findLastIndex(
    ({ type, controller, request }) =>
      type === 'begin' && controller === last.controller && sameRequest(request, last.request),
  )
  return steps
    .slice(Math.max(0, begins))
    .filter(({ controller, request }) => controller === last.controller && sameRequest(request, last.request))
}

function sameRequest(a: PathStep['request'], b: PathStep['request']): boolean {
  return a?.name === b?.name && a?.namespace === b?.namespace
}

/** `Foo default/a (2 events behind)`: the reads of the last reconcile that were not fresh. */
export function staleReads(path: PathRecord): readonly string[] {
  const reads = lastReconcile(path).flatMap((step) => step.reads)
  return [...new Set(reads.filter(({ behind }) => behind > 0).map(staleRead))]
}

function staleRead({ op, type, target, behind }: ReadRecord): string {
  const what = op === 'get' ? `${type.kind} ${target}` : `the list of ${type.kind}${target === '' ? '' : ` ${target}`}`
  return `${what} (${behind} ${behind === 1 ? 'event' : 'events'} behind)`
}
