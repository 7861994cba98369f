/**
 * The name of a pod template's revision: `<statefulset>-<hash>`, as upstream's ControllerRevisions are named.
 * Equal templates have equal names, in whatever order their fields are written. The digits are not upstream's own,
 * which hash Go's memory layout; nobody can rely on them.
 */
import type { PodTemplate } from '../kinds.ts'

/** Upstream's alphabet for generated names: no vowels, so no words. */
const alphabet = 'bcdfghjklmnpqrstvwxz2456789'

export function revisionName(statefulSetName: string, template: PodTemplate): string {
  const digits = String(fnv1a(canonicalText(template)))
  const safe = [...digits].map((digit) => alphabet[digit.charCodeAt(0) % alphabet.length]).join('')
  return `${statefulSetName}-${safe}`
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
