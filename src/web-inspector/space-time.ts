/**
 * The space-time diagram: a lane for the user, the API server and each controller, time downwards. Arrows go from a
 * controller to the API server for writes, from the write to whoever it woke; a stale read is drawn from where it was
 * seen on the API server's lane, with the distance to what was true.
 */
import { heldName } from '#inspect/held-name.ts'
import { stepTitle } from '#inspect/step-text.ts'
import type { PathRecord, PathStep } from '#trace/path.ts'
import { element, shape } from './element.ts'
import { moreButton, shownPart } from './shown-part.ts'

const ROW = 44
const HEAD = 56
const LANE = 128
const FIRST = 84

interface Drawing {
  readonly path: PathRecord
  readonly chosen: number
  readonly choose: (step: number) => void
}

export function spaceTime({ path, chosen, choose }: Drawing): HTMLElement {
  const { steps } = path
  const lanes = [
    'the user',
    'API server',
    ...new Set(
      steps.flatMap((step) => (laneOf(step) === 'the user' || laneOf(step) === 'API server' ? [] : [laneOf(step)])),
    ),
  ]
  const x = (lane: string) => FIRST + lanes.indexOf(lane) * LANE
  const { from, to } = shownPart(steps.length, chosen)
  const shown = steps.slice(from, to)
  /** What is not shown lies at the edge. */
  const y = (place: number) => HEAD + 24 + (Math.max(from - 1, Math.min(place, to)) - from) * ROW
  const titles = FIRST + lanes.length * LANE - LANE / 2 + 24
  const width = titles + 460
  const height = y(to) + 8
  const placeOf = new Map(steps.map((step, place) => [step.index, place]))
  const server = x('API server')
  const rows = shown.map((step, index) => {
    const place = from + index
    const isChosen = place === chosen
    return shape(
      'g',
      {
        class: `row${isChosen ? ' chosen' : ''}`,
        role: 'button',
        tabindex: 0,
        'aria-label': `Step ${step.index + 1}: ${stepTitle(step)}`,
        click: () => choose(place),
        keydown: (event) => {
          if ((event as KeyboardEvent).key === 'Enter') choose(place)
        },
      },
      shape('rect', { class: 'hit', x: 0, y: y(place) - ROW / 2, width, height: ROW }),
      shape('text', { class: 'number', x: 20, y: y(place) + 4 }, String(step.index + 1)),
      shape('circle', {
        class: `dot ${step.faults.length > 0 ? 'fault' : ''}`,
        cx: x(laneOf(step)),
        cy: y(place),
        r: 6,
      }),
      shape(
        'text',
        { class: 'title', x: titles, y: y(place) + 4 },
        `${step.faults.length > 0 ? '⚡ ' : ''}${stepTitle(step)}`,
      ),
    )
  })
  const arrowsOf = (step: PathStep, place: number) => [
    ...writeArrow(step, x(laneOf(step)), server, y(place)),
    ...[...new Set(step.causes.flatMap((cause) => (cause.step === undefined ? [] : [cause.step])))].flatMap(
      (origin) => {
        const from = placeOf.get(origin)
        return from === undefined
          ? []
          : [
              shape('path', {
                class: 'woke',
                d: `M${server},${y(from)} L${x(laneOf(step))},${y(place) - 7}`,
                'marker-end': 'url(#arrow-woke)',
              }),
            ]
      },
    ),
    ...staleReads(steps, step, place).map(({ seen, truth, behind }) => {
      const lag = `${behind} behind`
      const side = server - 14
      const top = seen < 0 ? HEAD : y(seen)
      return shape(
        'g',
        { class: 'stale' },
        shape('path', { class: 'lag', d: `M${side},${top} L${side},${y(truth)}` }),
        shape('circle', { cx: side, cy: top, r: 3 }),
        shape('circle', { cx: side, cy: y(truth), r: 3 }),
        shape('path', {
          class: 'seen',
          d: `M${side},${top} Q${(side + x(laneOf(step))) / 2},${y(place) - 10} ${x(laneOf(step))},${y(place)}`,
          'marker-end': 'url(#arrow-stale)',
        }),
        shape('text', { x: side - 6, y: (top + y(truth)) / 2 + 4, 'text-anchor': 'end' }, lag),
      )
    }),
  ]
  const arrows = shown.flatMap((step, index) => arrowsOf(step, from + index))
  const drawing = shape(
    'svg',
    {
      class: 'space-time',
      width,
      height,
      viewBox: `0 0 ${width} ${height}`,
      role: 'group',
      'aria-label': 'Space-time diagram of the path',
    },
    shape(
      'defs',
      {},
      ...['write', 'woke', 'stale'].map((name) =>
        shape(
          'marker',
          {
            id: `arrow-${name}`,
            class: `head ${name}`,
            viewBox: '0 0 8 8',
            refX: 7,
            refY: 4,
            markerWidth: 8,
            markerHeight: 8,
            orient: 'auto',
          },
          shape('path', { d: 'M0,0 L8,4 L0,8 z' }),
        ),
      ),
    ),
    ...lanes.flatMap((lane) => [
      shape(
        'text',
        { class: 'lane-name', x: x(lane), y: 24, 'text-anchor': 'middle' },
        shortLane(lane),
        shape('title', {}, lane),
      ),
      shape('line', { class: 'lane', x1: x(lane), y1: 36, x2: x(lane), y2: height }),
    ]),
    ...rows,
    shape('g', { class: 'arrows' }, ...arrows),
  )
  return element(
    'div',
    { class: 'diagram' },
    element(
      'p',
      { class: 'legend' },
      element('span', { class: 'key write' }, '→ writes'),
      element('span', { class: 'key woke' }, '→ wakes'),
      element('span', { class: 'key stale' }, '⇢ sees what was true earlier; the bar is how far that lies behind'),
      element('span', { class: 'key fault' }, '● a fault'),
    ),
    moreButton(from, 'before these', () => choose(from - 1)),
    element(
      'div',
      { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': 'Diagram' },
      drawing as unknown as HTMLElement,
    ),
    moreButton(steps.length - to, 'after these', () => choose(to)),
  )
}

function laneOf(step: PathStep): string {
  if (step.controller !== undefined) return step.controller
  if (step.type === 'user') return step.process ?? 'the user'
  return step.process === undefined ? 'API server' : `process ${step.process}`
}

function shortLane(lane: string): string {
  return lane.length > 18 ? `${lane.slice(0, 17)}…` : lane
}

function writeArrow(step: PathStep, from: number, to: number, height: number): readonly SVGElement[] {
  const count = step.writes.filter(({ outcome, op }) => outcome === 'committed' && op !== 'call').length
  if (count === 0 || from === to) return []
  const end = from < to ? to - 3 : to + 3
  return [
    shape('path', {
      class: 'write',
      d: `M${from + (from < to ? 7 : -7)},${height} L${end},${height}`,
      'marker-end': 'url(#arrow-write)',
    }),
    shape('circle', { class: 'commit', cx: to, cy: height, r: 3 }),
  ]
}

interface StaleRead {
  /** Places of the steps that wrote what was seen (-1: before the path), and what was true. */
  readonly seen: number
  readonly truth: number
  readonly behind: number
}

function staleReads(steps: readonly PathStep[], step: PathStep, place: number): readonly StaleRead[] {
  const found = new Map<string, StaleRead>()
  for (const read of step.reads.filter(({ behind }) => behind > 0)) {
    const seen = lastWriteOf(steps, place, (name, version) =>
      read.answered.some((held) => heldName(read, held) === name && held.resourceVersion === version),
    )
    const names = new Set([...read.answered, ...(read.truth ?? [])].map((held) => heldName(read, held)))
    const truth = lastWriteOf(steps, place, (name) => names.has(name))
    if (truth >= 0 && truth !== seen) found.set(`${seen} ${truth}`, { seen, truth, behind: read.behind })
  }
  return [...found.values()]
}

/** The last step before `place` with a committed write that fits. */
function lastWriteOf(
  steps: readonly PathStep[],
  place: number,
  fits: (object: string, version: string | undefined) => boolean,
): number {
  for (let at = place - 1; at >= 0; at--) {
    if (
      steps[at]?.writes.some(
        ({ outcome, object, after }) => outcome === 'committed' && fits(object, after?.metadata.resourceVersion),
      )
    )
      return at
  }
  return -1
}
