/**
 * The lint `multiplies`: a search was cut, and objects of generated names were made again and again on one path. As long
 * as whoever makes them is not told why they go (a late cache, while another controller deletes them) or while nobody
 * ends them, there are ever more states; `--lag-max` bounds what a process has not seen, not what it does meanwhile.
 */
import type { Level } from '#cluster/level.ts'

export interface GrowingFamily {
  /** `Kind namespace/prefix*`. */
  readonly objects: string
  /** How many were made on one path. */
  readonly made: number
}

/** Fewer objects than this on a path are no growth. */
const MADE_MIN = 20

/** The generated names of which most were given on one path. Names are numbered along each path. */
export function growingFamily({ cluster }: Level): GrowingFamily | undefined {
  const families = new Map<string, number>()
  for (const { kind, namespace, name } of cluster.slots) {
    const entry = cluster.versions.generatedNames.get(name)
    if (entry === undefined) continue
    const family = `${kind.resource.kind} ${namespace === '' ? '' : `${namespace}/`}${entry.prefix}*`
    families.set(family, (families.get(family) ?? 0) + 1)
  }
  const [objects, made] = [...families].sort(([, a], [, b]) => b - a)[0] ?? ['', 0]
  return made < MADE_MIN ? undefined : { objects, made }
}
