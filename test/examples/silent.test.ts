/**
 * Correct controllers stay silent: the ten of `examples/correct`, every fixed twin and the benign traps, with one fault
 * under every profile, searched as a whole.
 */
import { describe, expect, it } from 'vitest'
import { explored, findExamples } from './run-example.ts'

const correct = findExamples().filter(({ name }) => /^correct\/|^corpus\/(T\d+$|AC\d+\/fixed$)/.test(name))

/** An old list (`legacy-restart`) may lie a whole rollout back: more events than `--lag-max` is by default. */
const LAG_MAX = ['--lag-max', '24']

/** Write by write these have 265,000 and 78,000 states under `legacy-restart`; by whole reconciles 19,000 and 16,000. */
const WHOLE_RECONCILES = new Set(['corpus/AC03/fixed', 'corpus/AC19/fixed'])

describe('a correct controller is silent under every profile', () => {
  it('there are ten of our own, the twins and the traps', () => expect(correct.length).toBeGreaterThanOrEqual(29))

  it.concurrent.each(correct)('$name', async ({ name, scenario }) => {
    const granularity = WHOLE_RECONCILES.has(name) ? ['--granularity', 'reconcile'] : []
    const { reports } = await explored(scenario, '--profile', 'all', '--faults', '1', ...LAG_MAX, ...granularity)
    expect(reports.map(({ verdict, exhaustive, findings }) => ({ verdict, exhaustive, findings }))).toEqual([
      { verdict: 'holds', exhaustive: true, findings: [] },
    ])
    expect(new Set(reports[0]?.levels.map(({ profile }) => profile)).size).toBe(6)
  })
})
