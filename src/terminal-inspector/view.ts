/** Draws the inspector: a pure function from the model to lines, each no wider than the terminal. */

import { factLines } from '#inspect/finding-text.ts'
import { restLines } from '#inspect/path-text.ts'
import { count, formatNumber, plainText, shorten, wrap } from '#inspect/plain-text.ts'
import { stepLines, stepTitle } from '#inspect/step-text.ts'
import { textStyle } from '#inspect/text-style.ts'
import type { PathStep } from '#trace/path.ts'
import type { ReportFinding } from '#trace/report.ts'
import { analysesScreen } from './analyses-screen.ts'
import { compareScreen } from './compare-screen.ts'
import { comparisonScreen } from './comparison-screen.ts'
import { heatScreen } from './heat-screen.ts'
import type { Drawn, Line, Size } from './lines.ts'
import { currentPath, type Entry, type InspectorModel, objectsOf, runsOf, shownSteps } from './model.ts'
import { statesScreen } from './states-screen.ts'

/** Lines of the screen that are not its body: two of title, a rule, the status bar. */
const FRAME = 4

/** How far the screen can be scrolled. */
export function scrollMax(model: InspectorModel, { width, height }: Size): number {
  return Math.max(0, screenOf(model, width).body.length - Math.max(1, height - FRAME))
}

/** Exactly `height` lines. */
export function view(model: InspectorModel, { width, height }: Size): readonly Line[] {
  const room = Math.max(1, height - FRAME)
  const { title, subtitle, body, chosen } = screenOf(model, width)
  const start =
    chosen === undefined ? Math.min(model.scroll, Math.max(0, body.length - room)) : around(chosen, room, body.length)
  const shown = body.slice(start, start + room)
  const more = body.length > room ? ` ${start + 1}–${start + shown.length} of ${body.length} ` : ''
  const lines: readonly Line[] = [
    { text: title, tone: 'title' },
    { text: subtitle, tone: 'dim' },
    ...shown,
    ...Array.from({ length: room - shown.length }, (): Line => ({ text: '', tone: 'plain' })),
    { text: `${'─'.repeat(Math.max(0, width - more.length))}${more}`, tone: 'dim' },
    { text: statusText(model, width), tone: 'bar' },
  ]
  return lines
    .slice(-height)
    .map(({ text, tone }) => ({ text: shorten(plainText(text).replaceAll('\n', ' '), width), tone }))
}

function around(chosen: number, room: number, length: number): number {
  return Math.max(0, Math.min(chosen - Math.floor(room / 2), length - room))
}

function screenOf(model: InspectorModel, width: number): Drawn {
  switch (model.screen) {
    case 'entries':
      return entriesScreen(model, width)
    case 'steps':
      return stepsScreen(model)
    case 'step':
      return stepScreen(model, width)
    case 'why':
      return whyScreen(model, width)
    case 'objects':
      return objectsScreen(model)
    case 'analyses':
    case 'summary':
      return analysesScreen(model, headOf(model).title, width)
    case 'comparison':
      return comparisonScreen(model.comparison, model.line, width)
    case 'states':
      return statesScreen(model, headOf(model).title, width)
    case 'heat':
      return heatScreen(model, headOf(model).title, width)
    case 'compare':
      return compareScreen(model, headOf(model).title, width)
    case 'help':
      return { title: 'Keys', subtitle: '', body: HELP.map((text) => ({ text, tone: 'plain' })) }
  }
}

function entriesScreen(model: InspectorModel, width: number): Drawn {
  const body: Line[] = []
  let chosen = 0
  let report: Entry['report'] | undefined
  let type: Entry['type'] | undefined
  for (const [place, entry] of model.entries.entries()) {
    if (entry.report !== report) {
      const { scenario, verdict, exhaustive, statistics } = entry.report
      const states =
        statistics.statesDistinct === 0
          ? 'a run; nothing was searched'
          : `${count(statistics.statesDistinct, 'state')}${exhaustive ? ', all of them searched' : ', not exhaustive'}`
      body.push({
        text: `${verdict === 'violated' ? '✗' : verdict === 'holds' ? '✓' : '?'} ${scenario}: ${verdict} (${states})`,
        tone: 'title',
      })
      type = undefined
    }
    report = entry.report
    if (entry.type !== type)
      body.push({ text: entry.type === 'finding' ? '  Findings' : '  Converged states', tone: 'dim' })
    type = entry.type
    const isChosen = place === model.entry
    if (isChosen) chosen = body.length
    const [first = '', ...rest] = entryTexts(entry)
    const tone = isChosen ? 'selected' : entry.type === 'finding' ? 'bad' : 'plain'
    body.push({ text: `${isChosen ? ' ▸ ' : '   '} ${first}`, tone })
    for (const text of rest.flatMap((each) => wrap(each, width - 8)))
      body.push({ text: `        ${text}`, tone: 'dim' })
  }
  if (model.entries.length === 0) body.push({ text: 'No findings and no outcomes are in this file.', tone: 'dim' })
  return { title: `kamera · ${model.name}`, subtitle: 'What was found, and where runs came to rest', body, chosen }
}

