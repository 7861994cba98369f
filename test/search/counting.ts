/** A scenario with a bug that one lag shows, in a space as large as one likes; for walks and simulations. */
import { create, defineScenario, type Scenario } from '#cluster/scenario.ts'
import { always } from '#properties/user.ts'
import type { CounterexampleFile, ExploreReport, ReportFinding } from '#trace/report.ts'
import { type AnyObject, app, appType, controllerOf, part, partType } from './scenario-search.ts'

const kinds = [{ ...appType, statusSubresource: true }, partType]

/** Creates parts by count from its cache, under generated names: too many when it lags behind its own writes. */
export function counting(noise: number): Scenario {
  const counts = controllerOf(
    'counter',
    async (client, request) => {
      const self = await client.tryGet<AnyObject>(appType, request)
      if (self === undefined || self.status?.made === true) return
      const parts = await client.list(partType, { namespace: 'default' })
      if (parts.length < 1)
        await client.create({ ...part('x'), metadata: { generateName: 'p-', namespace: 'default' } } as never)
      await client.status().update({ ...self, status: { made: parts.length > 0 } })
    },
    { owns: [partType], watches: [{ ...partType, requests: () => [{ namespace: 'default', name: 'a' }] }] },
  )
  /** Others that only enlarge the space. */
  const noisy = Array.from({ length: noise }, (_, index) =>
    controllerOf(
      `noise-${index}`,
      async (client, request) => {
        const self = await client.tryGet<AnyObject>(appType, request)
        const done = self?.metadata.labels?.[`n${index}`]
        if (self === undefined || done === '3') return
        await client.patch(
          { type: appType, key: request },
          { metadata: { labels: { [`n${index}`]: String(Number(done ?? 0) + 1) } } },
          { patchType: 'merge' },
        )
      },
      { process: `noise-${index}` },
    ),
  )
  return defineScenario({
    name: 'counting',
    kinds,
    controllers: [counts, ...noisy],
    actions: [create(app('a'))],
    properties: [always('one part', (cluster) => cluster.list(partType, {}).length <= 1)],
  })
}

export function fileOf(finding: ReportFinding, given: object): CounterexampleFile {
  const { profile, granularity } = finding.level
  return {
    formatVersion: 1,
    type: 'counterexample',
    scenario: 's',
    set: {},
    profile,
    granularity,
    options: { ...given },
    finding,
  }
}

/** What is the same in every run of the same search. */
export function withoutTimes(report: ExploreReport): unknown {
  const { statistics: _, levels, ...rest } = report
  return { ...rest, levels: levels.map(({ elapsedMs: __, ...level }) => level) }
}
