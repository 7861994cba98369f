import { expect, it } from 'vitest'
import { nearestName } from './suggest.ts'

it('finds the name that was probably meant, or none', () => {
  const names = ['lagging', 'linearizable', 'legacy-restart', 'legacy-fifo']
  const meant = {
    laging: 'lagging',
    lin: 'linearizable',
    'legacy-fofi': 'legacy-fifo',
    lagginng: 'lagging',
    LAGGING: 'lagging',
    lagigng: 'lagging',
    legacy: undefined,
    strong: undefined,
    '': undefined,
  }
  expect(Object.fromEntries(Object.keys(meant).map((given) => [given, nearestName(given, names)]))).toEqual(meant)
})
