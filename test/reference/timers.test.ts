import { expect, test } from 'vitest'
import { race } from './fixed-systems.ts'
import { initialState, type State } from './state.ts'
import { dueTimers, isQuiet, takeTimer } from './timers.ts'

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

test('taking a timer makes its request pending, and time passes for the others', () => {
  const state = armed(300, 700)
  const due = dueTimers(system, state)
  expect(due.map((timer) => timer.controller.name)).toEqual(['left'])
  const next = takeTimer(state, due[0]!)
  expect(next.pending).toEqual({ left: ['a'], right: [] })
  expect(next.timers).toEqual({ left: {}, right: { a: { delayMs: 700, remainingMs: 400 } } })
  expect(state.timers).toEqual(armed(300, 700).timers)
})

test('no timer is due while a request is pending that would do something', () => {
  expect(dueTimers(system, { ...armed(300, 700), pending: { left: ['a'], right: [] } })).toEqual([])
})

test('what is left of a timer that was passed over is never less than nothing', () => {
  const [, later] = [...dueTimers(system, armed(500, 700)), ...dueTimers(system, armed(800, 700))]
  expect(takeTimer(armed(500, 700), later!).timers['left']).toEqual({ a: { delayMs: 300, remainingMs: 0 } })
})

test('a timer whose reconcile would write keeps the cluster from being quiet', () => {
  expect(isQuiet(system, armed(300, 700))).toBe(false)
})
