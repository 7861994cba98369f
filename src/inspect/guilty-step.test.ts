import { expect, it } from 'vitest'
import { fight, forkedOutcome, staleDeletion } from '../../test/cli/reports.ts'
import { guiltyRun, guiltyStep } from './guilty-step.ts'

const blaming = (run: 'here' | 'other', step: number) => ({
  explanation: {
    reads: [],
    faults: [],
    remedies: [],
    text: [],
    write: { run, step, object: 'a', operation: 'update' as const },
  },
})

it('is that of the guilty write, in its run', () => {
  expect(guiltyStep({ ...blaming('here', 1) }, staleDeletion.path, 0)).toBe(1)
  const forked = { ...forkedOutcome, ...blaming('here', 2) }
  expect(guiltyRun(forked)).toBe(1)
  expect(guiltyStep(forked, forked.path, 1)).toBe(2)
  expect(guiltyStep(forked, forked.path, 0)).toBe(1)
  expect(guiltyRun({ ...forkedOutcome, ...blaming('other', 2) })).toBe(0)
})

it('is else where the runs part, where a cycle begins, or the last one', () => {
  expect(guiltyStep(forkedOutcome, forkedOutcome.path, 0)).toBe(1)
  expect(guiltyStep(fight, fight.path, 0)).toBe(1)
  expect(guiltyStep(staleDeletion, staleDeletion.path, 0)).toBe(staleDeletion.path.steps.length - 1)
  expect(guiltyStep(staleDeletion, { actions: [], steps: [] }, 0)).toBe(0)
})
