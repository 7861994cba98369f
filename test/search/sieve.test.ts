/** Plans of Sieve that guide runs: what they hold back, what they add, and the bugs that they show. */
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { create, defineScenario, patch, remove, type Scenario } from '#cluster/scenario.ts'
import { always } from '#properties/user.ts'
import { simulate } from '#simulate.ts'
import { counting } from './counting.ts'
import { type AnyObject, app, appType, controllerOf } from './scenario-search.ts'

const quick = { auditPercent: 0, runs: 40 } as const

function planOf(text: string): { readonly sievePlan: { readonly text: string; readonly file: string } } {
  return { sievePlan: { text, file: 'plan.yaml' } }
}

const when = (point: string): string => `observationPoint: {when: ${point}, by: any}`

/** Writes down every size that it sees. */
function sizesSeen(property: Parameters<typeof always>[1]): Scenario {
  const recorder = controllerOf('recorder', async (client, request) => {
    const self = await client.tryGet<AnyObject>(appType, request)
    const sizes: readonly number[] = self?.status?.sizes ?? []
    if (self === undefined || sizes.includes(self.spec.size)) return
    await client.status().update({ ...self, status: { sizes: [...sizes, self.spec.size] } })
  })
  const target = { ...appType, namespace: 'default', name: 'a' }
  return defineScenario({
    name: 'recorder',
    kinds: [{ ...appType, statusSubresource: true }],
    controllers: [recorder],
    actions: [
      create(app('a', { size: 1 })),
      patch(target, { spec: { size: 2 } }),
      patch(target, { spec: { size: 3 } }),
    ],
    properties: [always('as it should', property)],
    oracles: { 'same-outcome': false },
  })
}

const seen = (cluster: { get: (type: typeof appType, key: { namespace: string; name: string }) => unknown }): string =>
  String((cluster.get(appType, { namespace: 'default', name: 'a' }) as AnyObject | undefined)?.status?.sizes ?? '')

const pauseReads = `
actions:
- actionType: pauseController
  pauseAt: beforeControllerRead
  pauseScope: app/default/a
  trigger:
    definitions:
    - triggerName: two
      condition: {conditionType: onObjectUpdate, resourceKey: app/default/a, prevStateDiff: '{"spec": {"size": 1}}', curStateDiff: '{"spec": {"size": 2}}', occurrence: 1}
      ${when('beforeControllerRecv')}
    expression: two
- actionType: resumeController
  pauseAt: beforeControllerRead
  pauseScope: app/default/a
  trigger:
    definitions:
    - triggerName: three
      condition: {conditionType: onAnyFieldModification, resourceKey: app/default/a, prevStateDiff: '{"spec": {"size": 2}}', occurrence: 1}
      ${when('afterControllerRecv')}
    expression: three
`

describe('pauseController and resumeController', () => {
  test('keep a state from the controller that it sees in other runs', async () => {
    const never = sizesSeen((cluster) => !/2/.test(seen(cluster)))
    expect((await simulate(never, { ...quick, faults: 0 })).verdict).toBe('violated')
    // The run without a plan that all are measured by sees it, too: so the plan's runs are asked for the opposite.
    const guided = await simulate(
      sizesSeen((cluster) => seen(cluster) !== '1,3'),
      { ...quick, ...planOf(pauseReads) },
    )
    expect(guided.simulation.plan).toEqual({ actions: 2, runs: 40, completed: 40, actionsMax: 2 })
    expect(guided.findings.map(({ property }) => property)).toEqual(['as it should'])
    expect(guided.findings[0]).toMatchObject({ faults: 0, seeds: [expect.any(Number)] })
  })

  test('a pause that nothing ends is over when nothing else can be done', async () => {
    const forever = pauseReads.replace('prevStateDiff: \'{"spec": {"size": 2}}\'', "prevStateDiff: '{}'")
    const report = await simulate(
      sizesSeen(() => true),
      { ...quick, ...planOf(forever) },
    )
    expect(report.simulation).toMatchObject({ plan: { completed: 0, actionsMax: 1 }, ended: { end: 40 } })
  })
})

const example = (name: string): string =>
  readFileSync(new URL(`../../examples/sieve/${name}.yaml`, import.meta.url), 'utf8')

test('a paused API server makes the controller count from an old cache, in every run', async () => {
  const text = example('machines-seen-late')
    .replaceAll('machine/default/*', 'part/default/*')
    .replace('machineset/default/web', 'app/default/a')
  const report = await simulate(counting(0), { ...quick, runs: 3, ...planOf(text) })
  expect(report.simulation.plan).toMatchObject({ completed: 3 })
  expect(report.bounds).toMatchObject({ faults: 1, stale: 1, crash: 0 })
  expect(report.findings.map(({ property }) => property)).toContain('one part')
})

