/** What a key does to the inspector: a pure function. Keys are named as in the status bar. */
import { guiltyRun, guiltyStep } from '#inspect/guilty-step.ts'
import { analysisLines } from './analyses-screen.ts'
import { comparedOf, othersOf } from './compared.ts'
import { comparisonLines } from './comparison-screen.ts'
import type { Size } from './lines.ts'
import {
  controllersOf,
  currentPath,
  type InspectorModel,
  objectsOf,
  runsOf,
  type Screen,
  shownSteps,
  type Wanted,
} from './model.ts'
import { alongTrail, graphOf, neighboursOf, shownState, stateNumber, toNeighbour, toState } from './states.ts'
import { scrollMax } from './view.ts'

/** `size`: of the terminal, for paging and for where scrolling ends. */
export function update(model: InspectorModel, key: string, size: Size): InspectorModel {
  return withWanted(pressed(model, key, size))
}

function pressed(model: InspectorModel, key: string, size: Size): InspectorModel {
  const quiet = { ...model, message: '', wanted: undefined }
  if (key === 'ctrl-c') return { ...quiet, wanted: { type: 'quit' } }
  if (model.typing !== undefined) return typed(quiet, key)
  const page = Math.max(1, size.height - 6)
  const moves: Readonly<Record<string, number>> = {
    down: 1,
    j: 1,
    up: -1,
    k: -1,
    pagedown: page,
    ' ': page,
    pageup: -page,
  }
  const by = moves[key]
  if (by !== undefined) return moved(quiet, by, size)
  if (key === 'home' || key === 'g') return moved(quiet, Number.NEGATIVE_INFINITY, size)
  if (key === 'end' || key === 'G') return moved(quiet, Number.POSITIVE_INFINITY, size)
  return command(quiet, key)
}

/** A path has been read. */
export function withPath(
  model: InspectorModel,
  number: number,
  path: NonNullable<ReturnType<typeof currentPath>>,
): InspectorModel {
  return withWanted({ ...model, wanted: undefined, paths: new Map([...model.paths, [number, path]]) })
}

/** A state has been read. */
export function withState(
  model: InspectorModel,
  key: string,
  state: NonNullable<ReturnType<typeof shownState>>,
): InspectorModel {
  return withWanted({ ...model, wanted: undefined, states: new Map([...model.states, [key, state]]) })
}

/** Asks for what the screen lacks; what is there already is opened at the step that is to blame. */
function withWanted(model: InspectorModel): InspectorModel {
  if (model.wanted !== undefined || model.screen === 'entries' || model.screen === 'comparison') return model
  const lacking = lackingOf(model)
  if (lacking !== undefined) return { ...model, wanted: lacking }
  const path = currentPath(model)
  if (!model.opening || path === undefined) return model
  const entry = model.entries[model.entry]
  return { ...model, opening: false, step: entry?.type === 'finding' ? guiltyStep(entry.finding, path, model.run) : 0 }
}

function lackingOf(model: InspectorModel): Wanted | undefined {
  const run = runsOf(model.entries[model.entry])[model.run]
  const compared = model.screen === 'compare' ? comparedOf(model) : undefined
  const path = [run, compared?.left, compared?.right].find((each) => each && !model.paths.has(each.path.$path))?.path
  if (path !== undefined) return { type: 'read', path }
  const graph = model.screen === 'states' ? graphOf(model) : undefined
  if (graph === undefined || shownState(model) !== undefined) return undefined
  return { type: 'state', graph, number: stateNumber(model) }
}

