/** The path of a violation: from the recorded graph to steps that people read. */
import { at } from '#checker/growable.ts'
import { pathTo } from '#checker/search.ts'
import { type Choose, describePath } from '#cluster/describe.ts'
import { enableNow, type Level } from '#cluster/level.ts'
import type { Violation } from '#properties/violation.ts'
import type { PathRecord } from '#trace/path.ts'
import { type Goal, indexOfName, plainModel, shortestPath } from './shortest-path.ts'

/** The path to an entry, described; `more` is an action taken after it. */
export function describeEntry(
  level: Level,
  entry: number,
  options: { readonly more?: number | undefined; readonly audit: boolean } = { audit: true },
): ReturnType<typeof describePath> {
  const path = pathTo(level.graph, entry)
  const choose: Choose = (step) => path[step]?.action ?? (step === path.length ? options.more : undefined)
  return describePath(level.model, at(level.graph.entryBudget, 0), choose, options)
}

/** The path on which the search met a violation; empty where there is none. */
export async function pathAsFound(level: Level, { place }: Violation): Promise<PathRecord> {
  if (place.type === 'nowhere') return { actions: [], steps: [] }
  if (place.type === 'lasso') return (await lassoPath(level, place)).path
  return (await describeEntry(level, place.entry, { more: place.action, audit: false })).record
}

/** The path to a cycle, as short as it can be made, then once round it: each hop by the action whose successor is the state that was recorded. */
export async function lassoPath(
  level: Level,
  {
    entry,
    walk,
  }: {
    readonly entry: number
    readonly walk: readonly { readonly target: number; readonly label: number }[]
  },
): Promise<{ readonly path: PathRecord; readonly minimisedFrom: number }> {
  const { graph } = level
  const found = (await describeEntry(level, entry, { audit: false })).record
  const start = at(graph.entryState, entry)
  const prints = printsOf(level, new Set([start, ...walk.map(({ target }) => target)]))
  const isStart: Goal = async (model, state) => {
    model.fingerprint(state, state.length)
    return `${model.next.high} ${model.next.low}` === prints.get(start)
  }
  const names = await shortestPath(level, found.actions, isStart)
  const choose: Choose = async (step, model) => {
    if (step < names.length) return indexOfName(model, names[step])
    const hop = walk[step - names.length]
    if (hop === undefined) return undefined
    const wanted = prints.get(hop.target)
    const { world, enabled } = model
    const state = world.state.slice(0, world.length)
    const { remaining } = world
    for (let action = 0; action < enabled.count; action++) {
      while (!model.take(action)) {
        await model.resolve()
        await enableNow(model, state, state.length, remaining)
      }
      const { next } = model
      if (`${next.high} ${next.low}` === wanted && (next.flags | (next.fairClass << 4)) === hop.label) return action
    }
    return undefined
  }
  const { record } = await describePath(plainModel(level), at(graph.entryBudget, 0), choose, { audit: true })
  const cycleStart = names.length
  const steps = record.steps.map((step, index) => (index === cycleStart ? { ...step, cycleStart: true } : step))
  return { path: { ...record, steps, cycleStart }, minimisedFrom: found.steps.length + walk.length }
}

/** Fingerprints of some states, from the visited set. */
function printsOf(level: Level, states: ReadonlySet<number>): ReadonlyMap<number, string> {
  const { visited } = level.graph
  const prints = new Map<number, string>()
  for (let place = 0; place <= visited.mask; place++) {
    const number = (visited.number[place] as number) - 1
    if (number >= 0 && states.has(number)) prints.set(number, `${visited.high[place]} ${visited.low[place]}`)
  }
  return prints
}

export function writersOf(path: PathRecord): readonly string[] {
  const writers = path.steps.filter(
    (step) => step.controller !== undefined && step.writes.some(({ outcome }) => outcome === 'committed'),
  )
  return [...new Set(writers.map((step) => step.controller as string))].sort()
}