test('a restart strikes right after the write that triggers it', async () => {
  const text = example('crash-between-secrets')
    .replace('secret/default/db-users', 'part/default/*')
    .replace('database-operator', 'counter')
  const report = await simulate(counting(0), { ...quick, runs: 3, ...planOf(text) })
  expect(report.simulation.plan).toMatchObject({ actions: 1, completed: 3 })
  expect(report.bounds).toMatchObject({ faults: 1, stale: 0, crash: 1 })
})

test('a controller that the scenario does not have is named, with those that it has', async () => {
  const text = example('crash-between-secrets')
  await expect(simulate(counting(0), planOf(text))).rejects.toThrow(
    /the controller database-operator, which.*\n.*\nWrite one of counter/,
  )
})

describe('time travel: another API server is paused, and the controller reconnected to it', () => {
  const part = { apiVersion: 'v1', kind: 'ConfigMap' }
  const finalizers = ['test.kamera.dev/parts']
  const key = { namespace: 'default', name: 'a' }

  /** Deletes its part, by name, when the object that it sees is being deleted. */
  const cleaner = controllerOf('cleaner', async (client, request) => {
    const self = await client.tryGet<AnyObject>(appType, request)
    if (self === undefined) return
    const found = await client.tryGet(part, key)
    if (self.metadata.deletionTimestamp === undefined) {
      if (self.metadata.finalizers === undefined)
        await client.update({ ...self, metadata: { ...self.metadata, finalizers } })
      else if (found === undefined) await client.create({ ...part, metadata: key })
      return
    }
    if (found !== undefined) await client.delete({ type: part, key })
    if (self.metadata.finalizers !== undefined)
      await client.update({ ...self, metadata: { ...self.metadata, finalizers: [] } })
  })
  const scenario = defineScenario({
    name: 'travels',
    kinds: [{ ...appType, statusSubresource: true }],
    controllers: [cleaner],
    actions: [
      create(app('a', {}), { at: 'rest' }),
      remove({ ...appType, ...key }, { at: 'rest' }),
      create(app('a', {})),
    ],
  })
  const travel = (server: string, resumed = '') => `
actions:
- actionType: pauseAPIServer
  apiServerName: kind-control-plane-3
  pauseScope: app/default/a
  trigger:
    definitions:
    - triggerName: marked
      condition: {conditionType: onObjectUpdate, resourceKey: app/default/a, prevStateDiff: '{"metadata": {}}', curStateDiff: '{"metadata": {"deletionTimestamp": "SIEVE-NON-NIL"}}'}
      ${when('afterAPIServerRecv')}
    expression: marked
${resumed}
- actionType: reconnectController
  controllerLabel: cleaner
  reconnectAPIServer: ${server}
  trigger:
    definitions:
    - triggerName: again
      condition: {conditionType: onObjectCreate, resourceKey: configmap/default/a, occurrence: 1}
      ${when('afterControllerWrite')}
    expression: again
`
  const resume = `- actionType: resumeAPIServer
  apiServerName: kind-control-plane-3
  pauseScope: app/default/a
  trigger:
    definitions:
    - triggerName: gone
      condition: {conditionType: onObjectDelete, resourceKey: app/default/a}
      ${when('afterAPIServerRecv')}
    expression: gone`
  const carriedOut = async (text: string) => {
    const given = { ...quick, runs: 10, profile: 'legacy-restart', ...planOf(text) } as const
    const { findings, simulation, bounds } = await simulate(scenario, given)
    expect(bounds).toMatchObject({ faults: 1, stale: 0, crash: 1 })
    return { plan: simulation.plan, oracles: findings.map(({ oracle }) => oracle) }
  }

  test('it lists what was there then, and acts by it, in every run', async () => {
    const { plan, oracles } = await carriedOut(travel('kind-control-plane-3'))
    expect(plan).toMatchObject({ actions: 2, completed: 10 })
    expect(oracles).toContain('no-delete-on-stale-evidence')
  })

  test('not when it is reconnected to the leading server, or the other has caught up before', async () => {
    const leading = await carriedOut(travel('kind-control-plane'))
    expect(leading).toMatchObject({ plan: { actions: 2, completed: 10 }, oracles: [] })
    const resumed = await carriedOut(travel('kind-control-plane-3', resume))
    expect(resumed).toMatchObject({ plan: { actions: 3, completed: 10 }, oracles: [] })
  })

  test('is refused where lists are always the newest', async () => {
    await expect(simulate(scenario, { ...quick, ...planOf(travel('kind-control-plane-3')) })).rejects.toThrow(
      /kind-control-plane-3, and under lagging.*\n.*\nGive --profile legacy-restart/,
    )
  })
})