function command(model: InspectorModel, key: string): InspectorModel {
  switch (key) {
    case 'q':
      return { ...model, wanted: { type: 'quit' } }
    case '?':
      return model.screen === 'help' ? left(model) : { ...model, screen: 'help', covered: model.screen, scroll: 0 }
    case 'escape':
    case 'backspace':
    case 'left':
    case 'h':
      return left(model)
    case 'enter':
    case 'right':
    case 'l':
      return entered(model)
    case '/':
      return { ...model, screen: model.screen === 'comparison' ? 'entries' : model.screen, typing: 'search', typed: '' }
    case 'w':
      return { ...model, typing: 'file', typed: '' }
    case 'y':
      return model.screen === 'comparison' ? model : copied(model)
    case 'x':
      return toComparison(model)
    case 'd':
    case 's': {
      const opened = model.screen === 'entries' ? entered(model) : model
      if (isBesidePaths(opened)) return model
      return key === 'd' ? toCompared(opened) : toStates(opened)
    }
    case 'm':
    case 'u': {
      const opened = model.screen === 'entries' ? entered(model) : model
      if (isBesidePaths(opened)) return model
      return key === 'm' ? toHeat(opened) : toSummary(opened)
    }
    case '#':
      return model.screen === 'states' ? { ...model, typing: 'state', typed: '' } : model
    default:
      return isBesidePaths(model) ? model : onPath(model, key)
  }
}

function isBesidePaths({ screen }: InspectorModel): boolean {
  return screen === 'entries' || screen === 'help' || screen === 'comparison'
}

/** What needs a path. */
function onPath(model: InspectorModel, key: string): InspectorModel {
  switch (key) {
    case 'tab':
      return model.screen === 'compare' ? otherOutcome(model) : otherRun(model)
    case 'n':
      if (model.screen === 'states') return alongTrail(model, 1)
      return model.search === '' ? besides(model, 1) : found(model, 1)
    case 'p':
    case 'N':
      if (model.screen === 'states') return alongTrail(model, -1)
      return model.search === '' ? besides(model, -1) : found(model, -1)
    case 'f':
      return toFork(model)
    case 'e':
      return model.screen === 'why' ? left(model) : aside(model, 'why')
    case 'o':
      return model.follow === undefined ? aside(model, 'objects') : onShown({ ...model, follow: undefined })
    case 'a':
      return toAnalyses(model)
    case 'c':
      return nextController(model)
    default:
      return model
  }
}

function aside(model: InspectorModel, screen: Screen): InspectorModel {
  const back =
    model.screen === 'entries' || model.screen === 'steps' || model.screen === 'step' ? model.screen : model.back
  return { ...model, screen, back, scroll: 0 }
}

/** Of the object that is chosen among the objects, else of the step. */
function toAnalyses(model: InspectorModel): InspectorModel {
  if (model.screen === 'analyses') return left(model)
  const analysed = model.screen === 'objects' ? objectsOf(currentPath(model))[model.object] : undefined
  return { ...aside(model, 'analyses'), analysed, line: 0 }
}

function toSummary(model: InspectorModel): InspectorModel {
  return model.screen === 'summary' ? left(model) : { ...aside(model, 'summary'), line: 0 }
}

/** To the step that the chosen line is about. */
function toStepOfLine(model: InspectorModel): InspectorModel {
  const chosen = analysisLines(model)[model.line]
  const index = chosen?.leadsTo ?? chosen?.step
  const step = currentPath(model)?.steps.findIndex((each) => each.index === index) ?? -1
  if (index === undefined || step < 0) return { ...model, message: 'This line leads to no step.' }
  return { ...model, screen: 'step', step, follow: undefined, controller: undefined, scroll: 0 }
}

/** Of two files. */
function toComparison(model: InspectorModel): InspectorModel {
  if (model.screen === 'comparison') return left(model)
  if (model.comparison === undefined) return { ...model, message: 'One file is shown: there is none to compare with.' }
  return { ...model, screen: 'comparison', line: 0, scroll: 0, search: '', follow: undefined, controller: undefined }
}

/** To the finding, outcome or object that the chosen line is about. */
function toWhatDiffers(model: InspectorModel): InspectorModel {
  const { entry, object } = comparisonLines(model.comparison)[model.line] ?? {}
  if (entry === undefined) return { ...model, message: 'This line leads to nothing.' }
  const shown = opened({ ...model, entry })
  if (object === undefined) return shown
  return { ...shown, screen: 'analyses', back: 'steps', analysed: object, line: 0 }
}

