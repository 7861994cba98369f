/** What became of an object along a path: its changes, attempts that changed nothing, and who saw it late. */
import { heldName } from '#inspect/held-name.ts'
import { count } from '#inspect/plain-text.ts'
import { writeDiff, writeTitle } from '#inspect/write-text.ts'
import type { ObjectName, PathRecord, PathStep, ReadRecord } from '#trace/path.ts'
import { type AnalysisLine, LINES_MAX, line } from './path-lines.ts'

const TONES = { '+': 'added', '-': 'removed', '~': 'changed', ' ': undefined } as const

/** @param width characters that a field may have */
export function lifeLines({ steps }: PathRecord, object: ObjectName, width: number): readonly AnalysisLine[] {
  const lines: AnalysisLine[] = []
  for (const step of steps) {
    if (lines.length > LINES_MAX) return [...lines.slice(0, LINES_MAX), line('… and more after these')]
    const actor = step.controller ?? step.process ?? (step.type === 'user' ? 'the user' : step.title)
    const late = step.reads.filter((read) => read.behind > 0 && concerns(read, object))
    const writes = step.writes.filter((write) => write.object === object && write.op !== 'call')
    lines.push(
      ...distinct(late.map((read) => `${actor} reads it late: ${sightText(read, object)}`)).map((text) =>
        line(text, { step: step.index, tone: 'odd' }),
      ),
      ...writes.flatMap((write) => [
        line(`${actor} ${writeTitle(write)}`, { step: step.index }),
        ...writeDiff(write, width).map(({ sign, text }) =>
          line(sign === ' ' ? text : `${sign} ${text}`, { depth: 1, tone: TONES[sign] }),
        ),
      ]),
    )
  }
  return lines.length === 0 ? [line('Nothing in this path writes it, and nobody reads it late.')] : lines
}

function concerns(read: ReadRecord, object: ObjectName): boolean {
  return versionIn(read, read.answered, object) !== versionIn(read, read.truth ?? [], object)
}

/** Undefined where it is not there. */
export function versionIn(read: ReadRecord, objects: ReadRecord['answered'], object: ObjectName): string | undefined {
  return objects.find((held) => heldName(read, held) === object)?.resourceVersion
}

function sightText(read: ReadRecord, object: ObjectName): string {
  const sight = (objects: ReadRecord['answered']) => {
    const version = versionIn(read, objects, object)
    return version === undefined ? 'not there' : `version ${version}`
  }
  const truth = read.truth === undefined ? '' : `; true then: ${sight(read.truth)}`
  return `it saw ${sight(read.answered)}${truth} (${count(read.behind, 'event')} behind)`
}

function distinct(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)]
}

/** Objects that a step is about: those that it writes, reads late, is woken by and reads, in this order. */
export function objectsOfStep(step: PathStep | undefined): readonly ObjectName[] {
  if (step === undefined) return []
  const { writes, reads, causes } = step
  const held = (read: ReadRecord) => [...read.answered, ...(read.truth ?? [])].map((each) => heldName(read, each))
  return distinct([
    ...writes.filter(({ op }) => op !== 'call').map(({ object }) => object),
    ...reads.filter(({ behind }) => behind > 0).flatMap(held),
    ...causes.flatMap(({ object }) => object ?? []),
    ...reads.flatMap(held),
  ])
}
