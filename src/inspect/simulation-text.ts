/** Seeded runs as text for people: the report of what they met, then how they went and which seeds show what. */
import type { SimulateReport } from '#trace/report.ts'
import { count, formatNumber, plainData, wrapParts } from './plain-text.ts'
import { textReport } from './text-report.ts'
import { type TextOptions, textStyle } from './text-style.ts'

/** @param options.path of the scenario, for the command that repeats a run */
export function simulationText(report: SimulateReport, options: TextOptions & { readonly path: string }): string {
  const style = textStyle(options)
  const { simulation, findings } = plainData(report)
  const { strategy, seed, runs, steps, runsPerSecond, ended, stepsMax, plan } = simulation
  const last = seed + Math.max(0, runs - 1)
  const went = [
    `${count(runs, 'run')} (${strategy}, seed${runs === 1 ? '' : 's'} ${seed}${runs === 1 ? '' : ` to ${last}`})`,
    count(steps, 'step'),
    `${formatNumber(runsPerSecond)} runs/s`,
    ...(ended.end > 0 ? [`${formatNumber(ended.end)} until nothing was left to do`] : []),
    ...(ended.steps > 0 ? [`${formatNumber(ended.steps)} cut after ${stepsMax} steps`] : []),
    ...(ended.cut > 0 ? [`${formatNumber(ended.cut)} cut at a bound`] : []),
  ]
  if (plan !== undefined) {
    const most = plan.completed > 0 ? '' : `, at most ${plan.actionsMax} of its ${count(plan.actions, 'action')}`
    went.push(`the plan was carried out in ${count(plan.completed, 'run')}${most}`)
  }
  // Not wrapped: commands are to be copied.
  const seeds = findings.flatMap(({ id, seeds: [first, other] = [] }) => {
    if (first === undefined) return []
    const differs = other === undefined ? '' : `; it differs from the run of seed ${other}`
    return `${id}: seed ${first}${differs}: kamera simulate ${options.path} --seed ${first} --runs 1 (and the same options)`
  })
  const lines = [...wrapParts(went, style.columns).map((line) => style.colours.dim(line)), ...seeds]
  return `${textReport(report, options)}\n${lines.join('\n')}\n`
}
