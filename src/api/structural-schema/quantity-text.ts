/**
 * The one text of a quantity that servers answer with: `0.5` is `500m`, `1024Mi` is `1Gi`.
 * Source: apimachinery/pkg/api/resource/quantity.go (ParseQuantity, CanonicalizeBytes).
 */
import { parseQuantity } from './quantity.ts'

const BILLION = 1_000_000_000n
const DECIMAL_SUFFIXES = ['n', 'u', 'm', '', 'k', 'M', 'G', 'T', 'P', 'E']
const BINARY_SUFFIXES = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei']

const texts = new Map<string, string | undefined>()
const TEXTS_MAX = 10_000
/** Longer ones are refused: whole numbers of any length take long to compute. */
const LENGTH_MAX = 200

/** Undefined for what is no quantity. */
export function canonicalQuantity(text: string): string | undefined {
  const known = texts.get(text)
  if (known !== undefined) return known
  const made = textOf(text)
  if (texts.size >= TEXTS_MAX) texts.clear()
  texts.set(text, made)
  return made
}

function textOf(text: string): string | undefined {
  const value = text.length > LENGTH_MAX ? undefined : parseQuantity(text)
  if (value === undefined) return undefined
  const [, digits = '', suffix = ''] = /^[+-]?([0-9.]*)(.*)$/.exec(text) as RegExpExecArray
  if (isKept(digits, suffix)) return text
  if (value === 0n) return '0'
  const isBinary = suffix.endsWith('i')
  if (isBinary && value % BILLION === 0n && (value >= 1024n * BILLION || value <= -1024n * BILLION))
    return withSuffix(value / BILLION, 1024n, BINARY_SUFFIXES)
  if (!/^[eE]/.test(suffix) || suffix === 'E') return withSuffix(value, 1000n, DECIMAL_SUFFIXES)
  let mantissa = value
  let exponent = -9
  for (; mantissa % 1000n === 0n; exponent += 3) mantissa /= 1000n
  return exponent === 0 ? `${mantissa}` : `${mantissa}e${exponent}`
}

/** Upstream takes these for canonical and keeps their text, though some, as `+1`, are not. */
function isKept(digits: string, suffix: string): boolean {
  const [whole = '', fraction = ''] = digits.split('.')
  const shifted = whole + fraction
  if (shifted.length > 18) return false
  if (suffix.endsWith('i')) return fraction === '' && (BigInt(shifted) & 7n) !== 0n && shifted.length < 9
  const exponent = /^[eE][+-]?\d/.test(suffix) ? Number(suffix.slice(1)) : 0
  const scale = exponent - fraction.length
  return scale % 3 === 0 && !shifted.endsWith('000') && !shifted.startsWith('0')
}

function withSuffix(value: bigint, base: bigint, suffixes: readonly string[]): string {
  let mantissa = value
  let index = 0
  while (mantissa % base === 0n && index < suffixes.length - 1) {
    mantissa /= base
    index++
  }
  return `${mantissa}${suffixes[index]}`
}
