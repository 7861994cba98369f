/**
 * Who manages the number of replicas, between an object and its Scale: an entry of the object that owns the field of
 * the replicas is one of the Scale that owns `spec.replicas`.
 * Source: apimachinery/pkg/util/managedfields/scalehandler.go.
 */
import { difference, setOfPaths, union } from '#api/merge/field-set.ts'
import type { ManagedEntry } from '#api/merge/managed-fields.ts'

const SCALE_VERSION = 'autoscaling/v1'
const SCALE_REPLICAS = setOfPaths([['f:spec', 'f:replicas']])

/** The entries of a Scale, of those of its object; `path` leads to the replicas of the object. */
export function entriesOfScale(entries: readonly ManagedEntry[], path: string): readonly ManagedEntry[] {
  return entries
    .filter((entry) => owns(entry, path))
    .map((entry) => ({ ...entry, apiVersion: SCALE_VERSION, fields: SCALE_REPLICAS }))
}

/** The entries of the object after its Scale has got `scaleEntries`. `apiVersion` is the object's. */
export function entriesOfObject(
  entries: readonly ManagedEntry[],
  scaleEntries: readonly ManagedEntry[],
  { path, apiVersion }: { readonly path: string; readonly apiVersion: string },
): readonly ManagedEntry[] {
  const replicas = replicasSet(path)
  const owners = new Map(scaleEntries.map((entry) => [keyOf(entry), entry]))
  const kept = entries.map((entry) => {
    const isOwner = owners.delete(keyOf(entry))
    if (isOwner) return { ...entry, fields: union(entry.fields, replicas) }
    return owns(entry, path) ? { ...entry, fields: difference(entry.fields, replicas) } : entry
  })
  return [...kept, ...[...owners.values()].map((entry) => ({ ...entry, apiVersion, fields: replicas }))]
}

function owns({ fields }: ManagedEntry, path: string): boolean {
  const replicas = replicasSet(path)
  return difference(replicas, fields) !== replicas
}

function replicasSet(path: string): ReturnType<typeof setOfPaths> {
  return setOfPaths([path.split('.').map((field) => `f:${field}`)])
}

function keyOf({ name, operation, subresource = '' }: ManagedEntry): string {
  return JSON.stringify([name, operation, subresource])
}
