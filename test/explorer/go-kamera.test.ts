/** The numbers of the reference: converged states, and the states of its graph of (contents, pending reconciles). */
import { describe, expect, it } from 'vitest'
import { modeFlip, ownerRace, type System, trivial } from './go-kamera.ts'

const explored = async ({ builder, initial }: System) => builder.build().explore(initial)

describe('the systems of the reference', () => {
  it('trivial: both run the same code, and end in A-Final', async () => {
    const result = await explored(trivial())
    expect(result.convergedStates.map(({ objects }) => objects.map(({ kind, status }) => [kind, status]))).toEqual([
      [['Foo', { state: 'A-Final' }]],
    ])
    expect(result.abortedStates).toEqual([])
    expect(result.statistics.statesDistinct).toBe(6)
    expect(result).toMatchObject({ verdict: 'holds', exhaustive: true, findings: [] })
  })

  it('mode flip: A-Final without the annotation, B-Final with it', async () => {
    const result = await explored(modeFlip())
    const ends = result.convergedStates.map(({ objects: [foo] }) => [
      foo?.status.state,
      foo?.metadata.annotations ?? {},
    ])
    expect(ends.sort()).toEqual([
      ['A-Final', {}],
      ['B-Final', { 'mode-flip-done': 'true' }],
    ])
    expect(result.statistics.statesDistinct).toBe(17)
    expect(result.findings.map(({ oracle }) => oracle)).toEqual(['same-outcome'])
  })

  it('owner race: alpha has it in the end', async () => {
    const result = await explored(ownerRace())
    expect(result.convergedStates.map(({ objects: [toggle] }) => toggle?.status.owner)).toEqual(['alpha'])
    expect(result.statistics.statesDistinct).toBe(7)
  })

  it('is cut at the depth given, and says where', async () => {
    const { builder, initial } = modeFlip()
    const result = await builder.withMaxDepth(4).build().explore(initial)
    expect(result).toMatchObject({ verdict: 'inconclusive', exhaustive: false, convergedStates: [] })
    expect(result.abortedStates.length).toBeGreaterThan(0)
    for (const { paths } of result.abortedStates) expect(first(paths).steps).toHaveLength(4)
  })
})

function first<T>(items: Iterable<T>): T {
  for (const item of items) return item
  throw new Error('there is none')
}
