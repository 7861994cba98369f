/** How processes start: anew, or as a second instance; and what their watches do when they are behind. */
import type { Option } from './choices.ts'
import { deliver, type Episode, type Episodes, type State, startProcess, viewThrough } from './state.ts'
import type { Step } from './step.ts'
import { type Change, keyOf, type ObjectVersion } from './store.ts'

/** A crash: everything of the process is gone, and it starts anew. It may list each kind as it was at its bookmark. */
export function restart(step: Step, process: string): void {
  const { system, state, choose } = step
  const late: Episodes = {}
  for (const [kind, since] of Object.entries(state.bookmarks[process] ?? {})) {
    if (since.length === 0) continue
    const options: Option<boolean>[] = [
      { label: '', value: false },
      { label: `old list of ${kind}`, value: true },
    ]
    if (choose(options)) late[kind] = { type: 'late', undelivered: since }
  }
  startProcess(system, state, process, late)
}

/** A second instance takes over: with its own caches, and nothing else that the first one had. */
export function handOver({ system, state }: Step, process: string): void {
  const controllers = system.controllers.filter((controller) => controller.process === process)
  const flights = controllers.map(({ name }) => [name, state.inFlight[name]] as const)
  if (flights.some(([, flight]) => flight !== undefined)) {
    const episodes = state.episodes[process] ?? {}
    state.retired = [...state.retired, { process, inFlight: Object.fromEntries(flights), episodes }]
  }
  const missed = Object.entries(state.standby[process] ?? {})
  const late = missed.map(([kind, undelivered]): [string, Episode] => [kind, { type: 'late', undelivered }])
  state.standby[process] = {}
  startProcess(system, state, process, Object.fromEntries(late))
}

/** Instances that have nothing in flight any more are gone. */
export function forgetRetired(state: State): void {
  state.retired = state.retired.filter(({ inFlight }) => Object.values(inFlight).some((flight) => flight !== undefined))
}

/** The oldest undelivered change arrives. */
export function catchUp({ system, state }: Step, process: string, kind: string): void {
  const open = (state.episodes[process] ??= {})
  const episode = open[kind]
  if (episode?.type !== 'late') return
  const [oldest, ...later] = episode.undelivered
  if (later.length > 0) open[kind] = { type: 'late', undelivered: later }
  else delete open[kind]
  if (oldest !== undefined) deliver(system, state, process, oldest)
}

/** A process whose watch broke sees one difference for each object. Object by object, each is a step of its own. */
export function listAgain(step: Step, process: string, kind: string): void {
  const { system, state, bounds } = step
  const open = (state.episodes[process] ??= {})
  const episode = open[kind]
  if (episode?.type !== 'broken') return
  delete open[kind]
  const differences = differencesOf(episode.seen, viewThrough(state.store, kind, undefined))
  if (bounds.profile !== 'legacy-fifo') {
    for (const change of differences) deliver(system, state, process, change)
  } else if (differences.length > 0) open[kind] = { type: 'late', undelivered: differences }
}

/** In the order of the list, then what is gone. */
function differencesOf(seen: readonly ObjectVersion[], listed: readonly ObjectVersion[]): Change[] {
  const before = new Map(seen.map((object) => [keyOf(object), object]))
  const after = new Map(listed.map((object) => [keyOf(object), object]))
  const changed = listed.filter((object) => before.get(keyOf(object))?.resourceVersion !== object.resourceVersion)
  const gone = seen.filter((object) => !after.has(keyOf(object)))
  return [...changed, ...gone].map((object) => ({
    kind: object.kind,
    name: object.name,
    before: before.get(keyOf(object)),
    after: after.get(keyOf(object)),
  }))
}

/** Keeps the list as it is now for a later restart. */
export function bookmark({ state }: Step, process: string, kind: string): void {
  const bookmarks = (state.bookmarks[process] ??= {})
  bookmarks[kind] = []
}
