/** The facts of an explanation in sentences. Steps are counted from 1, as people do. */
import type { ExplainedRead, Explanation } from '#trace/report.ts'

const DONE: Readonly<Record<NonNullable<Explanation['write']>['operation'], string>> = {
  create: 'creates',
  update: 'updates',
  patch: 'patches',
  delete: 'deletes',
  deletecollection: 'deletes',
  call: 'calls',
}

/** At most so many late reads are told. */
const READS_MAX = 3

export function explanationText(facts: Omit<Explanation, 'text'>): readonly string[] {
  return [whatHappened(facts), ...remedyText(facts)].filter((text) => text !== '')
}

function whatHappened({ write, reads, counterfactual, faults }: Omit<Explanation, 'text'>): string {
  const sentences: string[] = []
  if (write !== undefined) {
    const target = write.subresource === undefined ? write.object : `${write.object} (${write.subresource})`
    const does = `${write.controller ?? 'the user'} ${DONE[write.operation]} ${target}`
    sentences.push(
      write.run === 'here'
        ? `The guilty write is in step ${write.step + 1}: ${does}.`
        : `The other run has a write that this one lacks, in its step ${write.step + 1}: ${does}.`,
    )
  }
  const stale = reads.filter(({ behind }) => behind > 0)
  if (stale.length > 0) sentences.push(...different(stale).slice(0, READS_MAX).map(staleSentence))
  else if (write?.controller !== undefined && write.run === 'here')
    sentences.push(reads.length === 0 ? '' : 'What it had read before was true at that moment.')
  if (counterfactual !== undefined) sentences.push(counterfactualSentence(counterfactual))
  if (stale.length === 0)
    for (const { step, description } of faults) sentences.push(`Before that, in step ${step + 1}: ${description}.`)
  return sentences.filter((sentence) => sentence !== '').join(' ')
}

function different(reads: readonly ExplainedRead[]): readonly ExplainedRead[] {
  const texts = reads.map(staleSentence)
  return reads.filter((_, index) => texts.indexOf(texts[index] as string) === index)
}

function staleSentence({ op, type, target, behind, answered, truth = [] }: ExplainedRead): string {
  const what = `${op} ${type.kind}${target === '' ? '' : ` ${target}`}`
  const events = `${behind} event${behind === 1 ? '' : 's'} behind`
  return `It rests on a late read, ${what}, ${events}: it was answered ${names(op, answered)}; true then was ${names(op, truth)}.`
}

function names(op: ExplainedRead['op'], objects: ExplainedRead['answered']): string {
  if (objects.length === 0) return op === 'get' ? 'NotFound' : 'nothing'
  const shown = objects.slice(0, 4).map(({ name, resourceVersion }) => `${name}@${resourceVersion}`)
  return `${shown.join(', ')}${objects.length > 4 ? ` and ${objects.length - 4} more` : ''}`
}

function counterfactualSentence({ write, decisiveKinds }: NonNullable<Explanation['counterfactual']>): string {
  const made = {
    'not made': 'does not make this write',
    'made otherwise': 'makes another write in its place',
    'made all the same': 'makes the same write: late reads are not the cause',
  }[write]
  const kinds = decisiveKinds.length === 1 ? ` The ${decisiveKinds[0]} cache decides.` : ''
  return `Executed again with fresh reads, the same reconcile ${made}.${kinds}`
}

function remedyText({ remedies }: Omit<Explanation, 'text'>): readonly string[] {
  return remedies.map(({ text }, index) => (index === 0 ? `What helps: ${text}` : `Or: ${text}`))
}
