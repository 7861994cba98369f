/** A short run of `npm run fuzz`, always of the same requests. */
import { expect, it } from 'vitest'
import { fuzz } from '../../scripts/fuzz.mjs'

const REQUESTS = 2500

it('answers random and mutated requests without a 500, and finds its objects after a kill', {
  timeout: 240_000,
}, async () => {
  const codes = (await fuzz({ seed: 20_260_101, requests: REQUESTS })) as Readonly<Record<string, number>>
  expect(Object.values(codes).reduce((sum, count) => sum + count, 0)).toBe(REQUESTS)
  for (const code of ['200', '201', '400', '404', '409', '413', '415', '422'])
    expect(codes[code], `answers ${code}`).toBeGreaterThan(0)
})
