import { describe, expect, test } from 'vitest'
import { parseSievePlan } from './parse-plan.ts'
import { isAnyOther, isChange } from './state-diff.ts'
import { afterTrigger, awaited, type Expression, parseExpression } from './trigger-expression.ts'

function fired(text: string, ...names: readonly string[]): string {
  let left: Expression | undefined = parseExpression(text) as Expression
  for (const name of names) {
    if (left === undefined) return 'triggered before'
    left = afterTrigger(left, name)
  }
  return left === undefined ? 'triggered' : `waits for ${awaited(left).join(',')}`
}

describe('trigger expressions', () => {
  test('`;` orders, `&` takes both in any order, `|` takes either; & binds closest', () => {
    expect(fired('a;b')).toBe('waits for a')
    expect(fired('a;b', 'b')).toBe('waits for a')
    expect(fired('a;b', 'a', 'b')).toBe('triggered')
    expect(fired('a&b', 'b')).toBe('waits for a')
    expect(fired('a&b', 'b', 'a')).toBe('triggered')
    expect(fired('a|b', 'b')).toBe('triggered')
    expect(fired('a&b|c', 'c')).toBe('triggered')
    expect(fired('a&b|c', 'a')).toBe('waits for b,c')
    expect(fired('a;b;(c|d&(e;f))', 'a', 'b', 'd')).toBe('waits for c,e')
    expect(fired('a;b;(c|d&(e;f))', 'a', 'b', 'd', 'e', 'f')).toBe('triggered')
  })

  test.each([
    ['', 'it ends where a trigger is expected'],
    ['a;', 'it ends where a trigger is expected'],
    ['(a|b', 'a parenthesis is not closed'],
    ['a b', 'b stands where nothing more is expected'],
    ['|a', '| stands where a trigger is expected'],
  ])('%j is refused', (text, why) => expect(parseExpression(text)).toBe(why))
})

describe('field diffs', () => {
  const before = { metadata: { name: 'a' }, spec: { parts: [{ on: true }, { on: true }], size: 1 } }
  const after = {
    metadata: { name: 'a', deletionTimestamp: '2025-01-01T00:00:00Z' },
    spec: { parts: [{ on: true }, { on: false }], size: 1 },
  }
  const change = { before, after }

  test('match a change that has them, whatever else it has', () => {
    expect(
      isChange(change, { before: { metadata: {} }, after: { metadata: { deletionTimestamp: 'SIEVE-NON-NIL' } } }),
    ).toBe(true)
    const parts = (on: boolean) => ({ spec: { parts: ['SIEVE-SKIP', { on }] } })
    expect(isChange(change, { before: parts(true), after: parts(false) })).toBe(true)
    expect(isChange(change, { before: parts(false), after: parts(true) })).toBe(false)
  })

  test('do not match what is the same on both sides', () => {
    expect(isChange(change, { before: { spec: { size: 1 } }, after: { spec: { size: 1 } } })).toBe(false)
    expect(isChange({ before, after: before }, { before: { metadata: {} }, after: undefined })).toBe(false)
  })

  test('any other value or none is a modification', () => {
    expect(isAnyOther(after, { metadata: { deletionTimestamp: 'SIEVE-NON-NIL' } })).toBe(false)
    expect(isAnyOther(before, { metadata: { deletionTimestamp: 'SIEVE-NON-NIL' } })).toBe(true)
    expect(isAnyOther(after, { spec: { size: 2 } })).toBe(true)
  })
})

describe('a plan that cannot be carried out is refused with its place', () => {
  const plan = (action: string): string =>
    `workload: x\nactions:\n- actionType: restartController\n  controllerLabel: op\n${action}`
  const trigger = (condition: string, expression = 't'): string =>
    plan(
      `  trigger:\n    definitions:\n    - triggerName: t\n      condition:\n${condition}\n      observationPoint: {when: afterControllerWrite, by: x}\n    expression: ${expression}\n`,
    )
  const created = '        conditionType: onObjectCreate\n        resourceKey: pod/default/a\n        occurrence: 1'

  test.each([
    ['actions: 1', 'plan.yaml, line 1, column 10: `actions` is a list'],
    ['workload: x', 'the plan has no `actions`'],
    [
      'actions:\n- actionType: stopController\n',
      'line 2, column 15: actions[0].actionType: there is no stopController; known are pauseAPIServer',
    ],
    [plan(''), 'line 3, column 3: actions[0].trigger is missing'],
    [
      trigger('        conditionType: onTea'),
      'actions[0].trigger.definitions[0].condition.conditionType: there is no onTea',
    ],
    [
      trigger('        conditionType: onAnnotatedAPICall'),
      'line 9, column 24: actions[0].trigger.definitions[0].condition.conditionType: onAnnotatedAPICall',
    ],
    [trigger(created.replace('pod/default/a', 'pod')), 'resourceKey: pod is not of the form kind/namespace/name'],
    [trigger(created.replace('occurrence: 1', 'occurrence: 0')), 'occurrence is not a whole number of at least 1'],
    [trigger(created, 't;u'), 'line 13, column 17: actions[0].trigger.expression: no definition is called u'],
    [trigger(created, '(t'), 'a parenthesis is not closed'],
    [
      trigger('        conditionType: onObjectUpdate\n        resourceKey: pod/default/a\n        curStateDiff: "{"'),
      'curStateDiff is not a JSON object',
    ],
    [
      `actions:\n- actionType: reconnectController\n  controllerLabel: op\n  trigger: {definitions: [{triggerName: t, condition: {conditionType: onTimeout}}], expression: t}`,
      'line 2, column 3: actions[0] has no reconnectAPIServer',
    ],
    ['a: [', 'The plan plan.yaml is not YAML'],
  ])('%j', (text, message) => {
    expect(() => parseSievePlan(text, 'plan.yaml')).toThrow(message)
  })

  test('a plan of nothing but a workload has no actions', () => {
    expect(parseSievePlan('workload: x\nactions: null\n', 'plan.yaml')).toEqual({ workload: 'x', actions: [] })
  })
})
