/**
 * Draws what is analysed: of a step what led to it and how far behind it saw, of an object its life and origin, of a
 * path what its controllers did.
 */
import { objectAnalyses, stepAnalyses } from '#analyses/path-analyses.ts'
import type { Analysis, AnalysisLine } from '#analyses/path-lines.ts'
import { summaryAnalyses } from '#analyses/path-summary.ts'
import { count, wrap } from '#inspect/plain-text.ts'
import type { Drawn, Line, Tone } from './lines.ts'
import { currentPath, type InspectorModel } from './model.ts'

/** Characters that a field of an object may have, whatever the screen: lines keep their numbers when it is resized. */
const FIELD_WIDTH = 160
/** Of the number of a step, and the room after it. */
const NUMBER_WIDTH = 6

function analysesOf(model: InspectorModel): readonly Analysis[] {
  const path = currentPath(model)
  if (model.screen === 'summary') return path === undefined ? [] : summaryAnalyses(path)
  const index = path?.steps[model.step]?.index
  if (path === undefined || index === undefined) return []
  return model.analysed === undefined ? stepAnalyses(path, index) : objectAnalyses(path, model.analysed, FIELD_WIDTH)
}

/** What can be chosen: all lines of all analyses, one after the other. */
export function analysisLines(model: InspectorModel): readonly AnalysisLine[] {
  return analysesOf(model).flatMap(({ lines }) => lines)
}

export function analysesScreen(model: InspectorModel, title: string, width: number): Drawn {
  const analyses = analysesOf(model)
  const body: Line[] = []
  let chosen = 0
  let number = 0
  for (const { title: heading, lines } of analyses) {
    if (body.length > 0) body.push({ text: '', tone: 'plain' })
    body.push({ text: heading, tone: 'title' })
    for (const each of lines) {
      const isChosen = number++ === model.line
      if (isChosen) chosen = body.length
      body.push(...drawn(each, isChosen, width))
    }
  }
  const step = currentPath(model)?.steps[model.step]
  const subtitle =
    model.screen === 'summary'
      ? count(currentPath(model)?.steps.length ?? 0, 'step')
      : (model.analysed ?? (step === undefined ? '' : `step ${step.index + 1}: ${step.title}`))
  return { title, subtitle, body, chosen }
}

/** Fields of objects are cut, sentences are wrapped. */
function drawn(each: AnalysisLine, isChosen: boolean, width: number): readonly Line[] {
  const number = each.step === undefined ? '' : String(each.step + 1)
  const indent = NUMBER_WIDTH + each.depth * 3
  const isField = each.tone !== undefined && each.tone !== 'odd'
  const texts = isField ? [each.text] : wrap(each.text, Math.max(20, width - indent))
  const tone: Tone = isChosen ? 'selected' : toneOf(each)
  return texts.map((text, index) => {
    const mark = isChosen && index === 0 ? '▸' : ' '
    const margin = `${mark}${(index === 0 ? number : '').padStart(3)}`.padEnd(NUMBER_WIDTH).padStart(indent)
    return { text: `${margin}${text}`, tone }
  })
}

function toneOf({ tone, depth, isHeading }: AnalysisLine): Tone {
  if (tone === 'added') return 'good'
  if (tone === 'removed') return 'bad'
  if (tone === 'odd') return 'odd'
  return depth > 0 && isHeading !== true ? 'dim' : 'plain'
}
