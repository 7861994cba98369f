/** The result depends on how the final spec came about. */
import { describe, expect, test } from 'vitest'
import type { ScenarioDefinition } from '#cluster/scenario.ts'
import { explored, replayed } from './explored.ts'
import { appliedTwice, grower, patchedPart, rememberer, removedAndApplied, scaler } from './histories.ts'

const NAME = 'history-independent'

const oracles = async (definition: ScenarioDefinition, options = {}): Promise<readonly string[]> =>
  (await explored(definition, options)).report.findings.map(({ oracle }) => oracle)

describe('flagged', () => {
  test('a part that is left of a spec that is no more', async () => {
    const { finding } = await explored(grower, { faults: 0 })
    const { message, objects, controllers, steps, without } = finding(NAME)
    expect(message).toBe(
      'the cluster rests otherwise than a start from the final spec alone: Part default/a-1 is there and should not be.',
    )
    expect({ objects, controllers, steps }).toEqual({ objects: ['Part default/a-1'], controllers: [], steps: 1 })
    expect(without?.actions).toHaveLength(1)
  })

  test('a status that remembers what was seen', async () => {
    const { message, controllers, explanation } = (await explored(rememberer, { faults: 0 })).finding(NAME)
    expect(message).toContain('App default/a has status.most 3 instead of 1')
    expect(controllers).toEqual(['operator'])
    expect(explanation?.remedies.map(({ id }) => id)).toEqual(['level-based'])
  })

  test('what the user has done to a part, which nobody puts back', async () => {
    expect((await explored(patchedPart, { faults: 0 })).finding(NAME).objects).toEqual(['Part default/a-0'])
  })

  test('under every profile, and a replay finds it again', async () => {
    const profiles = [
      'consistency-store',
      'lagging',
      'legacy-fifo',
      'legacy-restart',
      'linearizable',
      'read-your-writes',
    ]
    expect([...(await explored(grower)).finding(NAME).profiles].sort()).toEqual(profiles)
    expect(await replayed(grower, NAME, { faults: 0 })).toBe('reproduced')
    expect(await replayed(rememberer, NAME, { faults: 0 })).toBe('reproduced')
  })
})

describe('not flagged', () => {
  test.each([
    ['parts with fixed names, scaled down and up', scaler],
    ['an object that is removed and created again', removedAndApplied],
    ['a manifest that lacks what it had before', appliedTwice],
  ])('%s', async (_, definition) => {
    const { report } = await explored(definition)
    expect(report.findings.map(({ key }) => key)).toEqual([])
    expect(report.verdict).toBe('holds')
  })

  test('where nobody asks, or what is asked for is left out', async () => {
    expect(await oracles({ ...grower, oracles: {} }, { faults: 0 })).not.toContain(NAME)
    expect(await oracles({ ...grower, oracles: { [NAME]: false } }, { faults: 0 })).not.toContain(NAME)
    expect(await oracles({ ...grower, oracles: { [NAME]: { exclude: ['Part'] } } }, { faults: 0 })).not.toContain(NAME)
  })

  test('in no statistics', async () => {
    const statistics = async (oracle: boolean) => {
      const { report } = await explored({ ...scaler, oracles: { [NAME]: oracle } })
      const { statesDistinct, transitions, reconcilesExecuted } = report.statistics
      return { statesDistinct, transitions, reconcilesExecuted }
    }
    expect(await statistics(true)).toEqual(await statistics(false))
  })
})
