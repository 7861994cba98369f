import type { KubernetesObject } from '#api/object.ts'
import { FIRST_REVISION } from './tables.ts'

/** Those handed out last of each body: hosts tell by identity whether they know an object. */
const madeBefore = new WeakMap<KubernetesObject, Map<number, KubernetesObject>>()
const REVISIONS_MAX = 8

/** A version's body with its resourceVersion, frozen. */
export function withRevision(body: KubernetesObject, revision: number): KubernetesObject {
  let made = madeBefore.get(body)
  if (made === undefined) {
    made = new Map()
    madeBefore.set(body, made)
  }
  const known = made.get(revision)
  if (known !== undefined) return known
  const metadata = Object.freeze({ ...body.metadata, resourceVersion: String(FIRST_REVISION + revision) })
  const object = Object.freeze({ ...body, metadata })
  if (made.size >= REVISIONS_MAX) made.clear()
  made.set(revision, object)
  return object
}
