/**
 * The hash of a pod template that names what is made from it: ReplicaSets, and the revisions of StatefulSets and
 * DaemonSets. Equal templates have equal hashes, in whatever order their fields are written. The digits are not
 * upstream's own, which hash Go's memory layout; nobody can rely on them.
 */
import { equalJson } from '#api/equal.ts'
import { type PodTemplate, podTemplateHashLabel } from './kinds.ts'

/** Upstream's alphabet for generated names: no vowels, so no words. */
const alphabet = 'bcdfghjklmnpqrstvwxz2456789'

/** `collisionCount` (default 0) makes another hash of the same template, for when its name is taken. */
export function templateHash(template: PodTemplate, collisionCount = 0): string {
  const digits = String(fnv1a(canonicalText(template) + (collisionCount === 0 ? '' : String(collisionCount))))
  return [...digits].map((digit) => alphabet[digit.charCodeAt(0) % alphabet.length]).join('')
}

/** Whether two templates make the same pods: the label that the Deployment controller adds does not count. */
export function areSameTemplate(left: PodTemplate, right: PodTemplate): boolean {
  return equalJson(withoutHash(left), withoutHash(right))
}

function withoutHash(template: PodTemplate): PodTemplate {
  const { [podTemplateHashLabel]: _hash, ...labels } = template.metadata?.labels ?? {}
  return { ...template, metadata: { ...template.metadata, labels } }
}

function canonicalText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalText).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null'
  const fields = Object.entries(value)
    .filter(([, field]) => field !== undefined)
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([key, field]) => `${JSON.stringify(key)}:${canonicalText(field)}`)
  return `{${fields.join(',')}}`
}

/** FNV-1a, 32 bits. */
function fnv1a(text: string): number {
  let hash = 0x811c9dc5
  for (let index = 0; index < text.length; index++) {
    hash ^= text.charCodeAt(index)
    hash = Math.imul(hash, 0x01000193) >>> 0
  }
  return hash
}