function toStates(model: InspectorModel): InspectorModel {
  if (model.screen === 'states') return left({ ...model, visited: [] })
  if (graphOf(model) === undefined) return { ...model, message: 'The file has no states of this search.' }
  return { ...aside(model, 'states'), state: undefined, visited: [], neighbour: 0 }
}

function toHeat(model: InspectorModel): InspectorModel {
  if (model.screen === 'heat') return left(model)
  if (graphOf(model) === undefined) return { ...model, message: 'The file has no states of this search.' }
  return aside(model, 'heat')
}

function toCompared(model: InspectorModel): InspectorModel {
  if (model.screen === 'compare') return left(model)
  if (comparedOf(model) !== undefined) return aside(model, 'compare')
  const isFinding = model.entries[model.entry]?.type === 'finding'
  return { ...model, message: isFinding ? 'This finding has one run only.' : 'There is no other outcome.' }
}

function otherOutcome(model: InspectorModel): InspectorModel {
  const entry = model.entries[model.entry]
  const others = othersOf(model).length
  if (entry?.type === 'finding' || others < 2) return { ...model, message: 'There is nothing else to compare with.' }
  return { ...model, other: (model.other + 1) % others, scroll: 0 }
}

function left(model: InspectorModel): InspectorModel {
  switch (model.screen) {
    case 'help':
      return { ...model, screen: model.covered, scroll: 0 }
    case 'states': {
      const state = model.visited.at(-1)
      if (state === undefined) return { ...model, screen: model.back, scroll: 0 }
      return { ...model, state, visited: model.visited.slice(0, -1), neighbour: 0 }
    }
    case 'entries':
      return model.search === '' ? model : { ...model, search: '' }
    case 'comparison':
      return { ...model, screen: 'entries', scroll: 0 }
    case 'steps':
      return { ...model, screen: 'entries', follow: undefined, controller: undefined, search: '', scroll: 0 }
    case 'step':
      return { ...model, screen: 'steps', scroll: 0 }
    default:
      return { ...model, screen: model.back, scroll: 0 }
  }
}

function entered(model: InspectorModel): InspectorModel {
  switch (model.screen) {
    case 'entries':
      return model.entries.length === 0 ? model : opened(model)
    case 'comparison':
      return toWhatDiffers(model)
    case 'states':
      return toNeighbour(model)
    case 'analyses':
    case 'summary':
      return toStepOfLine(model)
    case 'steps':
      return shownSteps(model).length === 0 ? model : { ...model, screen: 'step', scroll: 0 }
    case 'objects': {
      const follow = objectsOf(currentPath(model))[model.object]
      return follow === undefined ? left(model) : onShown({ ...left(model), screen: 'steps', follow })
    }
    default:
      return model
  }
}

/** In the run that has the step that is to blame. */
function opened(model: InspectorModel): InspectorModel {
  const entry = model.entries[model.entry]
  const run = entry?.type === 'finding' ? guiltyRun(entry.finding) : 0
  return { ...model, screen: 'steps', opening: true, run, step: 0, other: 0, scroll: 0 }
}

function moved(model: InspectorModel, by: number, size: Size): InspectorModel {
  switch (model.screen) {
    case 'entries':
      return { ...model, entry: within(model.entry + by, model.entries.length) }
    case 'steps':
      return besides(model, by)
    case 'states':
      return { ...model, neighbour: within(model.neighbour + by, neighboursOf(shownState(model)).length) }
    case 'analyses':
    case 'summary':
      return { ...model, line: within(model.line + by, analysisLines(model).length) }
    case 'comparison':
      return { ...model, line: within(model.line + by, comparisonLines(model.comparison).length) }
    case 'objects':
      return { ...model, object: within(model.object + by, objectsOf(currentPath(model)).length) }
    default:
      return { ...model, scroll: Math.max(0, Math.min(model.scroll + by, scrollMax(model, size))) }
  }
}

