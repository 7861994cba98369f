/** What a user can get wrong around a scenario: options, plans of Sieve, and systems with a memory of their own. */
import { describe, expect, it } from 'vitest'
import { explore, moduleOf, removeFolders, scenarioOf, simulate } from './bad-scenario.ts'

removeFolders()

const fine = scenarioOf('kinds: [foo], objects: [object], controllers: [idle]')

describe('an option that cannot be is refused with what can', () => {
  it.each([
    [
      ['--profile', 'lagginng'],
      ['--profile lagginng is not known (did you mean "lagging"?)', 'legacy-restart'],
    ],
    [
      ['--faults', '-1'],
      ['--faults -1 is not a number that it can have', 'It cannot be negative', '--faults 1'],
    ],
    [['--stale=-2'], ['--stale -2 is not a number that it can have', 'It cannot be negative']],
    [
      ['--handover', '1.5'],
      ['--handover 1.5 is not a number that it can have', 'whole number'],
    ],
    [
      ['--environment', '99'],
      ['environment is 99', 'from 0 to 15'],
    ],
  ])('%s', async (options, says) => {
    const { status, error, report } = await explore(fine, {}, options)
    expect({ status, report }).toEqual({ status: 2, report: '' })
    for (const part of says) expect(error).toContain(part)
  })
})

describe('a plan of Sieve is refused with file, line and column', () => {
  const plan = (action: string, condition: string) => `workload: create
actions:
  - actionType: ${action}
    controllerLabel: idle
    trigger:
      definitions:
        - triggerName: seen
          condition:
            conditionType: ${condition}
            resourceKey: foo/default/a
          observationPoint: { when: afterControllerWrite }
      expression: seen
`
  it.each([
    [
      'an unknown action',
      plan('explodeController', 'onObjectCreate'),
      'plan.yaml, line 3, column 17: actions[0].actionType: there is no explodeController; known are pauseAPIServer',
    ],
    [
      'an unknown condition',
      plan('restartController', 'onFullMoon'),
      'plan.yaml, line 9, column 28: actions[0].trigger.definitions[0].condition.conditionType: there is no onFullMoon',
    ],
    ['what is no YAML', 'actions: [ {', 'The plan plan.yaml is not YAML'],
    ['what is no plan', 'restart the controller', 'plan.yaml, line 1, column 1: a plan is a map with `actions`'],
  ])('%s', async (_, text, says) => {
    const { status, error } = await simulate(fine, { 'plan.yaml': text }, ['--sieve-plan', 'plan.yaml'])
    expect(error).toContain(says)
    expect(error).toContain('Mend the plan')
    expect(status).toBe(2)
  })
})

describe('an external system that keeps hidden state is refused with the place', () => {
  const rents = (before: string, method: string) =>
    moduleOf(`import { defineExternal } from 'kamera'
${before}
const bank = defineExternal({ name: 'bank', state: {}, methods: { rent(state) { ${method} } } })
const operator = defineController({ name: 'operator', for: foo, reconciler: ({ client, external }) => ({
  async reconcile(request) {
    const found = await client.tryGet(foo, request)
    if (found === undefined || found.status?.id !== undefined) return
    await client.status().update({ ...found, status: { id: await external('bank').rent() } })
  } }) })
export default defineScenario({ name: 'bad', kinds: [foo], objects: [object], externals: [bank], controllers: [operator] })`)

  it.each([
    ['a counter', rents('let count = 0', 'count++; return { state, result: `id-${count}` }')],
    [
      'what it throws the second time',
      rents('let rented', 'if (rented) throw new Error("no"); rented = true; return {}'),
    ],
  ])('%s', async (_, source) => {
    const { status, error } = await explore(source)
    expect(error).toContain('externals[0] (bank).methods.rent keeps hidden state')
    expect(error).toContain('keep everything there, and take ids from this.newId()')
    expect(status).toBe(2)
  })

  it('a change of the state that it was given', async () => {
    const { status, error } = await explore(rents('', 'state.n = 1; return { state }'))
    expect(error).toMatch(/externals\[0\] \(bank\)\.methods\.rent threw TypeError.*scenario\.ts:\d+/)
    expect(status).toBe(2)
  })
})
