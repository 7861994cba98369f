/** The path of a violation: from the recorded graph to steps that people read, as short as it can be made. */
import { at } from '#checker/growable.ts'
import { pathTo } from '#checker/search.ts'
import { type Choose, describePath } from '#cluster/describe.ts'
import type { Level } from '#cluster/level.ts'
import type { Violation } from '#properties/violation.ts'
import type { PathRecord } from '#trace/path.ts'
import { describeNames, type Goal, goalOf, indexOfName, plainModel, shortestPath } from './minimise.ts'

export interface Minimised {
  readonly path: PathRecord
  readonly minimisedFrom: number
}

export async function pathOf(level: Level, violation: Violation): Promise<Minimised> {
  const { place } = violation
  if (place.type === 'nowhere') return { path: { actions: [], steps: [] }, minimisedFrom: 0 }
  if (place.type === 'path') return minimisedTo(level, violation, place.entry, place.action)
  return lassoPath(level, place.entry, place.walk)
}

/** The shortest path on which the violation is there, among the actions of the one that was found. */
export async function minimisedTo(
  level: Level,
  violation: Violation,
  entry: number,
  more?: number,
): Promise<Minimised> {
  const { record } = await describeEntry(level, entry, more)
  const last = more === undefined ? undefined : record.actions.at(-1)
  const outcome = level.rests.find(({ state }) => state === at(level.graph.entryState, entry))
  const goal = goalOf(level, violation, outcome?.text, last)
  if (goal === undefined) return { path: record, minimisedFrom: record.steps.length }
  const prefix = last === undefined ? record.actions : record.actions.slice(0, -1)
  const names = await shortestPath(level, prefix, goal)
  if (names.length === prefix.length) return { path: record, minimisedFrom: record.steps.length }
  const path = await describeNames(level, last === undefined ? names : [...names, last])
  return { path, minimisedFrom: record.steps.length }
}

/** The path to a cycle, then once round it: each hop by the action whose successor is the state that was recorded. */
export async function lassoPath(
  level: Level,
  entry: number,
  walk: readonly { readonly target: number; readonly label: number }[],
): Promise<Minimised> {
  const { graph } = level
  const found = (await describeEntry(level, entry)).record
  const start = at(graph.entryState, entry)
  const prints = printsOf(level, new Set([start, ...walk.map(({ target }) => target)]))
  const isStart: Goal = (model) => {
    model.fingerprint(model.world.state, model.world.length)
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
    for (let action = 0; action < enabled.count; action++) {
      while (!model.take(action)) {
        await model.resolve()
        model.enable(state, state.length, 0)
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

/** The path to an entry, described; `more` is an action taken after it. */
export function describeEntry(level: Level, entry: number, more?: number): ReturnType<typeof describePath> {
  const path = pathTo(level.graph, entry)
  const choose: Choose = (step) => path[step]?.action ?? (step === path.length ? more : undefined)
  return describePath(level.model, at(level.graph.entryBudget, 0), choose, { audit: true })
}

export function writersOf(path: PathRecord): readonly string[] {
  const writers = path.steps.filter(
    (step) => step.controller !== undefined && step.writes.some(({ outcome }) => outcome === 'committed'),
  )
  return [...new Set(writers.map((step) => step.controller as string))].sort()
}