/** Another of the steps that are shown. */
function besides(model: InspectorModel, by: number): InspectorModel {
  const shown = shownSteps(model)
  const place = shown.indexOf(model.step)
  const step = shown[within(place + by, shown.length)]
  return step === undefined ? model : { ...model, step, scroll: 0, line: 0 }
}

/** To the nearest step that the filters leave. */
function onShown(model: InspectorModel): InspectorModel {
  const shown = shownSteps(model)
  const step = shown.find((place) => place >= model.step) ?? shown.at(-1)
  return step === undefined ? model : { ...model, step }
}

function within(place: number, length: number): number {
  return Math.max(0, Math.min(place, length - 1))
}

function otherRun(model: InspectorModel): InspectorModel {
  const runs = runsOf(model.entries[model.entry])
  if (runs.length < 2) return { ...model, message: 'There is one run only.' }
  const next = { ...model, run: (model.run + 1) % runs.length, scroll: 0 }
  const steps = runs[next.run]?.path.steps ?? 0
  return { ...next, step: within(model.step, steps) }
}

/** The first step that the runs do not share. */
function toFork(model: InspectorModel): InspectorModel {
  const entry = model.entries[model.entry]
  const fork = entry?.type === 'finding' ? entry.finding.fork : undefined
  if (fork === undefined) return { ...model, message: 'This path has no fork.' }
  const steps = currentPath(model)?.steps ?? []
  const step = steps.findIndex(({ index }) => index >= fork.commonSteps)
  if (step < 0) return { ...model, message: 'This run ends where the other one goes on.' }
  return {
    ...model,
    step,
    follow: undefined,
    controller: undefined,
    scroll: 0,
    message: 'Here the runs part (tab: the other run).',
  }
}

function nextController(model: InspectorModel): InspectorModel {
  const names = controllersOf(currentPath(model))
  const place = model.controller === undefined ? -1 : names.indexOf(model.controller)
  return onShown({ ...model, controller: names[place + 1] })
}

function copied(model: InspectorModel): InspectorModel {
  const entry = model.entries[model.entry]
  const text = entry?.type === 'finding' ? entry.finding.replay : ''
  if (text === '') return { ...model, message: 'There is no command that replays this.' }
  return { ...model, message: `Copied: ${text}`, wanted: { type: 'copy', text } }
}

function typed(model: InspectorModel, key: string): InspectorModel {
  if (key === 'escape') return { ...model, typing: undefined, typed: '' }
  if (key === 'backspace') return { ...model, typed: model.typed.slice(0, -1) }
  if (key === 'enter') {
    const done = { ...model, typing: undefined, typed: '' }
    if (model.typing === 'state') return toState(done, model.typed)
    if (model.typing === 'search') return found({ ...done, search: model.typed }, 0)
    return model.typed === '' ? done : { ...done, wanted: { type: 'save', file: model.typed } }
  }
  return [...key].length === 1 ? { ...model, typed: model.typed + key } : model
}

/** The next entry or step with the text in it; `by` 0: this one too. */
function found(model: InspectorModel, by: -1 | 0 | 1): InspectorModel {
  if (model.search === '') return model
  const wanted = model.search.toLowerCase()
  const isEntries = model.screen === 'entries'
  const items = isEntries ? model.entries.map((_, place) => place) : shownSteps(model)
  const steps = currentPath(model)?.steps ?? []
  const text = (place: number) => JSON.stringify(isEntries ? entryData(model, place) : steps[place]).toLowerCase()
  const start = items.indexOf(isEntries ? model.entry : model.step)
  for (let distance = by === 0 ? 0 : 1; distance <= items.length; distance++) {
    const direction = by === -1 ? -1 : 1
    const place = items[(start + direction * distance + items.length * 2) % items.length]
    if (place === undefined || !text(place).includes(wanted)) continue
    return isEntries ? { ...model, entry: place } : { ...model, step: place, scroll: 0 }
  }
  return { ...model, message: `Nothing here has "${model.search}" in it.` }
}

function entryData(model: InspectorModel, place: number): unknown {
  const entry = model.entries[place]
  return entry?.type === 'finding' ? entry.finding : entry?.outcome
}
