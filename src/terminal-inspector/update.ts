/** What a key does to the inspector: a pure function. Keys are named as in the status bar. */
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
import { type Size, scrollMax } from './view.ts'

/** `size`: of the terminal, for paging and for where scrolling ends. */
export function update(model: InspectorModel, key: string, size: Size): InspectorModel {
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
  return { ...model, wanted: undefined, paths: new Map([...model.paths, [number, path]]) }
}

function command(model: InspectorModel, key: string): InspectorModel {
  switch (key) {
    case 'q':
      return { ...model, wanted: { type: 'quit' } }
    case '?':
      return model.screen === 'help' ? left(model) : aside(model, 'help')
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
      return { ...model, typing: 'search', typed: '' }
    case 'w':
      return { ...model, typing: 'file', typed: '' }
    case 'y':
      return copied(model)
    default:
      return model.screen === 'entries' ? model : onPath(model, key)
  }
}

/** What needs a path. */
function onPath(model: InspectorModel, key: string): InspectorModel {
  switch (key) {
    case 'tab':
      return otherRun(model)
    case 'n':
      return model.search === '' ? besides(model, 1) : found(model, 1)
    case 'p':
    case 'N':
      return model.search === '' ? besides(model, -1) : found(model, -1)
    case 'f':
      return toFork(model)
    case 'e':
      return model.screen === 'why' ? left(model) : aside(model, 'why')
    case 'o':
      return model.follow === undefined ? aside(model, 'objects') : onShown({ ...model, follow: undefined })
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

function left(model: InspectorModel): InspectorModel {
  switch (model.screen) {
    case 'entries':
      return model.search === '' ? model : { ...model, search: '' }
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
      return model.entries.length === 0 ? model : reading({ ...model, screen: 'steps', run: 0, step: 0, scroll: 0 })
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

/** Asks for the path, unless it was read. */
function reading(model: InspectorModel): InspectorModel {
  const run = runsOf(model.entries[model.entry])[model.run]
  const wanted: Wanted | undefined =
    run === undefined || model.paths.has(run.path.$path) ? undefined : { type: 'read', path: run.path }
  return { ...model, wanted }
}

function moved(model: InspectorModel, by: number, size: Size): InspectorModel {
  switch (model.screen) {
    case 'entries':
      return { ...model, entry: within(model.entry + by, model.entries.length) }
    case 'steps':
      return besides(model, by)
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
  return step === undefined ? model : { ...model, step, scroll: 0 }
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
  const next = reading({ ...model, run: (model.run + 1) % runs.length, scroll: 0 })
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
