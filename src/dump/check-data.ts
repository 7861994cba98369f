/** Whether what a dump holds has the shape that views rely on. What is missing is an error that names it. */
import type { ComparisonRecord } from '#trace/comparison.ts'
import type { PathReference, StoredGraph, StoredPath, StoredReport, StoredState } from './format.ts'

export type Fields = Readonly<Record<string, unknown>>

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

type Check = (value: unknown, place: string) => void

const text: Check = (value, place) => expect(typeof value === 'string', place, 'a text')
const number: Check = (value, place) => expect(typeof value === 'number' && Number.isFinite(value), place, 'a number')
const truth: Check = (value, place) => expect(typeof value === 'boolean', place, 'true or false')
const anything: Check = () => {}
const pathReference: Check = (value, place) => {
  expect(isFields(value) && Number.isSafeInteger((value as unknown as PathReference).$path), place, 'a path')
}
const objectReference = fields({ $object: number })

function expect(isFine: boolean, place: string, what: string): void {
  if (!isFine) throw new Error(`${place} is not ${what}`)
}

function list(check: Check): Check {
  return (value, place) => {
    expect(Array.isArray(value), place, 'a list')
    for (const [index, item] of (value as unknown[]).entries()) check(item, `${place}[${index}]`)
  }
}

function oneOf(...values: readonly string[]): Check {
  return (value, place) => expect(values.includes(value as string), place, values.join(' or '))
}

/** Names that end in `?` may be absent. */
function fields(checks: Readonly<Record<string, Check>>): Check {
  return (value, place) => {
    expect(isFields(value), place, 'an object')
    for (const [name, check] of Object.entries(checks)) {
      const field = name.replace('?', '')
      const found = (value as Fields)[field]
      if (found !== undefined || !name.endsWith('?')) check(found, `${place}.${field}`)
    }
  }
}

const cause = fields({
  type: oneOf('start', 'event', 'retry', 'timer'),
  'object?': text,
  'event?': text,
  'step?': number,
  'byOthers?': truth,
})
const held = list(fields({ name: text, resourceVersion: text, 'uid?': text }))
const status = fields({ 'reason?': text, 'message?': text })
const type = fields({ apiVersion: text, kind: text })

const read = fields({
  type,
  op: oneOf('get', 'list', 'call'),
  cached: truth,
  target: text,
  answered: held,
  behind: number,
  'truth?': held,
  'status?': status,
})

const write = fields({
  op: oneOf('create', 'update', 'patch', 'delete', 'deletecollection', 'call'),
  object: text,
  'call?': text,
  'answer?': text,
  'subresource?': text,
  outcome: oneOf('committed', 'unchanged', 'failed'),
  'status?': status,
  'answerLost?': truth,
  'before?': objectReference,
  'after?': objectReference,
})

const step = fields({
  index: number,
  type: text,
  title: text,
  'process?': text,
  'controller?': text,
  'request?': fields({ name: text, 'namespace?': text }),
  causes: list(cause),
  reads: list(read),
  writes: list(write),
  faults: list(fields({ fault: text, description: text })),
  'result?': fields({
    type: oneOf('done', 'requeue', 'requeueAfter', 'error', 'crashed'),
    'afterMs?': number,
    'message?': text,
  }),
  enqueued: list(text),
  'cycleStart?': truth,
})

const path = fields({
  actions: list(text),
  steps: list(step),
  'cycleStart?': number,
  'idle?': list(text),
  'recorded?': truth,
})

const finding = fields({
  id: text,
  oracle: text,
  'property?': text,
  message: text,
  profiles: list(text),
  'profilesUndecided?': list(text),
  faults: number,
  steps: number,
  minimisedFrom: number,
  objects: list(text),
  controllers: list(text),
  path: pathReference,
  replay: text,
  'explanation?': fields({
    text: list(text),
    'write?': fields({ run: oneOf('here', 'other'), step: number, object: text, operation: text }),
    remedies: list(fields({ text })),
    faults: list(fields({ step: number, description: text })),
  }),
  'fork?': fields({
    commonSteps: number,
    left: pathReference,
    right: pathReference,
    differences: list(fields({ object: text, path: text, 'left?': anything, 'right?': anything })),
  }),
})

const report = fields({
  scenario: text,
  verdict: oneOf('holds', 'violated', 'inconclusive'),
  exhaustive: truth,
  bounds: fields({}),
  levels: list(
    fields({
      profile: text,
      granularity: text,
      faults: number,
      statesDistinct: number,
      outcomes: number,
      findings: number,
      exhaustive: truth,
      elapsedMs: number,
    }),
  ),
  statistics: fields({ statesDistinct: number, transitions: number, depthMax: number, elapsedMs: number }),
  outcomes: list(fields({ id: text, fingerprint: text, objects: list(text), first: pathReference })),
  findings: list(finding),
  lints: list(fields({ id: text, message: text })),
})

const transition: Check = (value, place) => {
  expect(Array.isArray(value) && value.length === 2 && value.every(Number.isSafeInteger), place, 'a transition')
}

const state = fields({ depth: number, out: list(transition), in: list(transition), 'rest?': truth })

const graph = fields({
  report: number,
  level: fields({ profile: text, granularity: text, faults: number }),
  states: number,
  firstState: number,
  transitions: number,
  actions: list(fields({ title: text, taken: number })),
  depthStep: number,
  firstMet: list(list(number)),
  rests: number,
  'stepwise?': list(text),
  paths: (value, place) => {
    fields({})(value, place)
    for (const [id, states] of Object.entries(value as Fields)) list(number)(states, `${place}.${id}`)
  },
})

const comparison = fields({
  left: text,
  right: text,
  alike: truth,
  message: text,
  sections: list(
    fields({
      title: text,
      lines: list(fields({ text, 'tone?': oneOf('added', 'removed', 'changed'), 'entry?': number, 'object?': text })),
    }),
  ),
})

export function checkGraph(value: unknown): StoredGraph {
  graph(value, 'graph')
  const { states, paths } = value as StoredGraph
  expect(Number.isSafeInteger(states) && states >= 0, 'graph.states', 'a number of states')
  for (const [id, trail] of Object.entries(paths)) {
    expect(
      trail.every((state) => isBelow(state, states)),
      `graph.paths.${id}`,
      'a path of its states',
    )
  }
  return value as StoredGraph
}

/** @param graph that the state belongs to, and no transition leads out of */
export function checkState(value: unknown, graph: StoredGraph): StoredState {
  state(value, 'state')
  const { in: before, out } = value as StoredState
  const isWithin = [...before, ...out].every(
    ([other, action]) => isBelow(other, graph.states) && isBelow(action, graph.actions.length),
  )
  expect(isWithin, 'state', 'one of its graph')
  return value as StoredState
}

function isBelow(number: number, limit: number): boolean {
  return Number.isSafeInteger(number) && number >= 0 && number < limit
}

/** @param entries how many findings and outcomes the dump has */
export function checkComparison(value: unknown, entries: number): ComparisonRecord {
  comparison(value, 'comparison')
  const made = value as ComparisonRecord
  for (const { lines } of made.sections)
    for (const { entry } of lines)
      expect(entry === undefined || isBelow(entry, entries), 'comparison', 'one of its findings and outcomes')
  return made
}

export function checkReport(value: unknown): StoredReport {
  report(value, 'report')
  return value as StoredReport
}

export function checkPath(value: unknown): StoredPath {
  path(value, 'path')
  return value as StoredPath
}
