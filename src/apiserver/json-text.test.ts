import { expect, it } from 'vitest'
import { duplicateFields } from './json-text.ts'

it.each([
  ['{"a": 1, "a": 2}', ['a']],
  ['{"spec": {"color": "red", "color": "blue"}}', ['spec.color']],
  ['{"list": [{"a": 1}, {"a": 1, "b": {"c": 1, "c": 2}}]}', ['list[1].b.c']],
  ['{"a": {"x": 1}, "b": {"x": 1}, "c": ["x", "x", {"x": "x"}]}', []],
  ['{"a\\u0062": 1, "ab" : 2, "text": "{\\"a\\": 1, \\"a\\": 2}"}', ['ab']],
  ['[[{"a": 1, "a": 2}]]', ['[0][0].a']],
  ['"text"', []],
])('finds the repeated fields of %s', (text, fields) => {
  expect(duplicateFields(text)).toEqual(fields)
})
