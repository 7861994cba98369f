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
import { type Host, type HostCall, type HostReply, type RunRequest, STOP } from '#controller/host.ts'
import type { Cluster } from './tables.ts'

export interface RecordedRun {
  readonly request: Omit<RunRequest, 'respond'>
  readonly answers: readonly HostReply[]
  /** Generations in the answers. */
  readonly generations: ReadonlySet<number>
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
  const { generations } = run
  if (generations.size === 0) return
  const found: string[] = []
  for (const body of run.writes) suspiciousPaths(body, '', generations, found)
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
      const data = dataOf(call)
      if (data !== undefined) writes.push(data)
      const answer = run.answers[place++]
      return answer === undefined ? STOP : (shifted(answer, '') as HostReply)
    },
  })
  const same = run.writes.every((body, index) => withoutGenerations(body) === withoutGenerations(writes[index]))
  if (same) return
  for (const kind of run.kinds) generationsAsData.add(kind)
  cluster.counters.restartReason = `${run.request.controller} uses a generation as data`
}

/** What a call carries. In the arguments of an external system a generation is data, under whatever key. */
export function dataOf(call: HostCall): Json | undefined {
  if (call.op === 'external') return JSON.parse(JSON.stringify(call.args), (_, value) => underOtherKeys(value)) as Json
  return 'body' in call ? call.body : undefined
}

function underOtherKeys(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, field]) => [isGeneration(key) ? `${key} as data` : key, field]),
  )
}

function isGeneration(key: string): boolean {
  return key === 'generation' || key === 'observedGeneration'
}

/** Paths of numbers, and of strings with a number in them, that equal a generation. */
function suspiciousPaths(
  value: Json | undefined,
  path: string,
  generations: ReadonlySet<number>,
  found: string[],
): void {
  if (typeof value === 'number') {
    if (generations.has(value)) found.push(path)
  } else if (typeof value === 'string') {
    if (DIGIT.test(value) && (value.match(/\d+/g) ?? []).some((digits) => generations.has(Number(digits))))
      found.push(path)
  } else if (typeof value === 'object' && value !== null) {
    if (Array.isArray(value)) for (const element of value) suspiciousPaths(element, `${path}.*`, generations, found)
    else {
      for (const key in value) {
        if (!isGeneration(key))
          suspiciousPaths((value as Record<string, Json>)[key], `${path}.${key}`, generations, found)
      }
    }
  }
}

const DIGIT = /\d/

function shifted(value: unknown, key: string): unknown {
  if (typeof value === 'number') return isGeneration(key) ? value + SHIFT : value
  if (Array.isArray(value)) return Object.freeze(value.map((element) => shifted(element, key)))
  if (typeof value !== 'object' || value === null) return value
  return Object.freeze(Object.fromEntries(Object.entries(value).map(([name, field]) => [name, shifted(field, name)])))
}

function withoutGenerations(body: Json | undefined): string | undefined {
  return JSON.stringify(body, (key, value) => (isGeneration(key) ? undefined : value))
}
