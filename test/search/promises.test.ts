/** `leadsTo` on controllers that go from phase to phase: at rest, in cycles, promises that are kept and made again. */
import { expect, test } from 'vitest'
import { defineScenario, type Scenario } from '#cluster/scenario.ts'
import { defineController } from '#controller/define-controller.ts'
import { explore } from '#explore.ts'
import { eventually, leadsTo } from '#properties/user.ts'
import { replay } from '#replay.ts'
import type { ReportFinding } from '#trace/report.ts'

const door = { apiVersion: 'example.com/v1', kind: 'Door' }
const key = { namespace: 'default', name: 'front' }

/** Each phase leads to the next one in `order`, and the last one to `again` where it is given. */
function doors(order: readonly string[], again?: string): Scenario {
  const operator = defineController({
    name: 'door-operator',
    for: door,
    reconciler: ({ client }) => ({
      async reconcile(request) {
        const read = await client.get(door, request)
        const place = order.indexOf(read.status?.phase ?? '')
        const phase = order[place + 1] ?? again
        if (phase !== undefined && phase !== order[place]) await client.status().update({ ...read, status: { phase } })
      },
    }),
  })
  const isIn = (phase: string) => (cluster: Parameters<Parameters<typeof eventually>[1]>[0]) =>
    cluster.get(door, key)?.status?.phase === phase
  return defineScenario({
    name: 'doors',
    kinds: [door],
    objects: [{ ...door, metadata: key }],
    controllers: [operator],
    properties: [leadsTo('what opens closes', isIn('Open'), isIn('Closed')), eventually('closed', isIn('Closed'))],
    oracles: { 'comes-to-rest': false },
  })
}

const exact = { auditPercent: 0, faults: 0 }

test.each([
  ['a promise that is kept', ['Open', 'Closed'], undefined, []],
  ['a promise that is kept and made again for ever', ['Open', 'Closed'], 'Open', []],
  ['what is not promised', ['Ajar', 'Locked'], undefined, ['eventually']],
  ['a promise open at rest', ['Open', 'Ajar'], undefined, ['eventually', 'leadsTo']],
  ['a promise that comes after what keeps it', ['Closed', 'Open'], undefined, ['leadsTo']],
  ['a promise open in a cycle', ['Open', 'Ajar'], 'Open', ['eventually', 'leadsTo']],
  ['a promise open in a cycle, kept before', ['Closed', 'Open', 'Ajar'], 'Open', ['leadsTo']],
] as const)('%s', async (_name, order, again, oracles) => {
  const { findings } = await explore(doors(order, again), exact)
  expect(findings.map(({ oracle }) => oracle).sort()).toEqual([...oracles].sort())
})

test('a finding is there again in a replay, and gone when the promise is kept', async () => {
  const faulty = doors(['Closed', 'Open'])
  const { findings } = await explore(faulty, exact)
  const finding = findings.find(({ oracle }) => oracle === 'leadsTo') as ReportFinding
  expect(finding.message).toBe('the cluster is at rest, and "what opens closes" was promised and does not come.')
  const { level } = finding
  const at = { profile: level.profile, granularity: level.granularity, scenario: '', set: {} }
  const file = { formatVersion: 1 as const, type: 'counterexample' as const, ...at, options: exact, finding }
  expect((await replay(faulty, file)).status).toBe('reproduced')
  expect((await replay(doors(['Ajar', 'Locked']), file)).status).not.toBe('reproduced')
})
