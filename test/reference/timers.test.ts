import { expect, test } from 'vitest'
import { race } from './fixed-systems.ts'
import { copyState, initialState, type State } from './state.ts'
import { dueTimers, isQuiet, type NamedTimer, takeTimer } from './timers.ts'

const system = race(300, 700)

function armed(leftMs: number, rightMs: number): State {
  return {
    ...initialState(system),
    pending: { left: [], right: [] },
    timers: {
      left: { a: { delayMs: 300, remainingMs: leftMs } },
      right: { a: { delayMs: 700, remainingMs: rightMs } },
    },
  }
}

function due(state: State): NamedTimer[] {
  return dueTimers({ system, state, profile: 'lagging' })
}

test('taking a timer makes its request pending, and time passes for the others', () => {
  const state = armed(300, 700)
  const taken = due(state)
  expect(taken.map((timer) => timer.controller.name)).toEqual(['left'])
  const next = copyState(state)
  takeTimer(next, taken[0]!)
  expect(next.pending).toEqual({ left: ['a'], right: [] })
  expect(next.timers).toEqual({ left: {}, right: { a: { delayMs: 700, remainingMs: 400 } } })
  expect(state.timers).toEqual(armed(300, 700).timers)
})

test('no timer is due while a request is pending that would do something', () => {
  expect(due({ ...armed(300, 700), pending: { left: ['a'], right: [] } })).toEqual([])
})

test('what is left of a timer that was passed over is never less than nothing', () => {
  const [, later] = [...due(armed(500, 700)), ...due(armed(800, 700))]
  const state = armed(500, 700)
  takeTimer(state, later!)
  expect(state.timers['left']).toEqual({ a: { delayMs: 300, remainingMs: 0 } })
})

test('a timer whose reconcile would write keeps the cluster from being quiet', () => {
  expect(isQuiet({ system, state: armed(300, 700), profile: 'lagging' })).toBe(false)
})
