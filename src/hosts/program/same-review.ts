/** Whether two answers to a review mean the same: libraries write the operations of a patch in the order of a map. */
import { equalJson } from '#api/equal.ts'
import { applyJsonPatch } from '#api/json-patch.ts'
import type { ReviewOutcome } from '#controller/host.ts'

/** `request` is what was reviewed: patches are alike when they make the same of its object. */
export function isSameReview(request: object, one: ReviewOutcome, other: ReviewOutcome): boolean {
  return equalJson(meaningOf(request, one), meaningOf(request, other))
}

function meaningOf(request: object, outcome: ReviewOutcome): unknown {
  if (!('response' in outcome)) return outcome
  const { response } = outcome
  if (typeof response !== 'object' || response === null || !('patch' in response)) return outcome
  const { patch, ...rest } = response
  try {
    const operations: unknown = JSON.parse(Buffer.from(String(patch), 'base64').toString('utf8'))
    const patched = applyJsonPatch((request as { readonly object?: unknown }).object, operations)
    return patched.type === 'ok' ? { rest, made: patched.value } : outcome
  } catch {
    // No JSON: whoever uses the answer says so.
    return outcome
  }
}
