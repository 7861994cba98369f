/** The objects of the API server after a step of a path: those at the start, and what was written since. */
import type { KubernetesObject } from '#api/object.ts'
import type { PathRecord } from '#trace/path.ts'

/** After the first `steps` steps; 0: at the start, which a path does not have in it. */
export function objectsAt(
  path: PathRecord,
  steps: number,
  initial: readonly KubernetesObject[],
): readonly KubernetesObject[] {
  const objects = new Map(initial.map((object) => [keyOf(object), object]))
  for (const { writes } of path.steps.slice(0, steps)) {
    for (const { op, outcome, before, after } of writes) {
      if (outcome !== 'committed' || op === 'call') continue
      if (after !== undefined) objects.set(keyOf(after), after)
      else if (before !== undefined) objects.delete(keyOf(before))
    }
  }
  return [...objects.values()]
}

/** Manifests may leave out the namespace `default`, and objects of the cluster have none. */
function keyOf({ apiVersion, kind, metadata }: KubernetesObject): string {
  const group = apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : ''
  return `${kind}.${group} ${metadata.namespace ?? 'default'}/${metadata.name}`
}
