import { create, defineController, defineScenario } from 'kamera'
import { assertHolds, expectScenario, ScenarioNotHolding } from 'kamera/vitest'
import { describe, expect, it } from 'vitest'

const app = { apiVersion: 'example.com/v1', kind: 'App' }

/** Writes its colour where no other has written one yet: who comes first stays. */
const painter = (colour: string) =>
  defineController({
    name: colour,
    for: app,
    reconciler: ({ client }) => ({
      async reconcile(request) {
        const found = await client.tryGet(app, request)
        if (found !== undefined && found.spec?.colour === undefined) await client.update({ ...found, spec: { colour } })
      },
    }),
  })

const paintedBy = (...colours: string[]) =>
  defineScenario({
    name: 'painted',
    kinds: [app],
    controllers: colours.map(painter),
    actions: [create({ ...app, metadata: { namespace: 'default', name: 'web' }, spec: {} })],
  })

describe('expectScenario', () => {
  it('resolves to the report of a scenario that holds', async () => {
    expect(await expectScenario(paintedBy('red'))).toMatchObject({ verdict: 'holds', exhaustive: true })
  })

  it('fails with the findings and their steps as the message', async () => {
    const failure = await expectScenario(paintedBy('red', 'blue'), { faults: 0 }).catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(ScenarioNotHolding)
    const { message, report } = failure as ScenarioNotHolding
    expect(message).toContain('✗ painted: violated')
    expect(message).toContain('same-outcome')
    expect(message).toContain('red reconciles default/web')
    expect(message).not.toContain('Replay:')
    expect(message).not.toContain('\u001b')
    expect(report.findings).toHaveLength(1)
  })

  it('fails where the search was cut off: that is no proof', async () => {
    await expect(expectScenario(paintedBy('red'), { depthMax: 1 })).rejects.toThrow('painted: inconclusive')
  })

  it('reads manifests beside the scenario', async () => {
    const scenario = defineScenario({ name: 'files', controllers: [], objects: ['./nothing.yaml'] })
    await expect(expectScenario(scenario, { directory: import.meta.dirname })).rejects.toThrow('nothing.yaml')
  })
})

describe('assertHolds', () => {
  it('takes a report that holds, and throws for another', async () => {
    const report = await expectScenario(paintedBy('red'), { faults: 0 })
    expect(() => assertHolds(report)).not.toThrow()
    expect(() => assertHolds({ ...report, verdict: 'inconclusive', exhaustive: false })).toThrow(ScenarioNotHolding)
  })
})