function entryTexts(entry: Entry): readonly string[] {
  if (entry.type === 'finding') {
    const { finding } = entry
    return [
      `${nameOf(finding)} · ${count(finding.steps, 'step')}, ${count(finding.faults, 'fault')} · ${finding.id}`,
      finding.message,
    ]
  }
  const { id, paths, first, objects } = entry.outcome
  const number =
    paths === null ? '' : ` · ${paths === 'infinite' ? 'infinitely many' : formatNumber(Number(paths))} paths`
  return [
    `${id} · ${count(first.steps, 'step')}${number} · ${objects.length === 0 ? 'no objects' : objects.join(', ')}`,
  ]
}

function nameOf({ oracle, property }: Pick<ReportFinding, 'oracle' | 'property'>): string {
  return property === undefined ? oracle : `${oracle} "${property}"`
}

function headOf(model: InspectorModel): { readonly title: string; readonly subtitle: string } {
  const entry = model.entries[model.entry]
  const runs = runsOf(entry)
  const run = runs.length < 2 ? '' : ` · ${runs[model.run]?.label} of A and B`
  const filters = [
    ...(model.controller === undefined ? [] : [`only ${model.controller}`]),
    ...(model.follow === undefined ? [] : [`following ${model.follow}`]),
    ...(model.search === '' ? [] : [`searching "${model.search}"`]),
  ]
  const title = entry === undefined ? '' : entry.type === 'finding' ? nameOf(entry.finding) : entry.outcome.id
  const message = entry?.type === 'finding' ? entry.finding.message : 'how the cluster came to this state'
  return { title: `${title}${run}`, subtitle: filters.length === 0 ? message : filters.join(' · ') }
}

/** What strikes about a step, in words after its title. */
function marksOf(step: PathStep): { readonly text: string; readonly isOdd: boolean } {
  const stale = step.reads.some(({ behind }) => behind > 0)
  const failed = step.result?.type === 'error' || step.writes.some(({ outcome }) => outcome === 'failed')
  const changes = step.writes.filter(({ outcome }) => outcome === 'committed').length
  const marks = [
    ...(step.faults.length > 0 ? [' ⚡'] : []),
    ...(stale ? [' stale'] : []),
    ...(failed ? [' fails'] : []),
    ...(changes > 0 && step.type !== 'user' ? [` · ${count(changes, 'write')}`] : []),
  ]
  return { text: marks.join(''), isOdd: step.faults.length > 0 || stale || failed }
}

function stepsScreen(model: InspectorModel): Drawn {
  const path = currentPath(model)
  if (path === undefined) return { ...headOf(model), body: [{ text: 'reading …', tone: 'dim' }] }
  const entry = model.entries[model.entry]
  const commonSteps = entry?.type === 'finding' ? entry.finding.fork?.commonSteps : undefined
  const body: Line[] = []
  let chosen = 0
  for (const place of shownSteps(model)) {
    const step = path.steps[place]
    if (step === undefined) continue
    if (step.index === commonSteps && place > 0) body.push({ text: '    ┄┄ here the runs part ┄┄', tone: 'odd' })
    if (step.cycleStart === true) body.push({ text: '    ↻ from here the run repeats for ever', tone: 'odd' })
    const isChosen = place === model.step
    if (isChosen) chosen = body.length
    const marks = marksOf(step)
    const tone = isChosen ? 'selected' : marks.isOdd ? 'odd' : 'plain'
    body.push({
      text: `${isChosen ? '▸' : ' '}${String(step.index + 1).padStart(4)}  ${stepTitle(step)}${marks.text}`,
      tone,
    })
  }
  if (body.length === 0)
    body.push({
      text: path.steps.length === 0 ? 'The path has no steps.' : 'No step is left by the filters (c, o).',
      tone: 'dim',
    })
  return { ...headOf(model), body, chosen }
}

function stepScreen(model: InspectorModel, width: number): Drawn {
  const path = currentPath(model)
  const step = path?.steps[model.step]
  if (path === undefined || step === undefined) return { ...headOf(model), body: [{ text: 'reading …', tone: 'dim' }] }
  const [, ...lines] = stepLines(step, textStyle({ columns: width + 4 }))
  const place = `step ${step.index + 1} of ${path.steps.length}${step.process === undefined ? '' : ` · process ${step.process}`}`
  return {
    title: stepTitle(step),
    subtitle: `${headOf(model).title} · ${place}`,
    body: lines.map((text) => toned(text.slice(4))),
  }
}

