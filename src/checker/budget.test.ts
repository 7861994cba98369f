import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { BUDGET_FIELDS, BUDGET_MAX, budgetField, dominates, packBudget, spend } from './budget.ts'

const anyFields = fc.array(fc.integer({ min: 0, max: BUDGET_MAX }), {
  minLength: BUDGET_FIELDS,
  maxLength: BUDGET_FIELDS,
})

function fieldsOf(vector: number): number[] {
  return Array.from({ length: BUDGET_FIELDS }, (_, position) => budgetField(vector, position))
}

describe('budget vectors', () => {
  test('pack and unpack', () => {
    fc.assert(
      fc.property(anyFields, (fields) => {
        expect(fieldsOf(packBudget(fields))).toEqual(fields)
      }),
    )
  })

  test('fields that are not given are zero', () => {
    expect(fieldsOf(packBudget([3, 0, 15]))).toEqual([3, 0, 15, 0, 0, 0, 0, 0])
  })

  test('dominate when no field is less', () => {
    fc.assert(
      fc.property(anyFields, anyFields, (a, b) => {
        const expected = a.every((field, position) => field >= (b[position] as number))
        expect(dominates(packBudget(a), packBudget(b))).toBe(expected)
        const larger = a.map((field, position) => Math.max(field, b[position] as number))
        expect(dominates(packBudget(larger), packBudget(b))).toBe(true)
      }),
      { numRuns: 500 },
    )
  })

  test('spend field by field what they can pay', () => {
    fc.assert(
      fc.property(anyFields, anyFields, (a, b) => {
        const budget = a.map((field, position) => Math.max(field, b[position] as number))
        const left = spend(packBudget(budget), packBudget(b))
        expect(fieldsOf(left)).toEqual(budget.map((field, position) => field - (b[position] as number)))
        expect(left).toBe(packBudget(fieldsOf(left)))
      }),
      { numRuns: 500 },
    )
  })
})
