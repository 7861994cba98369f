import { describe, expect, it } from 'vitest'
import { compileRules, ruleFaults } from './cel-rules.ts'
import type { JsonSchema, ValidationRule } from './json-schema.ts'

const text: JsonSchema = { type: 'string' }
const integer: JsonSchema = { type: 'integer' }
const object = (properties: Readonly<Record<string, JsonSchema>>, ...rules: readonly ValidationRule[]): JsonSchema => ({
  type: 'object',
  properties,
  'x-kubernetes-validations': rules,
})
const failures = (spec: JsonSchema, value: unknown, old?: unknown): readonly string[] => {
  const rules = compileRules({ type: 'object', properties: { spec } })
  const faults = rules?.evaluate({ spec: value }, old === undefined ? undefined : { spec: old }) ?? []
  return faults.map(({ field, reason, message }) => `${field} ${reason} ${message}`)
}
const holds = (rule: string, value: object, properties: Readonly<Record<string, JsonSchema>>): boolean =>
  failures(object(properties, { rule }), value).length === 0

describe('rules of a schema', () => {
  it('says message, reason and field of a rule that does not hold', () => {
    const spec = object(
      { min: integer, max: integer },
      {
        rule: 'self.min <= self.max',
        messageExpression: '"min " + string(self.min) + " is above"',
        reason: 'FieldValueForbidden',
        fieldPath: '.min',
      },
    )
    expect(failures(spec, { min: 2, max: 1 })).toEqual(['spec.min FieldValueForbidden Forbidden: min 2 is above'])
    expect(failures(spec, { min: 1, max: 2 })).toEqual([])
  })

  it('names the rule when it has no message, and the value of a scalar', () => {
    const spec = object({ color: { ...text, 'x-kubernetes-validations': [{ rule: 'self.startsWith("r")' }] } })
    expect(failures(spec, { color: 'blue' })).toEqual([
      'spec.color FieldValueInvalid Invalid value: "blue": failed rule: self.startsWith("r")',
    ])
  })

  it('compares with the former object only where there is one', () => {
    const spec = object({ size: integer }, { rule: 'self.size >= oldSelf.size', message: 'may not shrink' })
    expect(failures(spec, { size: 1 })).toEqual([])
    expect(failures(spec, { size: 1 }, { size: 2 })).toHaveLength(1)
    expect(failures(spec, { size: 2 }, { size: 2 })).toEqual([])
  })

  it('gives an optional former object to rules that ask for it', () => {
    const rule = 'oldSelf.hasValue() || self.size == 1'
    const spec = object({ size: integer }, { rule, optionalOldSelf: true, message: 'begin with one' })
    expect(failures(spec, { size: 2 })).toHaveLength(1)
    expect(failures(spec, { size: 2 }, { size: 1 })).toEqual([])
  })

  it('passes over what did not hold before and did not change', () => {
    const spec = object({ a: object({ n: integer }, { rule: 'self.n < 3' }), b: integer })
    expect(failures(spec, { a: { n: 5 }, b: 2 }, { a: { n: 5 }, b: 1 })).toEqual([])
    expect(failures(spec, { a: { n: 6 }, b: 2 }, { a: { n: 5 }, b: 1 })).toHaveLength(1)
  })

  it('looks at list items and map values', () => {
    const item = object({ port: integer }, { rule: 'self.port > 0' })
    const spec = object({ list: { type: 'array', items: item }, map: { type: 'object', additionalProperties: item } })
    expect(
      failures(spec, { list: [{ port: 1 }, { port: 0 }], map: { a: { port: 0 } } }).map((fault) => fault.split(' ')[0]),
    ).toEqual(['spec.list[1]', 'spec.map[a]'])
  })

  it('finds the former item of a list-type map by its key', () => {
    const item = object({ name: text, port: integer }, { rule: 'self.port == oldSelf.port', message: 'immutable' })
    const list: JsonSchema = {
      type: 'array',
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['name'],
      items: item,
    }
    const old = { list: [{ name: 'a', port: 1 }] }
    expect(
      failures(
        object({ list }),
        {
          list: [
            { name: 'b', port: 2 },
            { name: 'a', port: 1 },
          ],
        },
        old,
      ),
    ).toEqual([])
    expect(failures(object({ list }), { list: [{ name: 'a', port: 2 }] }, old)).toHaveLength(1)
  })

  it('reports an evaluation that fails, such as a missing field', () => {
    expect(failures(object({ color: text }, { rule: 'self.color == "red"' }), {})).toEqual([
      'spec FieldValueInvalid Invalid value: "object": No such key: color evaluating rule: self.color == "red"',
    ])
  })

  it('stops a rule whose loops would take for ever', () => {
    const list: JsonSchema = { type: 'array', items: integer }
    const rule = 'self.list.all(a, self.list.all(b, self.list.all(c, a + b + c >= 0)))'
    const started = performance.now()
    const [fault] = failures(object({ list }, { rule }), {
      list: Array.from({ length: 2000 }, (_item, index) => index),
    })
    expect(fault).toContain('running out of cost budget')
    expect(performance.now() - started).toBeLessThan(500)
  })
})

