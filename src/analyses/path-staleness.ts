/** How far behind the reads of a step were: what each saw, what was true, and which steps wrote what it missed. */
import type { KubernetesObject } from '#api/object.ts'
import { heldName } from '#inspect/held-name.ts'
import { count } from '#inspect/plain-text.ts'
import { answer, stepTitle } from '#inspect/step-text.ts'
import { writeDiff } from '#inspect/write-text.ts'
import type { ObjectName, PathRecord, PathStep, ReadRecord, WriteRecord } from '#trace/path.ts'
import type { PathGraph } from './path-graph.ts'
import { versionIn } from './path-life.ts'
import { type AnalysisLine, line } from './path-lines.ts'
import { compareVersions } from './trace-names.ts'

/** Characters that a field may have. */
const FIELD_WIDTH = 96

/** Of all that the reconcile had read by the end of this step. */
export function stalenessLines(path: PathRecord, graph: PathGraph, step: PathStep): readonly AnalysisLine[] {
  const reconcile = graph.reconcileOf(step)
  const parts =
    reconcile === undefined
      ? [step]
      : path.steps.filter((each) => each.index <= step.index && graph.reconcileOf(each) === reconcile)
  const reads = parts.flatMap((part) => part.reads.map((read) => ({ part, read })))
  const cached = reads.filter(({ read }) => read.cached)
  const late = reads.filter(({ read }) => read.behind > 0)
  if (cached.length === 0 && path.recorded === true && reconcile !== undefined)
    return [
      line('No recorder sees what a program reads from its own caches.'),
      line('kamera analyze staleness tells of a reconcile which events had not reached its process.'),
    ]
  if (reads.length === 0) return [line('It reads nothing.')]
  if (cached.length === 0) return [line('It reads nothing from a cache: what it saw was true.')]
  if (late.length === 0) return [line(`What it read from its cache was true then (${count(cached.length, 'read')}).`)]
  const told = new Map(late.map(({ part, read }) => [lateText(read), { part, read }]))
  const fresh = cached.length - late.length
  return [
    ...[...told].flatMap(([text, { part, read }]) => [
      line(text, { tone: 'odd' }),
      ...unknownFields(path, read),
      ...lagLines(path, part, read),
      ...missedWrites(path, part, read).map(({ step: by, write }) =>
        line(`it had not heard of ${write.object} in: ${stepTitle(by)}`, { depth: 1, step: by.index }),
      ),
    ]),
    ...(fresh === 0 ? [] : [line(`${count(fresh, 'other read')} of its cache saw what was true.`)]),
  ]
}

function lateText(read: ReadRecord): string {
  const target = read.target === '' ? '' : ` ${read.target}`
  const truth = read.truth === undefined ? 'not known' : answer(read, read.truth)
  return `${read.op} ${read.type.kind}${target}: it saw ${answer(read, read.answered)}; true then: ${truth} (${count(read.behind, 'event')} behind)`
}

/** What it did not know: how the objects differ that it saw and that were true, where writes of the path show both. */
function unknownFields(path: PathRecord, read: ReadRecord): readonly AnalysisLine[] {
  return (read.truth ?? []).flatMap((held) => {
    const object = heldName(read, held)
    const seen = versionIn(read, read.answered, object)
    if (seen === undefined || seen === held.resourceVersion) return []
    const [before, after] = [contentAt(path, object, seen), contentAt(path, object, held.resourceVersion)]
    if (before === undefined || after === undefined) return []
    return writeDiff({ op: 'update', object, outcome: 'committed', before, after }, FIELD_WIDTH).map(({ sign, text }) =>
      line(`did not know: ${sign} ${text}`, { depth: 1, tone: 'odd' }),
    )
  })
}

function contentAt({ steps }: PathRecord, object: ObjectName, version: string): KubernetesObject | undefined {
  for (const { writes } of steps) {
    for (const write of writes) {
      if (write.object !== object) continue
      const found = [write.before, write.after].find((each) => each?.metadata.resourceVersion === version)
      if (found !== undefined) return found
    }
  }
  return undefined
}

interface MissedWrite {
  readonly step: PathStep
  readonly write: WriteRecord
}

/** Writes of the path between what was seen and what was true, of every object on which the two differ. */
function missedWrites({ steps }: PathRecord, { index }: PathStep, read: ReadRecord): readonly MissedWrite[] {
  if (read.truth === undefined) return []
  const names = new Set([...read.answered, ...read.truth].map((held) => heldName(read, held)))
  const missed = [...names].flatMap((object) => {
    const seen = versionIn(read, read.answered, object)
    const truth = versionIn(read, read.truth ?? [], object)
    if (seen === truth) return []
    const writes = steps.filter((each) => each.index <= index).flatMap((each) => writesOf(each, object))
    return writes.slice(firstMissed(writes, seen)).filter(({ write }) => isUntil(write, truth))
  })
  return missed.sort((left, right) => left.step.index - right.step.index)
}

function writesOf(step: PathStep, object: ObjectName): readonly MissedWrite[] {
  return step.writes
    .filter((write) => write.object === object && write.outcome === 'committed' && write.op !== 'call')
    .map((write) => ({ step, write }))
}

/** Place of the first write after the version that was seen; of an object that was not seen, its last creation. */
function firstMissed(writes: readonly MissedWrite[], seen: string | undefined): number {
  if (seen === undefined)
    return Math.max(
      0,
      writes.findLastIndex(({ write }) => write.before === undefined),
    )
  const place = writes.findIndex(({ write }) => {
    const version = write.after?.metadata.resourceVersion
    return version === undefined ? isOf(write, seen) : compareVersions(version, seen) > 0
  })
  return place < 0 ? writes.length : place
}

/** Whether a removal took away this version, or a later one. */
function isOf({ before }: WriteRecord, seen: string): boolean {
  const version = before?.metadata.resourceVersion
  return version === undefined || compareVersions(version, seen) >= 0
}

/** A step may write again after the read. */
function isUntil({ after, before }: WriteRecord, truth: string | undefined): boolean {
  const version = (after ?? before)?.metadata.resourceVersion
  return truth === undefined || version === undefined || compareVersions(version, truth) <= 0
}

/** The step in which the watch of this kind began to lag. */
function lagLines({ steps }: PathRecord, { index, process }: PathStep, read: ReadRecord): readonly AnalysisLine[] {
  if (process === undefined) return []
  const begins = ({ faults }: PathStep) =>
    faults.filter(
      ({ fault, description }) =>
        (fault === 'stale' || fault === 'relist') &&
        description.includes(`"${process}"`) &&
        description.includes(` ${read.type.kind} `),
    )
  const step = steps.findLast((each) => each.index <= index && begins(each).length > 0)
  const fault = step === undefined ? undefined : begins(step).at(-1)
  if (step === undefined || fault === undefined) return []
  return [line(`⚡ since this step: ${fault.description}`, { depth: 1, step: step.index, tone: 'odd' })]
}
