/** The message for a reconciler that changes an object of the cache: informer caches are shared, and so frozen. */
import type { KubernetesObject } from '#api/object.ts'

/** What V8 says of a write to a frozen object, with the property in the group. */
const refusals = [
  /^Cannot assign to read only property '([^']*)'/,
  /^Cannot add property ([^,]*), object is not extensible/,
  /^Cannot delete property '([^']*)'/,
  /^Cannot define property ([^,]*), object is not extensible/,
  /^Cannot redefine property: (.*)$/,
]

/** The message, or undefined when the error is no such mutation or no cached object was read before. */
export function cachedMutationMessage(
  thrown: unknown,
  cached: readonly KubernetesObject[],
  site: string | undefined,
): string | undefined {
  if (!(thrown instanceof TypeError) || cached.length === 0) return undefined
  const property = refusals.map((refusal) => refusal.exec(thrown.message)?.[1]).find((found) => found !== undefined)
  if (property === undefined) return undefined
  const names = [...new Set(cached.map(nameOf))]
  const object =
    names.length === 1 ? names[0] : `one of ${names.slice(0, 3).join(', ')}${names.length > 3 ? ', …' : ''}`
  return (
    `mutates a cached object (${object}): ${thrown.message}${site === undefined ? '' : ` at ${site}`}. ` +
    'What a cached read returns is shared by all readers of the cache, and a change of it is seen by them before, or without, any write. ' +
    'Copy it first: structuredClone(object), or spread what changes ({ ...object, spec: { ...object.spec, … } }).'
  )
}

function nameOf({ kind, metadata }: KubernetesObject): string {
  return `${kind} ${metadata?.namespace === undefined ? '' : `${metadata.namespace}/`}${metadata?.name}`
}
