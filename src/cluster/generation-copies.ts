/**
 * Controllers that use a generation as data (write it into a label, an annotation, a name, or compare it with a
 * number). The state form keeps only the rank of generations, which would be wrong for what such a controller makes,
 * so their kinds keep the numbers themselves.
 *
 * A small number in a write proves nothing: `replicas: 1` is no copy of `generation: 1`. So a suspicious run is made
 * once more with the same answers, all generations in them shifted alike; what it writes differs only where a
 * generation was used.
 */
import type { Json } from '#api/object.ts'
import { type Host, type HostReply, type RunRequest, STOP } from '#controller/host.ts'
import type { Cluster } from './tables.ts'

export interface RecordedRun {
  readonly request: Omit<RunRequest, 'respond'>
  readonly answers: readonly HostReply[]
  /** Bodies of the writes, in order. */
  readonly writes: readonly Json[]
  /** Kinds of the objects read. */
  readonly kinds: ReadonlySet<number>
}

const SHIFT = 7_000_000
/** How often one controller's field is looked at. */
const LOOKS_MAX = 5

/** Marks the kinds read by the run when it used a generation as data. */
export async function noteGenerationCopies(cluster: Cluster, host: Host, run: RecordedRun): Promise<void> {
  const { generationsAsData, suspicions } = cluster.counters
  if (run.writes.length === 0 || [...run.kinds].every((kind) => generationsAsData.has(kind))) return
  const generations = new Set<number>()
  for (const answer of run.answers) collectGenerations(answer, '', generations)
  if (generations.size === 0) return
  const found = run.writes.flatMap((body) => suspiciousPaths(body, '', generations))
  const fresh = found.filter((path) => {
    const key = `${run.request.controller} ${path}`
    const looks = suspicions.get(key) ?? 0
    suspicions.set(key, looks + 1)
    return looks < LOOKS_MAX
  })
  if (fresh.length === 0) return
  const writes: Json[] = []
  let place = 0
  await host.run({
    ...run.request,
    respond: (call) => {
      if ('body' in call && call.body !== undefined) writes.push(call.body)
      const answer = run.answers[place++]
      return answer === undefined ? STOP : (shifted(answer, '') as HostReply)
    },
  })
  const same = run.writes.every((body, index) => withoutGenerations(body) === withoutGenerations(writes[index]))
  if (same) return
  for (const kind of run.kinds) generationsAsData.add(kind)
  cluster.counters.restartReason = `${run.request.controller} uses a generation as data`
}

function isGeneration(key: string): boolean {
  return key === 'generation' || key === 'observedGeneration'
}

function collectGenerations(value: unknown, key: string, into: Set<number>): void {
  if (typeof value === 'number') {
    if (isGeneration(key)) into.add(value)
  } else if (Array.isArray(value)) for (const element of value) collectGenerations(element, key, into)
  else if (typeof value === 'object' && value !== null)
    for (const [name, field] of Object.entries(value)) collectGenerations(field, name, into)
}

/** Paths of numbers, and of strings with a number in them, that equal a generation. */
function suspiciousPaths(value: Json | undefined, path: string, generations: ReadonlySet<number>): readonly string[] {
  if (typeof value === 'number')
    return generations.has(value) && !isGeneration(path.slice(path.lastIndexOf('.') + 1)) ? [path] : []
  if (typeof value === 'string')
    return (value.match(/\d+/g) ?? []).some((digits) => generations.has(Number(digits))) ? [path] : []
  if (typeof value !== 'object' || value === null) return []
  if (Array.isArray(value)) return value.flatMap((element) => suspiciousPaths(element, `${path}.*`, generations))
  return Object.entries(value).flatMap(([key, field]) => suspiciousPaths(field as Json, `${path}.${key}`, generations))
}

function shifted(value: unknown, key: string): unknown {
  if (typeof value === 'number') return isGeneration(key) ? value + SHIFT : value
  if (Array.isArray(value)) return Object.freeze(value.map((element) => shifted(element, key)))
  if (typeof value !== 'object' || value === null) return value
  return Object.freeze(Object.fromEntries(Object.entries(value).map(([name, field]) => [name, shifted(field, name)])))
}

function withoutGenerations(body: Json | undefined): string | undefined {
  return JSON.stringify(body, (key, value) => (isGeneration(key) ? undefined : value))
}
