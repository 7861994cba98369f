/** `explore --from TRACE[@STEP]`: what is explored, and with which options, so that the search begins where a trace was. */
import type { KubernetesObject } from '#api/object.ts'
import type { Scenario } from '#cluster/scenario.ts'
import { unheardAtStep } from '#replays/recorded-lag.ts'
import { objectsAtStep } from '#replays/recorded-state.ts'
import { readTrace } from './read-trace.ts'
import { UsageError } from './usage-error.ts'
import type { SearchOptions } from './verbs.ts'

/** A trace, and where in it. */
export interface From {
  /** The file of its scenario, where the trace names one. */
  readonly scenario: string | undefined
  readonly set: Readonly<Record<string, unknown>>
  /** Of the run, below what the user gives. */
  readonly options: SearchOptions
  readonly apply: (scenario: Scenario) => Scenario
}

/** @param place `trace.jsonl`, or `trace.jsonl@17`: after step 17. @throws UsageError */
export function readFrom(place: string, workingDirectory: string, warn: (message: string) => void): From {
  const [, file = place, text] = /^(.*?)(?:@(\d+))?$/.exec(place) ?? []
  const { header, events } = readTrace(file, workingDirectory, warn)
  const last = events.at(-1)?.step ?? 0
  const step = text === undefined ? last : Number(text)
  if (step > last)
    throw new UsageError({
      what: `The trace ${file} has no step ${step}.`,
      why: `Its last step is ${last}.`,
      fix: `Write --from ${file}@${last}, or a step before it.`,
    })
  if (header.source === 'live') {
    const objects = objectsAtStep(events, step)
    const unheard = unheardAtStep(events, step)
    return {
      scenario: undefined,
      set: {},
      options: {},
      // What a scenario says of its own beginning is not true of this one.
      apply: ({ settled: _, initialRequests: __, ...scenario }) => ({
        ...scenario,
        objects: [...definitions(scenario), ...objects],
        ...(unheard === undefined ? {} : { unheard }),
      }),
    }
  }
  const { actions, options = {}, profile, granularity, file: scenario, set = {} } = header
  if (actions === undefined)
    throw new UsageError({
      what: `The trace ${file} does not say which actions it took.`,
      why: 'An older Kamera wrote it.',
      fix: 'Simulate the scenario again with --trace.',
    })
  // Its budgets are those of the run until the step; those of the search are the user's.
  const { lagMax, timeMaxMs, queue, shuffleLists, seed } = options as SearchOptions
  const run = { lagMax, timeMaxMs, queue, shuffleLists, seed }
  const after = actions.slice(0, text === undefined ? actions.length : step + 1)
  const given = { ...run, profiles: [profile], granularity: granularity as 'write', after } as SearchOptions
  return { scenario, set, options: given, apply: (same) => same }
}

/** What a recording does not show, since it was there before anybody looked: definitions of kinds. */
function definitions({ objects = [] }: Scenario): readonly KubernetesObject[] {
  return (objects as readonly KubernetesObject[]).filter(({ kind }) => kind === 'CustomResourceDefinition')
}
