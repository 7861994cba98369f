/** Draws what the search is made of: its states by action and depth, in shades that need no colour. */
import { type HeatMap, heatMapOf, heatOf } from '#dump/heat-map.ts'
import { count, formatNumber, shorten, wrap } from '#inspect/plain-text.ts'
import type { Drawn, Line } from './lines.ts'
import type { InspectorModel } from './model.ts'
import { graphOf } from './states.ts'

const SHADES = [' ', '░', '▒', '▓', '█'] as const

/** Characters of the column that counts transitions, with the space before it. */
const TAKEN_WIDTH = 11
/** A cell this wide has its number in it. */
const NUMBERED_WIDTH = 6

export function heatScreen(model: InspectorModel, title: string, width: number): Drawn {
  const graph = graphOf(model)
  if (graph === undefined) return { title, subtitle: '', body: [] }
  const map = heatMapOf(graph)
  const { cell, names } = widths(map, width)
  const { profile, granularity, faults } = graph.level
  const row = (name: string, taken: string, cells: readonly string[]) =>
    ` ${shorten(name, names).padEnd(names)}${taken.padStart(TAKEN_WIDTH)} ${cells.join('')}`
  const body: Line[] = [
    {
      text: row(
        'first met by',
        'taken',
        map.depths.map((depth) => head(depth, cell)),
      ),
      tone: 'title',
    },
    ...map.rows.map(
      (each): Line => ({
        text: row(
          each.title,
          formatNumber(each.taken),
          each.states.map((states) => cellText(states, map.most, cell)),
        ),
        tone: 'plain',
      }),
    ),
    { text: '', tone: 'plain' },
    ...[
      `From left to right: depth, the number of steps, from 0 to ${(map.depths.at(-1) ?? 0) + graph.depthStep - 1}${graph.depthStep > 1 ? `, ${graph.depthStep} a column` : ''}.`,
      `${SHADES.slice(1).join(' ')} few to many states, by orders of magnitude; the most is ${formatNumber(map.most)}.`,
      `Of the search under ${profile}, by ${granularity}, with ${count(faults, 'fault')}.`,
    ]
      .flatMap((text) => wrap(text, width - 2))
      .map((text): Line => ({ text: ` ${text}`, tone: 'dim' })),
  ]
  const facts = `${count(graph.states, 'state')}, ${count(graph.transitions, 'transition')}, ${formatNumber(graph.rests)} at rest`
  return { title: 'What the search is made of', subtitle: facts, body }
}

/** Cells as wide as there is room for, and names as long as they are at most. */
function widths({ rows, depths }: HeatMap, width: number): { readonly cell: number; readonly names: number } {
  const longest = rows.reduce((most, { title }) => Math.max(most, title.length), 'first met by'.length)
  const room = Math.max(0, width - TAKEN_WIDTH - 2)
  const columns = Math.max(1, depths.length)
  const cell = Math.max(1, Math.min(NUMBERED_WIDTH, Math.floor((room - longest) / columns)))
  return { cell, names: Math.max(1, Math.min(longest, room - cell * columns)) }
}

/** Narrow columns have no room for their depth: it is said below. */
function head(depth: number, cell: number): string {
  const text = String(depth)
  return text.length < cell ? text.padStart(cell) : ' '.repeat(cell)
}

function cellText(states: number, most: number, cell: number): string {
  const shade = SHADES[heatOf(states, most)]
  if (cell < NUMBERED_WIDTH) return shade.repeat(Math.max(1, cell - 1)).padStart(cell)
  return states === 0 ? ' '.repeat(cell) : ` ${shade}${short(states).padStart(cell - 2)}`
}

/** In at most four characters. */
function short(states: number): string {
  if (states < 10_000) return String(states)
  return states < 1_000_000 ? `${Math.floor(states / 1000)}k` : `${Math.floor(states / 1_000_000)}M`
}
