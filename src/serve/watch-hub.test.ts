import { expect, test } from 'vitest'
import type { ResourceInfo } from '#api/resource.ts'
import { createScheme } from '#api/scheme.ts'
import { initialState } from '#apiserver/state.ts'
import type { WatchRecord } from '#apiserver/watch-record.ts'
import { createLiveState, type LiveState } from './live-state.ts'
import { watchHub } from './watch-hub.ts'

const table = createScheme()
const configMaps = table.byKind('v1', 'ConfigMap') as ResourceInfo

function liveState(): LiveState {
  return createLiveState({ table, initial: initialState(table, []), now: () => 0 })
}

function write(live: LiveState, name: string): void {
  const body = Object.freeze({ apiVersion: 'v1', kind: 'ConfigMap', metadata: Object.freeze({ name }) })
  live.execute({ verb: 'create', resource: configMaps, namespace: 'default', body })
}

const names = (records: readonly WatchRecord[]): string[] => records.map(({ object }) => object.metadata.name ?? '')
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

test('a thousand watchers are served over several turns, and each gets every record once', async () => {
  const live = liveState()
  const got = Array.from({ length: 1000 }, (): string[] => [])
  const served = (): number => got.filter((one) => one.length > 0).length
  for (const one of got) watchHub(live).add(configMaps.key, (records) => one.push(...names(records)))
  write(live, 'a')
  await turn()
  expect(served()).toBeGreaterThan(0)
  expect(served()).toBeLessThan(1000)
  write(live, 'b')
  for (let turns = 0; turns < 30; turns++) await turn()
  write(live, 'c')
  for (let turns = 0; turns < 30; turns++) await turn()
  expect(got.every((one) => one.join() === 'a,b,c')).toBe(true)
})

test('a flush hands out what waits for one watcher, and its turn brings nothing twice', async () => {
  const live = liveState()
  const first: string[] = []
  const second: string[] = []
  const subscription = watchHub(live).add(configMaps.key, (records) => first.push(...names(records)))
  watchHub(live).add(configMaps.key, (records) => second.push(...names(records)))
  write(live, 'a')
  subscription.flush()
  expect([first, second]).toEqual([['a'], []])
  await turn()
  expect([first, second]).toEqual([['a'], ['a']])
  write(live, 'b')
  subscription.end()
  await turn()
  expect([first, second]).toEqual([['a'], ['a', 'b']])
})
