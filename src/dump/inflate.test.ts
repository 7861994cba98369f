import { gzipSync } from 'node:zlib'
import { expect, it } from 'vitest'
import { inflate } from './inflate.ts'

it('gives back what was packed', async () => {
  expect(await inflate(gzipSync('a line\n'.repeat(100_000)))).toBe('a line\n'.repeat(100_000))
})

it('does not unpack what was made to fill memory', { timeout: 120_000 }, async () => {
  const bomb = gzipSync(Buffer.alloc(257 * 1024 * 1024), { level: 1 })
  await expect(inflate(bomb)).rejects.toThrow('a block unpacks to more than 268435456 octets')
})

it('refuses what is no text', async () => {
  await expect(inflate(gzipSync(Buffer.from([0xff, 0xfe])))).rejects.toThrow()
})
