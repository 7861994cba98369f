import { expect, test } from 'vitest'
import { isTimeZone, nextTime, parseSchedule, type Schedule } from './schedule.ts'

function times(text: string, after: string, count: number, timeZone?: string): readonly string[] {
  const schedule = parseSchedule(text) as Schedule
  const found: string[] = []
  let at = Date.parse(after)
  while (found.length < count) {
    at = nextTime(schedule, at, timeZone) as number
    found.push(new Date(at).toISOString().replace(':00.000Z', 'Z'))
  }
  return found
}

// https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#schedule-syntax
test.each([
  ['0 0 13 * 5', '2024-09-01T00:00:00Z', ['2024-09-06T00:00Z', '2024-09-13T00:00Z', '2024-09-20T00:00Z']],
  ['0 3 * * 1', '2024-01-01T03:00:00Z', ['2024-01-08T03:00Z']],
  ['*/20 8-9 * * *', '2024-01-01T09:30:00Z', ['2024-01-01T09:40Z', '2024-01-02T08:00Z']],
  ['5/30 0 1 jan,jul *', '2024-01-01T00:05:00Z', ['2024-01-01T00:35Z', '2024-07-01T00:05Z']],
  ['0 0 29 2 *', '2024-03-01T00:00:00Z', ['2028-02-29T00:00Z']],
  ['@hourly', '2024-01-01T00:00:00Z', ['2024-01-01T01:00Z']],
])('%s', (text, after, expected) => {
  expect(times(text, after, expected.length)).toEqual(expected)
})

test.each(['', '* * * *', '60 * * * *', '* * 0 * *', '*/0 * * * *', '5-3 * * * *', 'TZ=UTC * * * * *', '* * * * 7'])(
  '%s is no schedule',
  (text) => expect(parseSchedule(text)).toBeUndefined(),
)

// https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#time-zones
test('a time zone moves the times, with its changes of clocks', () => {
  expect(times('0 9 * * *', '2024-03-30T00:00:00Z', 2, 'Europe/Berlin')).toEqual([
    '2024-03-30T08:00Z',
    '2024-03-31T07:00Z',
  ])
  // 02:30 is skipped on 31 March, and comes twice on 27 October.
  expect(times('30 2 * * *', '2024-03-30T12:00:00Z', 1, 'Europe/Berlin')).toEqual(['2024-04-01T00:30Z'])
  expect(times('30 2 * * *', '2024-10-26T12:00:00Z', 2, 'Europe/Berlin')).toEqual([
    '2024-10-27T00:30Z',
    '2024-10-28T01:30Z',
  ])
  expect([isTimeZone('Etc/UTC'), isTimeZone('Mars/Base')]).toEqual([true, false])
})

test('a day that no month has never comes', () => {
  expect(nextTime(parseSchedule('0 0 31 2 *') as Schedule, 0)).toBeUndefined()
})
