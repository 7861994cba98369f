/**
 * Explains a finding from its path: the guilty write, the reads it rests on, how far behind each was and what was true
 * then, whether fresh reads would have avoided it (that is executed), and what generally helps.
 */
import { at } from '#checker/growable.ts'
import type { Level } from '#cluster/level.ts'
import type { Violation } from '#properties/violation.ts'
import type { PathRecord, PathStep } from '#trace/path.ts'
import type { ExplainedRead, Explanation } from '#trace/report.ts'
import { type Counterfactual, counterfactual } from './counterfactual.ts'
import { explanationText } from './explanation-text.ts'
import type { GuiltyWrite } from './guilty-write.ts'
import { remediesFor } from './remedies.ts'
import { plainModel, stateAfter } from './shortest-path.ts'

export interface Explained {
  readonly violation: Violation
  readonly level: Level
  readonly path: PathRecord
  readonly other: PathRecord | undefined
  readonly guilty: GuiltyWrite | undefined
  readonly controllers: readonly string[]
}

export async function explain({ violation, level, path, other, guilty, controllers }: Explained): Promise<Explanation> {
  const run = guilty?.run === 'other' ? (other ?? path) : path
  const begin = guilty === undefined ? undefined : beginOf(run.steps, guilty.step)
  const reads = guilty === undefined || begin === undefined ? [] : readsBetween(run.steps, begin, guilty.step)
  const stale = reads.filter(({ behind }) => behind > 0)
  const executed =
    guilty === undefined || begin === undefined || stale.length === 0
      ? undefined
      : await executeFresh(level, run, { begin, guilty, stale })
  const faults = path.steps.flatMap(({ index, faults }) =>
    faults.map(({ description }) => ({ step: index, description })),
  )
  const remedies = remediesFor({ oracle: violation.oracle, path, guilty, stale, counterfactual: executed, controllers })
  const facts = {
    ...(guilty === undefined ? {} : { write: writeOf(guilty) }),
    reads: [...stale, ...reads.filter(({ behind }) => behind === 0)],
    ...(executed === undefined ? {} : { counterfactual: executed }),
    faults,
    remedies,
  }
  return { ...facts, text: explanationText(facts) }
}

function writeOf({ run, step, controller, write }: GuiltyWrite): NonNullable<Explanation['write']> {
  return {
    run,
    step,
    ...(controller === undefined ? {} : { controller }),
    operation: write.op,
    object: write.object,
    ...(write.subresource === undefined ? {} : { subresource: write.subresource }),
  }
}

/** The step in which the reconcile of a step began; undefined when the step is no reconcile's. */
function beginOf(steps: readonly PathStep[], index: number): number | undefined {
  const step = steps[index]
  if (step?.request === undefined || (step.type !== 'reconcile' && step.type !== 'write')) return undefined
  if (step.type === 'reconcile') return index
  const begins = steps.slice(0, index).findLastIndex((before) => before.type === 'begin' && sameRequest(before, step))
  return begins < 0 ? undefined : begins
}

function sameRequest(a: PathStep, b: PathStep): boolean {
  return (
    a.controller === b.controller &&
    a.request?.name === b.request?.name &&
    a.request?.namespace === b.request?.namespace
  )
}

function readsBetween(steps: readonly PathStep[], begin: number, end: number): readonly ExplainedRead[] {
  const own = steps.slice(begin, end + 1).filter((step) => sameRequest(step, steps[begin] as PathStep))
  return own.flatMap(({ index, reads }) => reads.map((read) => ({ ...read, step: index })))
}

interface StaleRun {
  readonly begin: number
  readonly guilty: GuiltyWrite
  readonly stale: readonly ExplainedRead[]
}

async function executeFresh(
  level: Level,
  run: PathRecord,
  { begin, guilty, stale }: StaleRun,
): Promise<Counterfactual | undefined> {
  const before = await stateAfter(plainModel(level), at(level.graph.entryBudget, 0), run.actions.slice(0, begin))
  const { controller, request: key } = run.steps[begin] as PathStep
  const request = level.cluster.requests.find(
    (each) =>
      each.controller.definition.name === controller &&
      each.name === key?.name &&
      each.namespace === (key?.namespace ?? ''),
  )
  if (before === undefined || request === undefined) return undefined
  const kinds = [...new Set(stale.map(({ type }) => type.kind))]
  return counterfactual(level, { request, state: before.state, write: guilty.write, kinds })
}
