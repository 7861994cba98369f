import { describe, expect, it } from 'vitest'
import type { StoredGraph, StoredReport, StoredState } from '#dump/format.ts'
import type { PathRecord } from '#trace/path.ts'
import type { ExploreReport } from '#trace/report.ts'
import { fight, forkedOutcome, reportWith, staleDeletion } from '../../test/cli/reports.ts'
import { keysIn } from './keys.ts'
import { createInspector, type InspectorModel } from './model.ts'
import { stateKey } from './states.ts'
import { update, withPath, withState } from './update.ts'
import { view } from './view.ts'

const size = { width: 80, height: 24 }
const paths: PathRecord[] = []

/** As the dump stores it, without a file. */
function stored(report: ExploreReport): StoredReport {
  const reference = (path: PathRecord) => ({ $path: paths.push(path) - 1, steps: path.steps.length })
  return {
    ...report,
    findings: report.findings.map(({ fork, ...finding }) => ({
      ...finding,
      path: reference(finding.path),
      ...(fork && { fork: { ...fork, left: reference(fork.left), right: reference(fork.right) } }),
    })),
    outcomes: report.outcomes.map((outcome) => ({ ...outcome, first: reference(outcome.first) })),
  }
}

const report = stored(reportWith([staleDeletion, forkedOutcome, fight]))
const states: readonly StoredState[] = [
  { depth: 0, out: [[1, 0]], in: [] },
  { depth: 1, out: [[2, 1]], in: [[0, 0]] },
  { depth: 2, out: [], in: [[1, 1]], rest: true },
]
const graph: StoredGraph = {
  report: 0,
  firstState: 0,
  level: { profile: 'lagging', granularity: 'write', faults: 1 },
  states: 3,
  transitions: 2,
  actions: ['the user acts', 'red reconciles'].map((title) => ({ title, taken: 1 })),
  depthStep: 1,
  firstMet: [
    [0, 1, 0],
    [0, 0, 9],
  ],
  rests: 1,
  paths: { [staleDeletion.id]: [0, 1, 2] },
}
const start = createInspector('a.dump', [report], [graph])

/** Presses keys, and reads what is asked for. */
function press(model: InspectorModel, ...keys: readonly string[]): InspectorModel {
  return keys.reduce((before, key) => {
    let after = update(before, key, size)
    for (;;) {
      const { wanted } = after
      if (wanted?.type === 'read') after = withPath(after, wanted.path.$path, paths[wanted.path.$path] as PathRecord)
      else if (wanted?.type === 'state')
        after = withState(after, stateKey(wanted.graph, wanted.number), states[wanted.number] as StoredState)
      else return after
    }
  }, model)
}

const screen = (model: InspectorModel, at = size): string =>
  view(model, at)
    .map(({ text }) => text.trimEnd())
    .join('\n')

it('goes from findings to a path, to a step, and back', () => {
  expect(screen(start)).toContain(' ▸  no-delete-on-stale-evidence')
  const opened = press(start, 'enter')
  expect(opened.step).toBe(staleDeletion.path.steps.length - 1)
  const steps = press(opened, 'g')
  expect(screen(steps)).toContain('▸   1  user applies ZookeeperCluster default/zk')
  const step = press(steps, 'down', 'enter')
  expect(screen(step)).toContain('because')
  expect(step.step).toBe(1)
  expect(press(step, 'n').step).toBe(2)
  expect(press(step, 'escape', 'escape').screen).toBe('entries')
})

it('shows both runs of a fork and where they part', () => {
  const runs = press(start, 'down', 'enter')
  expect(runs.step).toBe(1)
  expect(screen(runs)).toContain('run A of A and B')
  expect(screen(press(runs, 'tab'))).toContain('run B of A and B')
  const fork = press(runs, 'f')
  expect(screen(fork)).toContain('Here the runs part')
  expect(screen(press(runs, 'e'))).toContain('At rest the runs differ in')
})

it('follows an object, then a controller, then shows all steps again', () => {
  const objects = press(start, 'enter', 'o')
  expect(screen(objects)).toContain('Follow which object')
  const followed = press(objects, 'enter')
  expect(screen(followed)).toContain('following ')
  expect(screen(press(followed, 'o'))).not.toContain('following ')
  expect(screen(press(start, 'enter', 'c'))).toContain('only ')
})

