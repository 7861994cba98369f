/** What led to a step and how far behind it saw; of an object its life and origin; of a path what controllers did. */
import { objectAnalyses, stepAnalyses } from '#analyses/path-analyses.ts'
import { objectsOfStep } from '#analyses/path-life.ts'
import type { Analysis, AnalysisLine } from '#analyses/path-lines.ts'
import { summaryAnalyses } from '#analyses/path-summary.ts'
import { stepTitle } from '#inspect/step-text.ts'
import type { PathRecord, PathStep } from '#trace/path.ts'
import { type Child, element } from './element.ts'

export interface AnalysesView {
  readonly path: PathRecord
  readonly step: PathStep | undefined
  /** Undefined: the first that the step is about. */
  readonly object: string | undefined
  /** By the index of a step. */
  readonly chooseStep: (index: number) => void
  readonly chooseObject: (object: string) => void
}

/** Objects that can be chosen. */
const OBJECTS_MAX = 500
/** Characters of a field. */
const FIELD_WIDTH = 96
/** Steps of indentation that the style sheet knows. */
const DEPTH_MAX = 3

export function analysesView({ path, step, object, chooseStep, chooseObject }: AnalysesView): HTMLElement {
  if (step === undefined) return element('section', { class: 'detail' }, element('p', {}, 'This path has no steps.'))
  const names = new Set([
    ...objectsOfStep(step),
    ...path.steps.flatMap(({ writes }) => writes.flatMap((write) => (write.op === 'call' ? [] : [write.object]))),
  ])
  const chosen = object !== undefined && names.has(object) ? object : [...names][0]
  return element(
    'section',
    { class: 'detail', 'aria-label': `Analyses of step ${step.index + 1}`, 'aria-live': 'polite' },
    element('p', { class: 'kicker' }, `Step ${step.index + 1}`),
    element('h2', {}, stepTitle(step)),
    ...stepAnalyses(path, step.index).map((each) => analysis(each, chooseStep)),
    chosen === undefined ? undefined : objectChoice([...names].slice(0, OBJECTS_MAX), chosen, chooseObject),
    ...(chosen === undefined ? [] : objectAnalyses(path, chosen, FIELD_WIDTH)).map((each) =>
      analysis(each, chooseStep),
    ),
  )
}

/** What each controller did on the path. */
export function summaryView({ path, chooseStep }: Pick<AnalysesView, 'path' | 'chooseStep'>): HTMLElement {
  const shown = summaryAnalyses(path).map((each) => analysis(each, chooseStep))
  return element('section', { class: 'detail', 'aria-label': 'Summary of this path' }, ...shown)
}

function objectChoice(names: readonly string[], chosen: string, choose: (object: string) => void): HTMLElement {
  const options = names.map((name) =>
    element('option', { value: name, ...(name === chosen ? { selected: true } : {}) }, name),
  )
  const select = element('select', { change: (event) => choose((event.target as HTMLSelectElement).value) }, ...options)
  return element('p', { class: 'object-choice' }, element('label', {}, 'Object ', select))
}

function analysis({ title, lines }: Analysis, choose: (index: number) => void): HTMLElement {
  return element(
    'section',
    { class: 'analysis' },
    element('h3', {}, title),
    element('ul', {}, ...lines.map((line) => lineItem(line, choose))),
  )
}

function lineItem(line: AnalysisLine, choose: (index: number) => void): HTMLElement {
  const { text, depth, step, leadsTo, tone, isHeading } = line
  const classes = [`depth-${Math.min(depth, DEPTH_MAX)}`, tone, isHeading ? 'heading' : undefined]
  const lead = step ?? leadsTo
  const number =
    lead === undefined
      ? undefined
      : element(
          'button',
          { class: 'link number', 'aria-label': `Go to step ${lead + 1}`, click: () => choose(lead) },
          step === undefined ? `→ ${lead + 1}` : String(lead + 1),
        )
  const isField = tone !== undefined && tone !== 'odd'
  const children: Child[] = [
    ...(number === undefined ? [] : [number, ' ']),
    element('span', isField ? { class: 'code' } : {}, text),
  ]
  return element('li', { class: classes.filter((each) => each !== undefined).join(' ') }, ...children)
}
