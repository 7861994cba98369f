/** `kamera explain`: what an oracle flags or a profile stands for. */
import picocolors from 'picocolors'
import { type Explanation, explanations } from '#inspect/explanations.ts'
import { wrap } from '#inspect/plain-text.ts'
import { suggestion } from './suggest.ts'
import { ExitStatus, type Terminal } from './terminal.ts'
import { UsageError } from './usage-error.ts'

export interface ExplainArguments {
  /** An oracle or a profile; the list of all where it is absent. */
  readonly name: string | undefined
  readonly json: boolean
}

export function explainVerb({ name, json }: ExplainArguments, terminal: Terminal): ExitStatus {
  if (name === undefined) {
    terminal.out(json ? `${JSON.stringify(explanations)}\n` : listText())
    return ExitStatus.holds
  }
  const explanation = explanations.find((each) => each.name === name.toLowerCase())
  if (explanation === undefined) {
    const names = explanations.map((each) => each.name)
    throw new UsageError({
      what: `There is no oracle or profile called ${name}${suggestion(name, names)}.`,
      why: 'The name is misspelt, or of another version.',
      fix: `Name one of: ${names.join(', ')}.`,
    })
  }
  terminal.out(json ? `${JSON.stringify(explanation)}\n` : explanationText(explanation, terminal))
  return ExitStatus.holds
}

function listText(): string {
  const width = Math.max(...explanations.map((each) => each.name.length))
  const lines = (type: Explanation['type']) =>
    explanations.filter((each) => each.type === type).map((each) => `  ${each.name.padEnd(width)}  ${each.summary}`)
  return [
    'Oracles',
    ...lines('oracle'),
    '',
    'Profiles',
    ...lines('profile'),
    '',
    'More about one: kamera explain NAME',
    '',
  ].join('\n')
}

function explanationText(explanation: Explanation, terminal: Terminal): string {
  const colours = picocolors.createColors(terminal.colour)
  const paragraphs = sections(explanation).flatMap(([title, text]) => {
    return [
      '',
      colours.bold(title),
      ...wrap(text, Math.min(terminal.columns ?? 100, 100) - 2).map((line) => `  ${line}`),
    ]
  })
  return `${[colours.bold(`${explanation.name} (${explanation.type})`), `  ${explanation.summary}.`, ...paragraphs].join('\n')}\n`
}

function sections(explanation: Explanation): readonly (readonly [title: string, text: string])[] {
  if (explanation.type === 'profile') {
    return [
      ['What reads may see', explanation.views],
      ['What it stands for', explanation.standsFor],
      ['What a finding under it means', explanation.whatAFindingMeans],
      ['How to search it', explanation.choose],
    ]
  }
  return [
    ['What it flags', explanation.flags],
    ['Why it is a bug', explanation.whyABug],
    ['What it can miss', explanation.canMiss],
    ['How to switch it off', explanation.switchOff],
  ]
}
