/**
 * Values that identify: uids, generated names, resourceVersions. All are functions of what happened to a name and
 * never of when it happened, so that the same incarnation has the same uid in every order of events.
 */

const UID_CACHE_MAX = 65536
const uidCache = new Map<string, string>()

/** The uid of the n-th object of a kind and name. `kindKey` is `ResourceInfo.key`. Shaped as a random (version 4) UUID. */
export function uidOf(kindKey: string, namespace: string, name: string, incarnation: number): string {
  const text = `${kindKey}|${namespace}|${name}|${incarnation}`
  const known = uidCache.get(text)
  if (known !== undefined) return known
  const uid = uuidOfText(text)
  if (uidCache.size >= UID_CACHE_MAX) uidCache.clear()
  uidCache.set(text, uid)
  return uid
}

/** A 128-bit digest of a text, four interleaved multiply-xor lanes, in UUID form with version and variant bits set. */
function uuidOfText(text: string): string {
  let a = 0x9e3779b9
  let b = 0x243f6a88
  let c = 0xb7e15162
  let d = 0xdeadbeef
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    a = b ^ Math.imul(a ^ code, 0x238f13af)
    b = c ^ Math.imul(b ^ code, 0xb32d16e5)
    c = d ^ Math.imul(c ^ code, 0x1b873593)
    d = a ^ Math.imul(d ^ code, 0x85ebca6b)
  }
  a = finish(a ^ d)
  b = finish(b ^ a)
  c = finish(c ^ b)
  d = finish(d ^ c)
  const hex = word(a) + word((b & 0xffff0fff) | 0x4000) + word((c & 0x3fffffff) | 0x80000000) + word(d)
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}

function finish(value: number): number {
  let hash = Math.imul(value ^ (value >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}

function word(value: number): string {
  return (value >>> 0).toString(16).padStart(8, '0')
}

/** Kubernetes' alphabet for generated names, without vowels and look-alikes (apimachinery/pkg/util/rand). */
const SUFFIX_ALPHABET = 'bcdfghjklmnpqrstvwxz2456789'
const SUFFIX_DIGITS = 4

/** How many suffixes there are: 27 to the power of 4. */
export const GENERATED_SUFFIXES = SUFFIX_ALPHABET.length ** SUFFIX_DIGITS

/** The suffix of the n-th name generated for a prefix: 'z' and four characters that encode n. */
export function generatedSuffix(n: number): string {
  if (!Number.isInteger(n) || n < 0 || n >= GENERATED_SUFFIXES) {
    throw new RangeError(`generated name number ${n} is not between 0 and ${GENERATED_SUFFIXES - 1}`)
  }
  let rest = n
  let digits = ''
  for (let index = 0; index < SUFFIX_DIGITS; index++) {
    digits = SUFFIX_ALPHABET[rest % SUFFIX_ALPHABET.length] + digits
    rest = Math.floor(rest / SUFFIX_ALPHABET.length)
  }
  return `z${digits}`
}

/** The n of a suffix made by `generatedSuffix`, or undefined for any other text. */
export function parseGeneratedSuffix(suffix: string): number | undefined {
  if (suffix.length !== SUFFIX_DIGITS + 1 || suffix[0] !== 'z') return undefined
  let n = 0
  for (let index = 1; index <= SUFFIX_DIGITS; index++) {
    const digit = SUFFIX_ALPHABET.indexOf(suffix[index] as string)
    if (digit < 0) return undefined
    n = n * SUFFIX_ALPHABET.length + digit
  }
  return n
}

/** A longer `generateName` is cut, so that the name stays a DNS label (apiserver/pkg/storage/names). */
const PREFIX_LENGTH_MAX = 63 - 5

/** The name that number n of a `generateName` gets. */
export function generatedName(prefix: string, n: number): string {
  return (prefix.length > PREFIX_LENGTH_MAX ? prefix.slice(0, PREFIX_LENGTH_MAX) : prefix) + generatedSuffix(n)
}

/** The number of a generated name: undefined when `name` was not generated from `prefix`. */
export function numberOfGeneratedName(prefix: string, name: string): number | undefined {
  const cut = prefix.length > PREFIX_LENGTH_MAX ? prefix.slice(0, PREFIX_LENGTH_MAX) : prefix
  return name.startsWith(cut) ? parseGeneratedSuffix(name.slice(cut.length)) : undefined
}

/** A resourceVersion as it is sent: the revision in decimal. */
export function formatResourceVersion(revision: number): string {
  return String(revision)
}

/** The revision of a resourceVersion: 0 for '', '0' and absent, undefined for what is no resourceVersion of ours. */
export function parseResourceVersion(resourceVersion: unknown): number | undefined {
  if (resourceVersion === undefined || resourceVersion === null || resourceVersion === '') return 0
  if (typeof resourceVersion !== 'string' || !/^[0-9]{1,15}$/.test(resourceVersion)) return undefined
  return Number(resourceVersion)
}

const TIMESTAMPS_REMEMBERED_MAX = 4096
const timestamps = new Map<number, string>()

/** RFC 3339 in whole seconds, as in `creationTimestamp`. */
export function formatTimestamp(timeMs: number): string {
  const second = Math.floor(timeMs / 1000)
  const known = timestamps.get(second)
  if (known !== undefined) return known
  const timestamp = `${new Date(second * 1000).toISOString().slice(0, 19)}Z`
  if (timestamps.size >= TIMESTAMPS_REMEMBERED_MAX) timestamps.clear()
  timestamps.set(second, timestamp)
  return timestamp
}
