/**
 * A create right after its kind was defined waits, as upstream's does: in a cluster of several API servers another one
 * might not serve the kind yet.
 * Source: apiextensions-apiserver/pkg/apiserver/customresource_handler.go (serveResource, `justCreated`).
 */
import type { ApiRequest } from '#apiserver/request.ts'
import type { LiveState } from './live-state.ts'

export const ESTABLISHED_WAIT_MS = 2000

interface Condition {
  readonly type?: string
  readonly lastTransitionTime?: string
}

/** Whether a request creates an object of a kind that was established less than `ESTABLISHED_WAIT_MS` ago. */
export function isJustEstablished(
  live: LiveState,
  { verb, resource, subresource }: ApiRequest,
  nowMs: number,
): boolean {
  if (verb !== 'create' || subresource !== undefined || !resource.custom) return false
  const definitions = live.served().byKind('apiextensions.k8s.io/v1', 'CustomResourceDefinition')
  if (definitions === undefined) return false
  const stored = live.state().get(definitions, '', `${resource.resource}.${resource.group}`)
  const status = stored?.body['status'] as { readonly conditions?: readonly Condition[] } | undefined
  const since = status?.conditions?.find(({ type }) => type === 'Established')?.lastTransitionTime
  return since !== undefined && nowMs - Date.parse(since) < ESTABLISHED_WAIT_MS
}
