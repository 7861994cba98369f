/** One step of a path as lines: who, why, what was read and was true, what was written, how it ended. */

import type { Cause, PathStep, ReadRecord, WriteRecord } from '#trace/path.ts'
import { count, formatDuration, plainText, shorten, wrap } from './plain-text.ts'
import type { TextStyle } from './text-style.ts'
import { type DiffLine, writeDiff, writeTitle } from './write-text.ts'

/** Fresh reads beyond this number are counted instead of listed. */
const FRESH_READS_MAX = 4
const LABEL_WIDTH = 9
const LOG_LINES_MAX = 10
const DETAIL_INDENT = 6

/**
 * The first line has no indentation and begins with the step's number, from 1 as people count; the number is
 * right-aligned to `numberWidth`.
 */
export function stepLines(step: PathStep, style: TextStyle, numberWidth = 2): readonly string[] {
  const { colours } = style
  const number = String(step.index + 1).padStart(numberWidth)
  return [
    `${colours.dim(number)}  ${colours.bold(stepTitle(step))}`,
    ...faultLines(step, style),
    ...causeLines(step.causes, style),
    ...readLines(step.reads, style),
    ...step.writes.flatMap((write) => [
      ...detail(
        'write',
        writeTitle(write),
        style,
        write.outcome === 'failed' || write.answerLost === true ? colours.yellow : undefined,
      ),
      ...writeDiff(write, style.columns - DETAIL_INDENT - LABEL_WIDTH - 2).map((line) => diffLine(line, style)),
    ]),
    ...resultLines(step, style),
    ...(step.enqueued.length === 0 ? [] : detail('queues', list(step.enqueued), style)),
    ...logLines(step, style),
  ]
}

/** The last lines: what went wrong is told at the end. */
function logLines({ log }: PathStep, style: TextStyle): readonly string[] {
  if (log === undefined) return []
  const lines = plainText(log).trimEnd().split('\n')
  const shown = lines.slice(-LOG_LINES_MAX)
  const left = lines.length - shown.length
  return [...(left === 0 ? [] : [`(${count(left, 'line')} before)`]), ...shown].flatMap((line) =>
    detail('log', line, style),
  )
}

/** What a reader needs to follow the run: faults, what was read late, what was written in a line each, failures. */
export function briefStepLines(step: PathStep, style: TextStyle, numberWidth = 2): readonly string[] {
  const { colours } = style
  return [
    `${colours.dim(String(step.index + 1).padStart(numberWidth))}  ${colours.bold(stepTitle(step))}`,
    ...faultLines(step, style),
    ...step.reads.filter(({ behind }) => behind > 0).flatMap((read) => staleRead(read, style)),
    ...step.writes.filter(({ outcome }) => outcome !== 'unchanged').flatMap((write) => briefWrite(write, style)),
    ...resultLines(step, style),
    ...(step.result?.type === 'error' ? logLines(step, style) : []),
  ]
}

function briefWrite(write: WriteRecord, style: TextStyle): readonly string[] {
  const isOdd = write.outcome === 'failed' || write.answerLost === true
  const fields = write.before === undefined ? [] : writeDiff(write, Number.MAX_SAFE_INTEGER)
  const width = style.columns - DETAIL_INDENT - LABEL_WIDTH
  const title = writeTitle(write)
  const changes = fields
    .filter(({ sign }) => sign !== ' ')
    .map(({ sign, text }) => (sign === '~' ? text : `${sign}${text}`))
  const text = changes.length === 0 ? title : shorten(`${title}: ${changes.join(', ')}`, Math.max(width, title.length))
  return detail('write', text, style, isOdd ? style.colours.yellow : undefined)
}

function faultLines(step: PathStep, style: TextStyle): readonly string[] {
  return step.faults.flatMap((fault) =>
    detail('⚡ fault', `${fault.fault}: ${fault.description}`, style, style.colours.yellow),
  )
}

/** Titles are one line, whatever the data say. */
export function stepTitle(step: PathStep): string {
  return plainText(step.title).replaceAll('\n', ' ')
}

function causeLines(causes: readonly Cause[], style: TextStyle): readonly string[] {
  if (causes.length === 0) return []
  const texts = [...new Set(causes.map(causeText))]
  return detail('because', list(texts, '; '), style)
}

