import { expect, it } from 'vitest'
import { blockValue, inlineValue } from './value-text.ts'

it('quotes strings only where YAML would read something else', () => {
  const strings = [
    'zk',
    '5Gi',
    '10.0.0.1',
    'nginx:1.27',
    'default/zk',
    'true',
    'No',
    '12',
    '1.5',
    '',
    'a: b',
    'two\nlines',
    '*',
    'a, b',
  ]
  expect(strings.map((text) => inlineValue(text, 80))).toEqual([
    'zk',
    '5Gi',
    '10.0.0.1',
    'nginx:1.27',
    'default/zk',
    '"true"',
    '"No"',
    '"12"',
    '"1.5"',
    '""',
    '"a: b"',
    '"two\\nlines"',
    '"*"',
    '"a, b"',
  ])
})

it('writes maps and lists as blocks', () => {
  expect(blockValue({ a: { b: [1, { c: null, d: {} }], e: [] }, f: 'x' })).toEqual([
    'a:',
    '  b:',
    '    - 1',
    '    - c: null',
    '      d: {}',
    '  e: []',
    'f: x',
  ])
})
