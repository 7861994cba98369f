import type { KubernetesObject } from '#api/object.ts'
import { FIRST_REVISION } from './tables.ts'

/** A version's body with its resourceVersion, frozen. */
export function withRevision(body: KubernetesObject, revision: number): KubernetesObject {
  const metadata = Object.freeze({ ...body.metadata, resourceVersion: String(FIRST_REVISION + revision) })
  return Object.freeze({ ...body, metadata })
}
