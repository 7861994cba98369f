/** The web inspector: reads the dump that is in its page, and shows the place that the URL names. */

import type { StoredGraph, StoredReport } from '#dump/format.ts'
import { type ByteSource, type Dump, openDump } from '#dump/read-dump.ts'
import { guiltyRun, guiltyStep } from '#inspect/guilty-step.ts'
import { plainData } from '#inspect/plain-text.ts'
import type { PathRecord } from '#trace/path.ts'
import { analysesView, summaryView } from './analyses-view.ts'
import { comparisonView } from './comparison-view.ts'
import { controls } from './controls.ts'
import { forkDifference, outcomesBeside } from './difference-view.ts'
import { element } from './element.ts'
import { bounds, type GuiltyWrite, header } from './entry-header.ts'
import { listen, liveSection } from './live.ts'
import { navigation } from './navigation.ts'
import {
  COMPARISON_HASH,
  type Entry,
  entriesOf,
  hashOf,
  type Place,
  placeIn,
  runsOf,
  VIEWS,
  type View,
} from './place.ts'
import { spaceTime } from './space-time.ts'
import { stateView } from './state-view.ts'
import { hasText, stepDetail, stepList } from './step-view.ts'

const page = document.getElementById('page') as HTMLElement
const paths = new Map<number, PathRecord>()
let entries: readonly Entry[] = []
let reports: readonly StoredReport[] = []
let dump: Dump | undefined
let search = ''
/** The search box was asked for, and is not drawn yet: what is typed meanwhile belongs to it. */
let awaitsSearch = false
/** How often the page was to be drawn: an older drawing that takes longer than a newer one is not shown. */
let drawings = 0

start().catch(failed)

async function start(): Promise<void> {
  addEventListener('hashchange', () => void show().catch(failed))
  addEventListener('keydown', pressed)
  const data = document.getElementById('dump')
  if (data === null) {
    listen((source) => open(source).catch(failed))
    if (dump === undefined) page.replaceChildren(waiting())
    return
  }
  const text = (data.textContent ?? '').trim()
  const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0))
  await open({
    name: 'this page',
    size: bytes.length,
    read: async (offset, length) => bytes.slice(offset, offset + length),
  })
}

/** The place stays that the URL names, in the new dump too. */
async function open(source: ByteSource): Promise<void> {
  dump = await openDump(source)
  paths.clear()
  reports = plainData(dump.reports)
  entries = entriesOf(reports)
  await show()
}

function failed(error: unknown): void {
  page.replaceChildren(element('p', { class: 'callout failed', role: 'alert' }, (error as Error).message))
}

/** Before the first scenario is through. */
function waiting(): HTMLElement {
  return element(
    'main',
    {},
    element('h1', {}, 'kamera'),
    element('p', {}, 'Findings and outcomes come here when the search of a scenario is over.'),
    liveSection(),
  )
}

function here(): Place {
  return placeIn(location.hash, entries)
}

function go(change: Partial<Place>): void {
  const place = here()
  const opening = place.opening === true && change.step === undefined
  location.hash = hashOf({ ...place, opening, ...change }, entries)
}

/** Of an entry that is opened. */
const OPENED: Partial<Place> = { run: 0, step: 0, opening: true, view: 'steps', state: undefined, object: undefined }

/** Where the URL says; a finding without a step at the one that is to blame. */
async function settled(): Promise<Place> {
  const place = here()
  const finding = entries[place.entry]?.finding
  if (place.opening !== true || finding === undefined) return place
  const run = guiltyRun(finding)
  const path = await pathAt({ ...place, run })
  return { ...place, opening: false, run, step: path === undefined ? 0 : guiltyStep(finding, path, run) }
}

async function pathAt(place: Place): Promise<PathRecord | undefined> {
  const entry = entries[place.entry]
  const runs = entry === undefined ? [] : runsOf(entry)
  const reference = (runs[place.run] ?? runs[0])?.path
  if (reference === undefined) return undefined
  const known = paths.get(reference.$path)
  if (known !== undefined) return known
  if (dump === undefined) return undefined
  const read = plainData(await dump.path(reference))
  paths.set(reference.$path, read)
  return read
}

