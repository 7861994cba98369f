import { expect, it } from 'vitest'
import { decodeText, encodeText } from './base64.ts'

it('encodes text of any length and any characters', () => {
  const text = 'größe ✓ '.repeat(200_000)
  expect(decodeText(encodeText(text))).toBe(text)
  expect(encodeText('b')).toBe('Yg==')
})
