/** Where a reader begins with a finding: at the step that is to blame, not at the first one. */
import type { PathRecord } from '#trace/path.ts'
import type { ReportFinding } from '#trace/report.ts'

export interface Blamed extends Pick<ReportFinding, 'explanation'> {
  readonly fork?: { readonly commonSteps: number }
}

/** 0: the path, or run A of a fork; 1: run B, in which the finding was met. */
export function guiltyRun({ explanation, fork }: Blamed): 0 | 1 {
  return fork !== undefined && explanation?.write?.run === 'here' ? 1 : 0
}

/**
 * Place of the step in the path: that of the guilty write; without one where the runs part, where a cycle begins, and
 * else the last one, with which a path of a finding ends. Places and the numbers of steps differ where a run is
 * recorded from its fork on.
 *
 * @param run of the path
 */
export function guiltyStep({ explanation, fork }: Blamed, path: PathRecord, run: number): number {
  const write = explanation?.write
  const isOfRun = fork === undefined || (write?.run === 'here') === (run === 1)
  const blamed = write !== undefined && isOfRun ? write.step : fork?.commonSteps
  const { steps } = path
  const place =
    blamed === undefined
      ? steps.findIndex(({ cycleStart }) => cycleStart === true)
      : steps.findIndex(({ index }) =>
          fork !== undefined && blamed === fork.commonSteps ? index >= blamed : index === blamed,
        )
  return place < 0 ? Math.max(0, steps.length - 1) : place
}