describe('rules that are refused', () => {
  it.each([
    ['self.nope > 1', 'rule'],
    ['self.a + "x" == "x"', 'rule'],
    ['self.a + 1', 'rule'],
    ['self.a >', 'rule'],
  ])('%s', (rule, part) => {
    expect(ruleFaults(object({ a: integer }, { rule }), 'schema').map(({ field }) => field)).toEqual([
      `schema.x-kubernetes-validations[0].${part}`,
    ])
  })

  it('oldSelf in the items of a list that cannot be correlated', () => {
    const items = object({ a: integer }, { rule: 'self.a == oldSelf.a' })
    expect(ruleFaults(object({ list: { type: 'array', items } }), 's')[0]?.message).toContain('uncorrelatable')
  })
})

describe("Kubernetes' functions", () => {
  const properties = { s: text, list: { type: 'array', items: text }, n: { type: 'array', items: integer } } as const
  const value = { s: 'hello', list: ['a', 'b'], n: [1, 2] }

  it.each([
    'self.s.matches("^h[a-z]+$")',
    '!self.s.matches("^x")',
    '"abc".find("b.") == "bc"',
    '"a1b2".findAll("[0-9]") == ["1", "2"]',
    '"a.b".replace(".", "-") == "a-b"',
    '"%s has %d, %.2f".format(["a", 2, 1.5]) == "a has 2, 1.50"',
    'self.n.sum() == 3 && self.n.min() == 1 && self.n.max() == 2 && self.n.isSorted()',
    'self.list.indexOf("b") == 1',
    'sets.contains(self.list, ["a"]) && sets.equivalent(self.list, ["b", "a"]) && !sets.intersects(self.list, ["c"])',
    'math.greatest(1, 2) == 2',
    'isURL("https://example.com:80/a?b=c") && url("https://example.com:80/a?b=c").getHostname() == "example.com"',
    'url("https://example.com:81/a?b=c").getPort() == "81" && !isURL("a")',
    'ip("10.0.0.1").family() == 4 && ip("::1").isLoopback() && ip.isCanonical("::1") && !isIP("10.0.0.256")',
    'cidr("10.0.0.0/8").containsIP("10.1.2.3") && !cidr("10.0.0.0/8").containsCIDR("11.0.0.0/16")',
    'string(cidr("10.1.2.3/8").masked()) == "10.0.0.0/8" && cidr("10.0.0.0/8").prefixLength() == 8',
    'quantity("1Gi").isGreaterThan(quantity("1G")) && quantity("500m").add(quantity("0.5")).asInteger() == 1',
    'isQuantity("1.5Mi") && !isQuantity("1.5Mib") && quantity("1k") == quantity("1000")',
    'semver("1.2.3").isLessThan(semver("1.10.0")) && isSemver("1.0.0-rc.1") && semver("v1.2", true).minor() == 2',
    '!format.dns1123Label().validate("a-b").hasValue() && format.dns1123Label().validate("A").hasValue()',
    'self.list.all(x, x.size() == 1) && self.list.exists_one(x, x == "a") && self.list.map(x, x + "1") == ["a1", "b1"]',
  ])('%s', (rule) => {
    expect(holds(rule, value, properties)).toBe(true)
  })

  it('takes fields whose names are no identifiers', () => {
    expect(
      holds(
        'self.a__dash__b == "x" && self.__namespace__ == "y"',
        { 'a-b': 'x', namespace: 'y' },
        { 'a-b': text, namespace: text },
      ),
    ).toBe(true)
  })

  it('reads timestamps, durations and int-or-string by the schema', () => {
    const typed = {
      at: { type: 'string', format: 'date-time' },
      wait: { type: 'string', format: 'duration' },
      port: { 'x-kubernetes-int-or-string': true },
    } as const
    const rule =
      'self.at < timestamp("2025-01-01T00:00:00Z") && self.wait < duration("2h") && (type(self.port) == int ? self.port > 0 : true)'
    expect(holds(rule, { at: '2024-01-01T00:00:00Z', wait: '1h30m', port: 80 }, typed)).toBe(true)
    expect(holds(rule, { at: '2024-01-01T00:00:00Z', wait: '1h30m', port: 'http' }, typed)).toBe(true)
  })
})