it('walks about in the states of the search', () => {
  const met = press(start, 'enter', 's')
  expect(screen(met)).toContain('state 3 of 3 · depth 2 · the cluster is at rest · where the finding was met')
  expect(screen(met)).toContain(' ▸  2 → here       red reconciles · on this path')
  const before = press(met, 'enter')
  expect(screen(before)).toContain('state 2 of 3 · depth 1 · after step 1 of the run that met it')
  expect(screen(press(before, 'down', 'enter'))).toContain('state 3 of 3')
  expect(screen(press(before, 'p'))).toContain('state 1 of 3')
  expect(screen(press(before, '#', '3', 'enter'))).toContain('state 3 of 3')
  expect(screen(press(before, '#', '4', 'enter'))).toContain('The states have the numbers 1 to 3.')
  expect(screen(press(before, 'escape'))).toContain('state 3 of 3')
  expect(press(before, '?', '?').screen).toBe('states')
  expect(press(before, 'escape', 'escape').screen).toBe('steps')
  expect(screen(press(createInspector('b.dump', [report]), 'enter', 's'))).toContain('has no states')
})

it('draws what the search is made of in shades', () => {
  const map = press(start, 'm')
  expect(screen(map, { width: 44, height: 12 })).toMatch(/ taken {5}0 {4}1 {4}2\n the user acts +1 +░░░░\n/)
  expect(screen(map)).toMatch(/the user acts +1 +░ +1\n red reconciles +1 +█ +9\n/)
  expect(press(map, '?', '?').screen).toBe('heat')
  expect(press(map, 'm').screen).toBe('steps')
  expect(press(start, 'enter', 's', 'm', 'escape').screen).toBe('steps')
  expect(screen(press(createInspector('b.dump', [report]), 'm'))).toContain('has no states')
})

it('compares runs and outcomes side by side', () => {
  const runs = press(start, 'down', 'd')
  expect(screen(runs)).toContain('run A beside run B')
  expect(screen(runs)).toMatch(/1 step shared\n┄┄ here they part/)
  expect(screen(runs)).toMatch(/ 2 {2}red reconciles default\/web +│ +2 {2}blue reconciles default\/web/)
  expect(screen(runs)).toMatch(/ {2}blue +│ {3}red/)
  expect(press(runs, 'escape').screen).toBe('steps')
  expect(screen(press(start, 'd'))).toContain('This finding has one run only.')
  const outcomes = press(start, 'end', 'd')
  expect(screen(outcomes)).toContain(' beside ')
})

it('analyses a step, and an object', () => {
  const step = press(start, 'enter', 'g', 'down', 'a')
  expect(screen(step)).toContain('Why: what led to this step')
  expect(screen(step)).toContain('▸  1  user applies ZookeeperCluster default/zk')
  expect(screen(step)).toContain('Staleness: how far behind its reads were')
  expect(press(step, 'enter')).toMatchObject({ screen: 'step', step: 0 })
  expect(press(step, 'n').step).toBe(2)
  expect(press(step, 'a').screen).toBe('steps')
  const object = press(start, 'enter', 'o', 'a')
  expect(screen(object)).toContain('Lifecycle of ZookeeperCluster default/zk')
  expect(screen(object, { width: 80, height: 60 })).toContain('Provenance of ZookeeperCluster default/zk')
  expect(press(object, 'escape').screen).toBe('steps')
})

it('sums up what the controllers of a path did, from the list and from its steps', () => {
  const summary = press(start, 'u')
  expect(screen(summary)).toContain('Summary: what each controller did')
  expect(screen(summary)).toContain('2 reconciles, 1 failed')
  expect(press(summary, 'enter').message).toBe('This line leads to no step.')
  expect(press(summary, 'end').line).toBeGreaterThan(2)
  expect(press(summary, 'u').screen).toBe('steps')
  expect(press(start, 'enter', 'u', 'escape').screen).toBe('steps')
})

it('searches', () => {
  const found = press(start, '/', ...'comes-to-rest', 'enter')
  expect(screen(found)).toContain(' ▸  comes-to-rest')
  expect(screen(press(start, '/', ...'no such thing', 'enter'))).toContain('Nothing here has "no such thing" in it.')
  expect(press(start, '/', 'a', 'escape').typing).toBeUndefined()
})