export function causeText(cause: Cause): string {
  const object = cause.object ?? 'an object'
  const known = cause.step === undefined ? '' : cause.step < 0 ? ' (there from the start)' : ` (step ${cause.step + 1})`
  const origin = cause.byOthers === true ? ' by a program that was not recorded' : known
  switch (cause.type) {
    case 'start':
      return `the process starts${cause.object === undefined ? '' : ` and lists ${object}`}${(cause.step ?? -1) < 0 ? '' : origin}`
    case 'event':
      return `${object} was ${cause.event ?? 'changed'}${origin}`
    case 'retry':
      return `it is tried again after an error or a requeue${origin}`
    case 'timer':
      return `its timer fires${origin}`
  }
}

/** Stale reads each with the truth; fresh ones only while they are few. */
function readLines(reads: readonly ReadRecord[], style: TextStyle): readonly string[] {
  const fresh = reads.filter((read) => read.behind === 0)
  const isFolded = fresh.length > FRESH_READS_MAX
  const shown = isFolded ? reads.filter((read) => read.behind > 0) : reads
  return [
    ...shown.flatMap((read) => (read.behind > 0 ? staleRead(read, style) : detail('read', readText(read), style))),
    ...(isFolded
      ? detail(
          'read',
          `${count(fresh.length, shown.length > 0 ? 'other read' : 'read')}, all of the newest state`,
          style,
        )
      : []),
  ]
}

export function readText(read: ReadRecord): string {
  if (read.op === 'call') return read.target
  const how = read.cached ? '' : ' from the API server'
  const target = read.target === '' ? '' : ` ${read.target}`
  return `${read.op} ${read.type.kind}${target}${how} → ${answer(read, read.answered)}`
}

function staleRead(read: ReadRecord, style: TextStyle): readonly string[] {
  const warn = style.colours.yellow
  const truth = read.truth === undefined ? '' : `; true then: ${answer(read, read.truth)}`
  return [
    ...detail('read', readText(read), style, warn),
    ...detail('', `↳ stale, ${count(read.behind, 'event')} behind${truth}`, style, warn),
  ]
}

export function answer(read: ReadRecord, objects: ReadRecord['answered']): string {
  if (read.status !== undefined) return `fails: ${read.status.reason ?? read.status.code}`
  if (objects.length === 0) return read.op === 'get' ? 'NotFound' : 'nothing'
  const names = objects.map((object) => `${shortName(object.name, read)}@${object.resourceVersion}`)
  return read.op === 'get' ? names.join(', ') : `${objects.length}: ${list(names)}`
}

/** The kind and the namespace are in the target already. */
function shortName(name: string, read: ReadRecord): string {
  const withoutKind = name.startsWith(`${read.type.kind} `) ? name.slice(read.type.kind.length + 1) : name
  return withoutKind.slice(withoutKind.indexOf('/') + 1)
}

function resultLines(step: PathStep, style: TextStyle): readonly string[] {
  const { result } = step
  if (result === undefined || result.type === 'done') return []
  const { colours } = style
  switch (result.type) {
    case 'requeue':
      return detail('result', 'asks to run again (with back-off)', style)
    case 'requeueAfter':
      return detail('result', `asks to run again after ${formatDuration(result.afterMs ?? 0)}`, style)
    case 'error':
      return detail('result', `fails: ${result.message ?? 'no message'}`, style, colours.red)
    case 'crashed':
      return detail('result', result.message ?? 'is cut off by the crash of its process', style, colours.yellow)
  }
}

/** A labelled, wrapped line under a step. */
function detail(label: string, text: string, style: TextStyle, paint?: (text: string) => string): readonly string[] {
  const width = style.columns - DETAIL_INDENT - LABEL_WIDTH
  return wrap(plainText(text), width).map((line, index) => {
    const head = (index === 0 ? label : '').padEnd(LABEL_WIDTH)
    const margin = ' '.repeat(DETAIL_INDENT)
    return paint === undefined
      ? `${margin}${style.colours.dim(head)}${line}`.trimEnd()
      : `${margin}${paint(`${head}${line}`.trimEnd())}`
  })
}

const SIGN_COLOURS = { '+': 'green', '-': 'red', '~': 'cyan', ' ': 'dim' } as const

/** A line of a diff, indented to stand under its write. */
export function diffLine(line: DiffLine, style: TextStyle, indent = DETAIL_INDENT + LABEL_WIDTH): string {
  const text = `${line.sign} ${shorten(line.text.replaceAll('\n', ' '), style.columns - indent - 2)}`
  return `${' '.repeat(indent)}${style.colours[SIGN_COLOURS[line.sign]](text)}`
}

function list(items: readonly string[], separator = ', ', itemsMax = 8): string {
  if (items.length <= itemsMax) return items.join(separator)
  return `${items.slice(0, itemsMax - 1).join(separator)}${separator}and ${items.length - itemsMax + 1} more`
}
