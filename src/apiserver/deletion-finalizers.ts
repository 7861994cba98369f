/**
 * The finalizers `orphan` and `foregroundDeletion`, by which a delete tells the garbage collector what to do first.
 * Source: store.go (deletionFinalizersForGarbageCollection).
 */
import type { ObjectMeta } from '#api/object.ts'
import type { ResourceInfo } from '#api/resource.ts'
import type { RequestOptions } from './request.ts'

const ORPHAN = 'orphan'
const FOREGROUND = 'foregroundDeletion'
const NONE: readonly string[] = Object.freeze([])

type Options = Pick<RequestOptions, 'propagationPolicy' | 'orphanDependents'>

/** The finalizers an object has once this delete is accepted; the very same list when nothing changes. */
export function deletionFinalizers(resource: ResourceInfo, metadata: ObjectMeta, options: Options): readonly string[] {
  const old = metadata.finalizers ?? NONE
  const wanted = wantedFinalizer(resource, old, options)
  const kept = old.filter((finalizer) => finalizer !== ORPHAN && finalizer !== FOREGROUND)
  const next = wanted === undefined ? kept : [...kept, wanted]
  return next.length === old.length && next.every((finalizer) => old.includes(finalizer)) ? old : Object.freeze(next)
}

/** What the request says counts first, then what the object says, then the kind's default. */
function wantedFinalizer(resource: ResourceInfo, old: readonly string[], options: Options): string | undefined {
  if (options.orphanDependents !== undefined) return options.orphanDependents ? ORPHAN : undefined
  switch (options.propagationPolicy) {
    case 'Orphan':
      return ORPHAN
    case 'Foreground':
      return FOREGROUND
    case 'Background':
      return undefined
    default:
      return (
        old.find((finalizer) => finalizer === ORPHAN || finalizer === FOREGROUND) ??
        (resource.orphansByDefault === true ? ORPHAN : undefined)
      )
  }
}
