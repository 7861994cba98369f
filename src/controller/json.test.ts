import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ClientUsageError, frozenJson, mutableCopy } from './json.ts'

function isDeeplyFrozen(value: unknown): boolean {
  return (
    typeof value !== 'object' ||
    value === null ||
    (Object.isFrozen(value) && Object.values(value).every(isDeeplyFrozen))
  )
}

describe('frozenJson', () => {
  it('is what JSON carries of a value, deeply frozen, and leaves the value alone', () => {
    fc.assert(
      fc.property(
        fc.object({
          withNullPrototype: true,
          withDate: false,
          values: [fc.string(), fc.integer(), fc.boolean(), fc.constant(null), fc.constant(undefined)],
        }),
        (value) => {
          const before = structuredClone(value)
          const frozen = frozenJson(value)
          expect(frozen).toEqual(JSON.parse(JSON.stringify(value)))
          expect(isDeeplyFrozen(frozen)).toBe(true)
          expect(value).toEqual(before)
          expect(frozenJson(frozen)).toBe(frozen)
        },
      ),
    )
  })

  it('shares what is frozen, also within what is not', () => {
    const metadata = Object.freeze({ name: 'a' })
    const frozen = frozenJson({ metadata, spec: { n: 1 } }) as { metadata: unknown }
    expect(frozen.metadata).toBe(metadata)
  })

  it('copies what is frozen at the top only', () => {
    const labels = { a: 'b' }
    const frozen = frozenJson(Object.freeze({ labels })) as { labels: unknown }
    labels.a = 'changed'
    expect(frozen.labels).toEqual({ a: 'b' })
  })

  it('writes a Date as JSON does', () => {
    expect(frozenJson({ at: new Date(0) })).toEqual({ at: '1970-01-01T00:00:00.000Z' })
  })

  it('keeps a field named __proto__ a field', () => {
    const frozen = frozenJson(JSON.parse('{"data":{"__proto__":{"admin":"yes"}}}')) as { data: { admin?: string } }
    expect(JSON.stringify(frozen)).toBe('{"data":{"__proto__":{"admin":"yes"}}}')
    expect(frozen.data.admin).toBeUndefined()
    expect(JSON.stringify(mutableCopy(frozen))).toBe('{"data":{"__proto__":{"admin":"yes"}}}')
  })

  class Quantity {}
  const cycle: Record<string, unknown> = {}
  cycle['self'] = cycle
  it.each([
    [{ spec: { run: () => {} } }, 'field spec.run of the body is a function'],
    [{ spec: { size: 10n } }, 'field spec.size of the body is a BigInt'],
    [{ spec: { ports: [{ port: Number.NaN }] } }, 'field spec.ports[0].port of the body is NaN'],
    [
      { spec: { cpu: new Quantity() } },
      'field spec.cpu of the body is an instance of Quantity, which is no JSON: write a plain object',
    ],
    [{ spec: { labels: new Map() } }, 'field spec.labels of the body is an instance of Map'],
    [{ at: new Date(Number.NaN) }, 'field at of the body is an invalid Date'],
    [cycle, 'contains itself'],
    [undefined, 'the body is undefined'],
  ])('refuses what JSON cannot carry, and names the field: %#', (value, words) => {
    expect(() => frozenJson(value)).toThrow(ClientUsageError)
    expect(() => frozenJson(value)).toThrow(words)
  })
})

describe('mutableCopy', () => {
  it('shares nothing that could be changed', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const frozen = frozenJson(value)
        const copy = mutableCopy(frozen)
        expect(copy).toEqual(frozen)
        if (typeof copy === 'object' && copy !== null) expect(Object.isFrozen(copy)).toBe(false)
      }),
    )
  })
})