async function show(): Promise<void> {
  if (dump === undefined) return
  const drawing = ++drawings
  if (comparisonIsShown()) return showComparison()
  const place = await settled()
  const isOpened = here().opening === true
  if (isOpened && place.opening === false && drawing === drawings)
    history.replaceState(null, '', hashOf(place, entries))
  const entry = entries[place.entry]
  const path = await pathAt(place)
  const states = place.view === 'states' ? await statesAt(place) : undefined
  const compared = place.view === 'difference' ? await comparedAt(place, path) : undefined
  if (drawing !== drawings) return
  document.title = `${entry?.id ?? dump.header.scenarios.join(', ')} · kamera`
  const isSearching = awaitsSearch || document.activeElement === searchBox()
  const focused =
    document.activeElement?.closest('.nav, .step-list, svg.space-time')?.getAttribute('class') ?? undefined
  page.replaceChildren(
    navigationOf(place.entry),
    entry === undefined || path === undefined ? empty() : main(entry, place, { path, states, compared }),
  )
  // A finding is read from its words on; the step to blame is chosen, and one click below them.
  if (isOpened) scrollTo(0, 0)
  else document.querySelector('[aria-current=step], .row.chosen')?.scrollIntoView({ block: 'nearest' })
  if (isSearching) focusSearch()
  else if (focused !== undefined)
    (document.querySelector(`.${focused} :is([aria-current], .chosen)`) as HTMLElement | SVGElement | null)?.focus()
}

/** Two files are opened at what differs between them. */
function comparisonIsShown(): boolean {
  return dump?.comparison !== undefined && ['', '#', COMPARISON_HASH].includes(location.hash)
}

function showComparison(): void {
  if (dump?.comparison === undefined) return
  const open = (entry: number, object: string | undefined) =>
    go({ ...OPENED, entry, ...(object === undefined ? {} : { view: 'analyses', object }) })
  document.title = `${dump.comparison.message} · kamera`
  page.replaceChildren(navigationOf(undefined), comparisonView(plainData(dump.comparison), open))
  scrollTo(0, 0)
}

function navigationOf(chosen: number | undefined): HTMLElement {
  const compare = dump?.comparison === undefined ? undefined : () => void (location.hash = COMPARISON_HASH)
  return navigation({ entries, chosen, choose: (entry) => go({ ...OPENED, entry }), compare })
}

function searchBox(): HTMLInputElement | null {
  return document.querySelector('input[type=search]')
}

/** Waits for the box where the view that is shown has none. */
function focusSearch(): void {
  const box = searchBox()
  awaitsSearch = box === null
  box?.focus()
  box?.setSelectionRange(box.value.length, box.value.length)
}

function empty(): HTMLElement {
  return element('main', {}, element('p', {}, 'Nothing was found, and no run came to rest.'))
}

interface Drawn {
  readonly path: PathRecord
  /** Of the view that shows states. */
  readonly states: HTMLElement | undefined
  /** Of the view that compares outcomes. */
  readonly compared: HTMLElement | undefined
}

function main(entry: Entry, place: Place, { path, states, compared }: Drawn): HTMLElement {
  const { finding } = entry
  const step = path.steps[Math.min(place.step, path.steps.length - 1)]
  const choose = (number: number) => go({ step: number })
  const chooseIndex = (index: number) =>
    go({
      step: Math.max(
        0,
        path.steps.findIndex((each) => each.index === index),
      ),
    })
  if (states !== undefined)
    return element(
      'main',
      {},
      header(entry, (write) => void goToWrite(write, place.view)),
      controlsOf(entry, place),
      element('div', { class: 'body states-view' }, states),
      bounds(entry),
    )
  const list =
    place.view === 'space-time'
      ? spaceTime({ path, chosen: place.step, choose })
      : place.view === 'difference'
        ? (compared ?? forkDifference(entry))
        : stepList({ path, chosen: place.step, commonSteps: finding?.fork?.commonSteps, search, choose })
  const body = element(
    'div',
    { class: `body ${place.view}` },
    list,
    place.view === 'analyses'
      ? analysesView({
          path,
          step,
          object: place.object,
          chooseStep: chooseIndex,
          chooseObject: (object) => go({ object }),
        })
      : place.view === 'summary'
        ? summaryView({ path, chooseStep: chooseIndex })
        : place.view === 'difference'
          ? undefined
          : stepDetail(step, chooseIndex),
  )
  return element(
    'main',
    {},
    header(entry, (write) => void goToWrite(write, place.view)),
    controlsOf(entry, place),
    body,
    bounds(entry),
  )
}

/** The run that has it, at its step. */
async function goToWrite(write: GuiltyWrite, view: Place['view']): Promise<void> {
  const place = here()
  const entry = entries[place.entry]
  const run = entry === undefined || runsOf(entry).length < 2 ? 0 : write.run === 'here' ? 1 : 0
  const path = await pathAt({ ...place, run })
  const step = path?.steps.findIndex(({ index }) => index === write.step) ?? -1
  go({ run, step: Math.max(0, step), view: view === 'difference' ? 'steps' : view })
}

/** The other outcomes of the same search; of two files all others, those of the other file first. */
function othersOf({ id, report }: Entry): readonly Entry[] {
  const others = entries.filter((entry) => entry.outcome !== undefined && entry.id !== id)
  const same = others.filter((entry) => entry.report === report)
  return dump?.comparison === undefined ? same : [...others.filter((entry) => entry.report !== report), ...same]
}

