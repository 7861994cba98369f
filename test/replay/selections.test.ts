/** To a watch with a selector an object that is not selected any more is DELETED: that is no removal. */
import { expect, it } from 'vitest'
import { createScheme } from '#api/scheme.ts'
import { objectsAtStep } from '#replays/recorded-state.ts'
import { recordedSuccessions } from '#replays/recorded-successions.ts'
import { type ObjectPlace, placeOf, recordedVersions } from '#replays/recorded-versions.ts'
import type { TraceEvent } from '#trace/trace-event.ts'

const type = { apiVersion: 'v1', kind: 'ConfigMap' }
const object = (version: number, uid = 'u') => ({
  ...type,
  metadata: { name: 'a', namespace: 'n', uid, resourceVersion: String(version) },
})
let step = 0
const watch = (name: string, labelSelector?: string): TraceEvent => ({
  step: step++,
  type: 'watch-begin',
  process: 'p',
  watch: name,
  object: type,
  ...(labelSelector === undefined ? {} : { labelSelector }),
})
const told = (by: string, event: 'ADDED' | 'MODIFIED' | 'DELETED', version: number, uid?: string): TraceEvent => ({
  step: step++,
  type: 'delivery',
  process: 'p',
  watch: by,
  event,
  object: 'ConfigMap n/a',
  resourceVersion: String(version),
  late: false,
  value: object(version, uid),
})
const selected = [watch('some', 'x=y'), told('some', 'ADDED', 3), told('some', 'DELETED', 5)]
const resources = createScheme()
const place = placeOf(resources, object(1)) as ObjectPlace
const versionsOf = (events: readonly TraceEvent[]) =>
  [...recordedVersions(resources, events).all.values()].flatMap(({ versions }) =>
    versions.map(({ version, object: content }) => [version, content !== undefined]),
  )

it('is a removal where nothing speaks against it', () => {
  expect(versionsOf(selected)).toEqual([
    [3, true],
    [5, false],
  ])
  expect(objectsAtStep(selected, step)).toEqual([])
})

it('is none where the same object is told of later, or in that version', () => {
  const later = [...selected, watch('all'), told('all', 'MODIFIED', 6)]
  expect(versionsOf(later)).toEqual([
    [3, true],
    [6, true],
  ])
  for (const same of [
    [...selected, watch('all'), told('all', 'MODIFIED', 5)],
    [watch('all'), told('all', 'MODIFIED', 5), ...selected],
  ]) {
    expect(versionsOf(same)).toEqual([
      [3, true],
      [5, true],
    ])
    expect(objectsAtStep(same, step)).toMatchObject([{ metadata: { name: 'a' } }])
  }
  expect(versionsOf([...selected, watch('all'), told('all', 'ADDED', 7, 'another')])).toEqual([
    [3, true],
    [5, false],
    [7, true],
  ])
})

it('proves nothing of what comes after it; a removal does', () => {
  const selectedAgain = [...selected, told('some', 'ADDED', 9)]
  expect(recordedSuccessions(resources, selectedAgain).areNeighbours(place, 3, 5)).toBe(true)
  expect(recordedSuccessions(resources, selectedAgain).areNeighbours(place, 5, 9)).toBe(false)
  const whole = [watch('whole'), told('whole', 'ADDED', 3), told('whole', 'DELETED', 5), told('whole', 'ADDED', 9)]
  expect(recordedSuccessions(resources, whole).areNeighbours(place, 5, 9)).toBe(true)
})
