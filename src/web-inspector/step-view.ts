/** The steps of a path as a list, and one of them in full. */
import { answer, causeText, readText, stepTitle } from '#inspect/step-text.ts'
import { writeDiff, writeTitle } from '#inspect/write-text.ts'
import type { PathRecord, PathStep } from '#trace/path.ts'
import { type Child, element } from './element.ts'
import { moreButton, shownPart } from './shown-part.ts'

export interface StepList {
  readonly path: PathRecord
  readonly chosen: number
  /** Where the runs of a fork part. */
  readonly commonSteps: number | undefined
  /** Only steps with this text in them. */
  readonly search: string
  readonly choose: (step: number) => void
}

/** Of very many steps those around the chosen one. */
export function stepList({ path, chosen, commonSteps, search, choose }: StepList): HTMLElement {
  const found = path.steps.flatMap((step, place) => (hasText(step, search) ? [place] : []))
  const nearest = found.findIndex((place) => place >= chosen)
  const { from, to } = shownPart(found.length, nearest < 0 ? found.length : nearest)
  const more = (steps: number, where: 'before these' | 'after these', edge: number) => {
    const button = moreButton(steps, where, () => choose(found[edge] ?? 0))
    return button === undefined ? undefined : element('li', {}, button)
  }
  return element(
    'ol',
    { class: 'step-list', 'aria-label': 'Steps' },
    more(from, 'before these', from - 1),
    ...found.slice(from, to).map((place) => stepItem({ path, chosen, commonSteps, choose }, place)),
    more(found.length - to, 'after these', to),
  )
}

function stepItem({ path, chosen, commonSteps, choose }: Omit<StepList, 'search'>, place: number): Child {
  const step = path.steps[place]
  if (step === undefined) return undefined
  const note =
    place > 0 && step.index === commonSteps
      ? 'here the runs part'
      : step.cycleStart === true
        ? '↻ from here the run repeats for ever'
        : undefined
  return element(
    'li',
    {},
    note === undefined ? undefined : element('p', { class: 'parting' }, note),
    element(
      'button',
      {
        class: `step ${step.type}`,
        'aria-current': place === chosen ? 'step' : undefined,
        click: () => choose(place),
      },
      element('span', { class: 'number' }, String(step.index + 1)),
      element('span', { class: 'title' }, stepTitle(step)),
      ...badges(step),
    ),
  )
}

/** What is searched in, once it was asked for. */
const texts = new WeakMap<PathStep, string>()

export function hasText(step: PathStep, search: string): boolean {
  if (search === '') return true
  const text = texts.get(step) ?? JSON.stringify(step).toLowerCase()
  texts.set(step, text)
  return text.includes(search.toLowerCase())
}

function badges(step: PathStep): readonly Child[] {
  const writes = step.writes.filter(({ outcome }) => outcome === 'committed').length
  const failed = step.result?.type === 'error' || step.writes.some(({ outcome }) => outcome === 'failed')
  return [
    ...step.faults.map(({ fault }) => element('span', { class: 'badge fault' }, `⚡ ${fault}`)),
    step.reads.some(({ behind }) => behind > 0) ? element('span', { class: 'badge stale' }, 'stale read') : undefined,
    failed ? element('span', { class: 'badge failed' }, 'fails') : undefined,
    writes > 0 ? element('span', { class: 'badge' }, `${writes} write${writes === 1 ? '' : 's'}`) : undefined,
  ]
}

export function stepDetail(step: PathStep | undefined, choose: (index: number) => void): HTMLElement {
  if (step === undefined) return element('section', { class: 'detail' }, element('p', {}, 'This path has no steps.'))
  return element(
    'section',
    { class: 'detail', 'aria-label': `Step ${step.index + 1}`, 'aria-live': 'polite' },
    element(
      'p',
      { class: 'kicker' },
      `Step ${step.index + 1}${step.process === undefined ? '' : ` · process ${step.process}`}`,
    ),
    element('h2', {}, stepTitle(step)),
    ...step.faults.map(({ fault, description }) =>
      element('p', { class: 'callout fault' }, element('strong', {}, `⚡ ${fault}: `), description),
    ),
    part('Why it ran', causes(step, choose)),
    part('What it read', step.reads.map(readItem)),
    part('What it wrote', step.writes.map(writeItem)),
    part(
      'How it ended',
      resultTexts(step).map((text) => element('li', {}, text)),
    ),
    part(
      'What that queued',
      step.enqueued.map((text) => element('li', { class: 'code' }, text)),
    ),
  )
}

function part(title: string, items: readonly Child[]): Child {
  return items.length === 0 ? undefined : element('section', {}, element('h3', {}, title), element('ul', {}, ...items))
}

function causes(step: PathStep, choose: (index: number) => void): readonly Child[] {
  const seen = new Set<string>()
  return step.causes.flatMap((cause) => {
    const text = causeText(cause)
    if (seen.has(text)) return []
    seen.add(text)
    const origin = cause.step
    const isLink = origin !== undefined && origin >= 0
    return [element('li', {}, isLink ? element('button', { class: 'link', click: () => choose(origin) }, text) : text)]
  })
}

function readItem(read: PathStep['reads'][number]): Child {
  const text = element('span', { class: 'code' }, readText(read))
  if (read.behind === 0) return element('li', {}, text)
  return element(
    'li',
    { class: 'callout stale' },
    text,
    element(
      'dl',
      { class: 'seen' },
      element('dt', {}, 'it saw'),
      element('dd', { class: 'code' }, answer(read, read.answered)),
      element('dt', {}, 'true then'),
      element('dd', { class: 'code' }, read.truth === undefined ? 'not known' : answer(read, read.truth)),
    ),
    element('p', {}, `${read.behind} event${read.behind === 1 ? '' : 's'} behind`),
  )
}

const SIGNS = { '+': 'added', '-': 'removed', '~': 'changed', ' ': 'note' } as const

function writeItem(write: PathStep['writes'][number]): Child {
  const lines = writeDiff(write, 96)
  return element(
    'li',
    { class: write.outcome === 'failed' ? 'callout failed' : '' },
    element('span', {}, writeTitle(write)),
    lines.length === 0
      ? undefined
      : element(
          'pre',
          { class: 'diff', tabindex: 0 },
          ...lines.map(({ sign, text }) => element('span', { class: SIGNS[sign] }, `${sign} ${text}\n`)),
        ),
  )
}

function resultTexts({ result }: PathStep): readonly string[] {
  switch (result?.type) {
    case undefined:
    case 'done':
      return []
    case 'requeue':
      return ['It asks to run again, with back-off.']
    case 'requeueAfter':
      return [`It asks to run again after ${result?.afterMs ?? 0} ms.`]
    case 'error':
      return [`It fails: ${result?.message ?? 'no message'}`]
    case 'crashed':
      return [result?.message ?? 'It is cut off by the crash of its process.']
  }
}