/** What a line is shows in how it begins; colour only repeats it. */
function toned(text: string): Line {
  const trimmed = text.trimStart()
  if (trimmed.startsWith('+ ')) return { text, tone: 'good' }
  if (trimmed.startsWith('- ')) return { text, tone: 'bad' }
  return { text, tone: /^(⚡|↳ stale|result {2})/.test(trimmed) ? 'odd' : 'plain' }
}

function whyScreen(model: InspectorModel, width: number): Drawn {
  const entry = model.entries[model.entry]
  if (entry?.type !== 'finding') {
    const objects = entry === undefined ? [] : entry.outcome.objects
    return {
      ...headOf(model),
      body: ['At rest there are:', ...objects.map((name) => `  ${name}`)].map((text) => ({ text, tone: 'plain' })),
    }
  }
  const { finding } = entry
  const style = textStyle({ columns: width })
  const differ =
    finding.fork === undefined
      ? []
      : ['', 'At rest the runs differ in (run A → run B):', ...restLines(finding.fork.differences, style)]
  const paragraphs = [finding.message, ...(finding.explanation?.text ?? [])].flatMap((text) => [
    ...wrap(text, width),
    '',
  ])
  const lines = [...paragraphs, ...factLines(finding, style), ...differ, '', `Replay:  ${finding.replay}`]
  return { ...headOf(model), subtitle: 'why this is found', body: lines.map((text) => toned(text)) }
}

function objectsScreen(model: InspectorModel): Drawn {
  const body = objectsOf(currentPath(model)).map((text, place): Line => {
    const isChosen = place === model.object
    return { text: `${isChosen ? ' ▸ ' : '   '}${text}`, tone: isChosen ? 'selected' : 'plain' }
  })
  return { ...headOf(model), subtitle: 'Follow which object through the path?', body, chosen: model.object }
}

const BARS: Readonly<Record<InspectorModel['screen'], string>> = {
  entries: '↑↓ choose  enter open  / search  y copy replay  w save  ? keys  q quit',
  steps: '↑↓ step  enter detail  a analyses  u summary  tab run  f fork  e why  d compare  ? keys',
  step: 'n/p step  ↑↓ scroll  a analyses  tab run  f fork  e why  esc back  ? keys',
  why: '↑↓ scroll  esc back  y copy replay  ? keys',
  objects: '↑↓ choose  enter follow  a its life and origin  esc back',
  analyses: '↑↓ line  enter to its step  n/p step  o objects  esc back  ? keys',
  comparison: '↑↓ line  enter to what it is about  esc all of both  ? keys  q quit',
  summary: '↑↓ line  enter to its step  esc back  ? keys',
  states: '↑↓ choose  enter go there  n/p along path  # number  m map  esc back  ? keys',
  heat: '↑↓ scroll  esc back  ? keys',
  compare: '↑↓ scroll  tab other outcome  esc back  ? keys',
  help: 'esc back',
}

function statusText(model: InspectorModel, width: number): string {
  const text =
    model.typing === 'search'
      ? `search: ${model.typed}▏`
      : model.typing === 'state'
        ? `number of a state: ${model.typed}▏`
        : model.typing === 'file'
          ? `save this dump as: ${model.typed}▏`
          : model.message !== ''
            ? model.message
            : BARS[model.screen]
  return ` ${text}`.padEnd(width)
}

const HELP: readonly string[] = [
  '  ↑ ↓  j k       choose, or scroll          page up/down, g, G   far',
  '  enter → l      open                       esc ← h              back',
  '  tab            run A or run B of a finding with a fork; while comparing: another outcome',
  '  f              to the first step that the two runs do not share',
  '  n p            next and previous step; while searching: next and previous hit',
  '  e              why: what was violated, its cause, what helps',
  '  a              analyses: what led to the step and how far behind it saw; among',
  '                 objects (o): the life of the chosen one, and where it came from',
  '  u              summary: what each controller did on the path, and what looks wrong',
  '  o              follow one object through the path; again: all steps',
  '  c              steps of one controller, then of the next, then all',
  '  d              run A and run B, or two outcomes, side by side',
  '  x              of two files: what differs between them',
  '  s              states of the search: what leads to this one, what follows',
  '  #              among states: to the one with a number',
  '  m              heat map: which actions the search is made of, by depth',
  '  /              search in entries or steps (objects, messages, fields)',
  '  y              copy the command that replays the finding',
  '  w              save a copy of this dump',
  '  ?              these keys                 q, ctrl-c            quit',
  '',
  '  ⚡ a fault is in the step   stale: it read what was not true any more',
  '  +  added   -  removed   ~  changed by a write',
]
