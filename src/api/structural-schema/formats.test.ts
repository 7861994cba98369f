import { expect, it } from 'vitest'
import { formatCheck } from './formats.ts'

it.each([
  ['date-time', '2024-02-29T12:00:00Z', true],
  ['date-time', '2023-02-29T12:00:00Z', false],
  ['date-time', 'yesterday', false],
  ['date', '2024-12-31', true],
  ['date', '2024-13-01', false],
  ['duration', '1h30m', true],
  ['duration', '22 ns', true],
  ['duration', 'soon', false],
  ['ipv4', '10.0.0.1', true],
  ['ipv4', '10.0.0.256', false],
  ['ipv4', '10.0.0.01', false],
  ['ipv6', '::1', true],
  ['ipv6', '1:2:3:4:5:6:7:8:9', false],
  ['ipv6', '::ffff:10.0.0.1', true],
  ['cidr', '10.0.0.0/8', true],
  ['cidr', '10.0.0.0/33', false],
  ['uuid', '123e4567-e89b-12d3-a456-426614174000', true],
  ['uuid4', '123e4567-e89b-12d3-a456-426614174000', false],
  ['email', 'a@example.com', true],
  ['email', 'example.com', false],
  ['uri', 'https://example.com/a', true],
  ['uri', 'example', false],
  ['byte', 'YWJj', true],
  ['byte', 'a', false],
  ['mac', '01:23:45:67:89:ab', true],
  ['hexcolor', '#ffF', true],
  ['isbn', '978-0321751041', true],
  ['creditcard', '4111 1111 1111 1111', true],
  ['hostname', 'example.com', true],
  ['hostname', '-a', false],
  ['k8s-short-name', 'a-b', true],
  ['k8s-short-name', 'A', false],
])('%s %s is valid: %s', (format, text, valid) => {
  expect(formatCheck(format)?.(text)).toBe(valid)
})

it('does not enforce formats of numbers and unknown ones', () => {
  expect(['int32', 'int64', 'float', 'whatever', undefined].map(formatCheck)).toEqual(Array(5).fill(undefined))
})