/** Of an outcome; outcomes of two files may have the same id. */
function nameOf({ id, outcome }: Entry): string {
  return dump?.comparison === undefined ? (outcome?.id ?? '') : id
}

/** An outcome beside another one: that of the URL, else the first. */
async function comparedAt(place: Place, path: PathRecord | undefined): Promise<HTMLElement | undefined> {
  const entry = entries[place.entry]
  if (entry?.outcome === undefined || path === undefined) return undefined
  const others = othersOf(entry)
  const other = others.find((each) => nameOf(each) === place.other) ?? others[0]
  const otherPath = other === undefined ? undefined : await pathAt({ ...place, entry: entries.indexOf(other), run: 0 })
  if (other?.outcome === undefined || otherPath === undefined) return undefined
  return outcomesBeside({
    left: { name: nameOf(entry), path },
    right: { name: nameOf(other), path: otherPath },
    others: others.map(nameOf),
    choose: (name) => go({ other: name }),
  })
}

/** The state of the URL; else that after the step, or where a longer run met the finding. */
async function statesAt(place: Place): Promise<HTMLElement | undefined> {
  const entry = entries[place.entry]
  const graph = entry === undefined ? undefined : graphOf(entry)
  if (dump === undefined || entry === undefined || graph === undefined) return undefined
  const trail = graph.paths[(entry.finding ?? entry.outcome)?.id ?? ''] ?? []
  const stepwise = entry.finding === undefined || graph.stepwise?.includes(entry.finding.id) === true
  const here = stepwise ? trail[place.step + 1] : trail.at(-1)
  const number = Math.min(place.state ?? here ?? 0, graph.states - 1)
  return stateView({
    graph: plainData(graph),
    number,
    state: await dump.state(graph, number),
    trail,
    stepwise,
    choose: (state) => go({ state }),
  })
}

function graphOf({ report }: Entry): StoredGraph | undefined {
  const number = reports.indexOf(report)
  return dump?.graphs.find((graph) => graph.report === number)
}

function viewsOf(entry: Entry): readonly View[] {
  const has: Partial<Record<View, boolean>> = {
    difference: entry.finding === undefined ? othersOf(entry).length > 0 : entry.finding.fork !== undefined,
    states: graphOf(entry) !== undefined,
  }
  return VIEWS.filter((view) => has[view] ?? true)
}

/** Of the search box: the list alone is drawn anew, and what is typed stays. */
function searched(entry: Entry, text: string): void {
  search = text
  const list = document.querySelector('.step-list')
  void pathAt(here()).then((path) => {
    if (path === undefined || list === null) return
    const { step: chosen } = here()
    const commonSteps = entry.finding?.fork?.commonSteps
    list.replaceWith(stepList({ path, chosen, commonSteps, search, choose: (step) => go({ step }) }))
  })
}

function controlsOf(entry: Entry, place: Place): HTMLElement {
  return controls({
    runs: runsOf(entry),
    views: viewsOf(entry),
    place,
    search,
    go,
    searched: (text) => searched(entry, text),
  })
}

function pressed(event: KeyboardEvent): void {
  const target = event.target as HTMLElement
  if (event.ctrlKey || event.metaKey || event.altKey) return
  if (target.tagName === 'INPUT') {
    if (event.key === 'Escape') target.blur()
    return
  }
  const place = here()
  const entry = entries[place.entry]
  if (entry === undefined || comparisonIsShown()) return
  if (awaitsSearch && event.key.length === 1) {
    event.preventDefault()
    search += event.key
    return
  }
  if (event.key === '/') {
    event.preventDefault()
    focusSearch()
    if (awaitsSearch) go({ view: 'steps', state: undefined })
    return
  }
  void keyed(event.key, entry).catch(failed)
}

async function keyed(key: string, entry: Entry): Promise<void> {
  const place = await settled()
  const steps = (await pathAt(place))?.steps ?? []
  const move = (by: -1 | 1) => {
    const from = Math.min(place.step, steps.length - 1)
    for (let step = from + by; step >= 0 && step < steps.length; step += by) {
      const found = steps[step]
      if (found !== undefined && hasText(found, search)) return go({ step, state: undefined })
    }
  }
  const views = viewsOf(entry)
  switch (key) {
    case 'j':
      return move(1)
    case 'k':
      return move(-1)
    case ']':
    case '[':
      return go({
        ...OPENED,
        entry: Math.max(0, Math.min(entries.length - 1, place.entry + (key === ']' ? 1 : -1))),
      })
    case 'r':
      return go({ run: (place.run + 1) % runsOf(entry).length })
    case 'v':
      return go({ view: views[(views.indexOf(place.view) + 1) % views.length] ?? 'steps', state: undefined })
    case 'f': {
      const common = entry.finding?.fork?.commonSteps
      const step = common === undefined ? -1 : steps.findIndex(({ index }) => index >= common)
      if (step >= 0) go({ step })
    }
  }
}
