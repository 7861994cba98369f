/**
 * Warnings about names of finalizers of custom resources.
 * Source: apiextensions-apiserver/pkg/registry/customresource/strategy.go (generateWarningsFromObj).
 */
import type { ObjectMeta } from '#api/object.ts'
import type { ApiRequest } from './request.ts'
import { isOfOutside } from './write-options.ts'

const NO_WARNINGS: readonly string[] = Object.freeze([])
const STANDARD: readonly string[] = ['orphan', 'foregroundDeletion', 'kubernetes']

/** Of each finalizer that a write adds and that has no domain. Requests of a simulation get none. */
export function finalizerWarnings(
  request: ApiRequest,
  given: ObjectMeta,
  old: ObjectMeta | undefined,
): readonly string[] {
  if (!request.resource.custom || !isOfOutside(request)) return NO_WARNINGS
  if (given.finalizers === undefined || given.finalizers.length === 0) return NO_WARNINGS
  return given.finalizers
    .filter((name) => !name.includes('/') && !STANDARD.includes(name) && old?.finalizers?.includes(name) !== true)
    .toSorted()
    .map(
      (name) =>
        `metadata.finalizers: ${JSON.stringify(name)}: prefer a domain-qualified finalizer name including a path (/) to avoid accidental conflicts with other finalizer writers`,
    )
}
