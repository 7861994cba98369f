/** Reports of paths that no search stands behind: of a replay, of chosen states, of a foreign dump. */
import type { KubernetesObject } from '#api/object.ts'
import type { ObjectName } from '#trace/path.ts'
import type { ExploreReport, ReportStatistics } from '#trace/report.ts'

const NOTHING_SEARCHED: ReportStatistics = {
  statesGenerated: 0,
  statesDistinct: 0,
  storesDistinct: 0,
  transitions: 0,
  reconcilesExecuted: 0,
  reconcilesAnswered: 0,
  depthMax: 0,
  elapsedMs: 0,
  statesPerSecond: 0,
  peakRssBytes: 0,
  collisionProbability: 0,
}

/** It says nothing of how far anything was searched: violated where there are findings, else inconclusive. */
export function pathReport(
  scenario: string,
  { outcomes = [], findings = [] }: Partial<Pick<ExploreReport, 'outcomes' | 'findings'>>,
): ExploreReport {
  return {
    formatVersion: 1,
    scenario,
    verdict: findings.length > 0 ? 'violated' : 'inconclusive',
    exhaustive: false,
    bounds: {},
    levels: [],
    statistics: NOTHING_SEARCHED,
    outcomes,
    findings,
    lints: [],
  }
}

export function objectName({ kind, metadata }: KubernetesObject): ObjectName {
  return `${kind} ${metadata.namespace === undefined ? '' : `${metadata.namespace}/`}${metadata.name}`
}
