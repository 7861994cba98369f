/**
 * The lint `grows`: a search was cut, and one field of one object took a new value again and again. Such a field (a
 * counter, a log in a list, a random suffix) makes the state space infinite, the commonest reason why a search of
 * this kind does not end.
 */
import type { Level } from '#cluster/level.ts'

export interface GrowingField {
  /** `Kind namespace/name`. */
  readonly object: string
  readonly path: string
  readonly values: number
}

/** Fewer values than this are no growth. */
const VALUES_MIN = 50

/** The field with the most different values among the versions of the object that has the most versions. */
export function growingField(level: Level): GrowingField | undefined {
  const byObject = new Map<string, unknown[]>()
  for (const version of level.cluster.versions.byId) {
    if (version === undefined) continue
    const { kind, metadata } = version.body
    const name = `${kind} ${metadata.namespace === undefined ? '' : `${metadata.namespace}/`}${metadata.name}`
    const list = byObject.get(name)
    if (list === undefined) byObject.set(name, [version.body])
    else list.push(version.body)
  }
  const [object, bodies] = [...byObject].sort(([, a], [, b]) => b.length - a.length)[0] ?? ['', []]
  if (bodies.length < VALUES_MIN) return undefined
  const values = new Map<string, Set<string>>()
  for (const body of bodies) collect(body, '', values)
  const [path, seen] = [...values].sort(([, a], [, b]) => b.size - a.size)[0] ?? ['', new Set()]
  return seen.size < VALUES_MIN ? undefined : { object, path, values: seen.size }
}

function collect(value: unknown, path: string, values: Map<string, Set<string>>): void {
  if (Array.isArray(value)) add(values, `${path} (length)`, String(value.length))
  if (typeof value === 'object' && value !== null) {
    for (const [key, field] of Object.entries(value)) {
      if (path === 'metadata' && (key === 'generation' || key === 'uid')) continue
      collect(field, Array.isArray(value) ? `${path}.*` : path === '' ? key : `${path}.${key}`, values)
    }
  } else add(values, path, String(value))
}

function add(values: Map<string, Set<string>>, path: string, text: string): void {
  const set = values.get(path)
  if (set === undefined) values.set(path, new Set([text]))
  else set.add(text)
}