it('asks the shell to copy, to save and to quit', () => {
  expect(press(start, 'y').wanted).toEqual({ type: 'copy', text: staleDeletion.replay })
  expect(press(start, 'w', ...'b.dump', 'enter').wanted).toEqual({ type: 'save', file: 'b.dump' })
  expect(press(start, 'q').wanted).toEqual({ type: 'quit' })
  expect(press(start, '/', 'ctrl-c').wanted).toEqual({ type: 'quit' })
})

it('fills any terminal and never exceeds it, whatever is pressed', () => {
  const keys = [
    'enter',
    'down',
    'enter',
    'e',
    'end',
    'up',
    '?',
    'escape',
    'u',
    'end',
    'enter',
    'escape',
    'a',
    'j',
    'o',
    'j',
    'a',
    'end',
    'escape',
    'o',
    'j',
    'enter',
    's',
    'm',
    'escape',
    's',
    'j',
    'enter',
    '?',
    'escape',
    'escape',
    'escape',
    'd',
    'tab',
    'escape',
    'c',
    'tab',
    'f',
    'n',
    'p',
    'pagedown',
    'escape',
  ]
  for (const at of [size, { width: 200, height: 50 }, { width: 20, height: 6 }, { width: 1, height: 1 }]) {
    let model = start
    for (const key of [...keys, ...keys, ...keys.toReversed()]) {
      model = press(model, key)
      const lines = view(model, at)
      expect(lines.length).toBe(at.height)
      expect(Math.max(...lines.map(({ text }) => text.length))).toBeLessThanOrEqual(at.width)
    }
  }
})

describe('text from outside', () => {
  it('cannot move the cursor', () => {
    const hostile = { ...staleDeletion, message: 'a\u001b[2J\u001b]0;b\u0007c\r\nd' }
    const model = createInspector('x\u001b[31m.dump', [stored(reportWith([hostile]))])
    // biome-ignore lint/suspicious/noControlCharactersInRegex: what must not be there
    expect(screen(model).replaceAll('\n', '')).not.toMatch(/[\u0000-\u001f]/)
  })
})

describe('huge and hostile values', () => {
  const long = 'x'.repeat(1_000_000)
  const keys = Object.fromEntries(Array.from({ length: 10_000 }, (_, number) => [`key-${number}`, 'v']))
  const odd = `a\u001b[2J\u202e\u009b31m\r\n${'n'.repeat(300)}`
  const object = (data: object) => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { namespace: 'default', name: odd, annotations: { [odd]: long } },
    data,
  })
  const [last] = staleDeletion.path.steps.slice(-1)
  if (last === undefined) throw new Error('no step')
  const write = { op: 'update' as const, object: `ConfigMap default/${odd}`, outcome: 'committed' as const }
  const writes = [
    { ...write, op: 'create' as const, after: object({ ...keys, long, [odd]: odd }) },
    { ...write, before: object({}), after: object({ ...keys, long }) },
    { ...write, before: object({ long }), after: object({ long: `${long}y` }) },
  ]
  const huge = { ...staleDeletion, path: { ...staleDeletion.path, steps: [{ ...last, title: odd, writes }] } }
  const model = press(createInspector('huge.dump', [stored(reportWith([huge]))]), 'enter', 'enter')

  it('are cut, with a note, and leave no escape', () => {
    expect(model.screen).toBe('step')
    const text = view(model, { width: 80, height: 400 })
      .map((line) => line.text)
      .join('\n')
    expect(text).toMatch(/… and [\d,]+ more lines/)
    expect(text).toContain('…')
    expect(text.length).toBeLessThan(100_000)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: what must not be there
    expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/)
    for (const { text: each } of view(model, size)) expect(each.length).toBeLessThanOrEqual(80)
  })

  it('are searched and followed like others', () => {
    expect(press(model, '/', ...'key-9999', 'enter').message).toBe('')
    expect(view(press(model, 'o'), size)).toHaveLength(24)
  })
})

it('tells keys apart that come at once', () => {
  expect(keysIn('j\u001b[A\u001bOB\u001b[6~\r\u001bq\u0003')).toEqual([
    ...['j', 'up', 'down', 'pagedown', 'enter', 'escape', 'q', 'ctrl-c'],
  ])
})
