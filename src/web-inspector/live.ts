/** A page that kamera serves: the dump in parts, and what a search that runs tells. */
import type { ByteSource } from '#dump/read-dump.ts'
import { count, formatDuration, formatNumber, plainData } from '#inspect/plain-text.ts'
import { element } from './element.ts'

/** As `explore` tells it. */
interface LiveProgress {
  readonly scenario: string
  readonly level: string
  readonly statesDistinct: number
  readonly statesOnQueue: number
  readonly depth: number
  readonly elapsedMs: number
  readonly statesPerSecond: number
}

/** Seen by an oracle, and neither shortened nor explained yet. */
interface LiveSighting {
  readonly scenario: string
  readonly name: string
  readonly objects: readonly string[]
}

interface Live {
  readonly progress?: LiveProgress
  readonly sightings: readonly LiveSighting[]
  readonly status: 'searching' | 'ended' | 'lost'
}

let live: Live = { sightings: [], status: 'searching' }

/** Calls back with each dump that is served. What it hears of a search is in `liveSection`. */
export function listen(onDump: (source: ByteSource) => void): void {
  const events = new EventSource('events')
  const heard = (type: string, act: (data: never) => void) =>
    events.addEventListener(type, (event) => {
      act(plainData(JSON.parse((event as MessageEvent<string>).data)) as never)
      redraw()
    })
  // A connection that is made anew tells all of it again.
  events.addEventListener('open', () => change({ sightings: [], status: 'searching' }))
  heard('progress', (progress: LiveProgress) => change({ progress }))
  heard('found', (sighting: LiveSighting) => change({ sightings: [...live.sightings, sighting] }))
  heard('end', () => change({ status: 'ended' }))
  heard('dump', ({ version, size, name }: { version: number; size: number; name: string }) =>
    onDump({ name, size, read: (offset, length) => partOf(version, offset, length) }),
  )
  events.addEventListener('error', () => {
    change({ status: live.status === 'ended' ? 'ended' : 'lost' })
    redraw()
  })
}

function change(part: Partial<Live>): void {
  live = { ...live, ...part }
}

async function partOf(version: number, offset: number, length: number): Promise<Uint8Array> {
  if (length === 0) return new Uint8Array()
  const answer = await fetch(`dump?version=${version}`, {
    headers: { range: `bytes=${offset}-${offset + length - 1}` },
  })
  if (!answer.ok) throw new Error(`kamera answers ${answer.status}: it has ended, or has a newer dump.`)
  return new Uint8Array(await answer.arrayBuffer())
}

function redraw(): void {
  document.getElementById('live')?.replaceWith(liveSection())
}

export function liveSection(): HTMLElement {
  const { progress, sightings, status } = live
  const heading = { searching: 'Searching …', ended: 'The search is over', lost: 'kamera has ended' }[status]
  if (progress === undefined && sightings.length === 0) return element('section', { id: 'live' })
  return element(
    'section',
    { id: 'live', class: 'live', 'aria-label': 'Search' },
    element('h2', {}, heading),
    ...(progress === undefined ? [] : progressLines(progress).map((text) => element('p', { class: 'small' }, text))),
    element(
      'ul',
      { role: 'log', 'aria-label': 'Seen so far' },
      ...sightings.map(({ scenario, name, objects }) =>
        element(
          'li',
          { class: 'small' },
          `${scenario}: ${name}${objects.length === 0 ? '' : ` on ${objects.join(', ')}`}`,
        ),
      ),
    ),
  )
}

function progressLines({ scenario, level, ...counts }: LiveProgress): readonly string[] {
  return [
    `${scenario} · ${level}`,
    `${count(counts.statesDistinct, 'state')}, ${formatNumber(counts.statesOnQueue)} on queue, depth ${counts.depth}`,
    `${formatNumber(counts.statesPerSecond)} a second, ${formatDuration(counts.elapsedMs)}`,
  ]
}
