/**
 * Kubernetes' quantities (`1.5Gi`, `100m`, `2e3`) as whole numbers of billionths.
 * Source: apimachinery/pkg/api/resource/quantity.go.
 */

/** In billionths; smaller parts are rounded up. */
export type Quantity = bigint

const BILLION = 1_000_000_000n
const BINARY: Readonly<Record<string, bigint>> = { Ki: 10n, Mi: 20n, Gi: 30n, Ti: 40n, Pi: 50n, Ei: 60n }
const DECIMAL: Readonly<Record<string, number>> = { n: -9, u: -6, m: -3, '': 0, k: 3, M: 6, G: 9, T: 12, P: 15, E: 18 }
const EXPONENT_MAX = 100

/** Undefined for what is no quantity. */
export function parseQuantity(text: string): Quantity | undefined {
  const match = /^([+-]?)([0-9]*)(?:\.([0-9]*))?([a-zA-Z]*|[eE][+-]?[0-9]+)$/.exec(text)
  if (match === null) return undefined
  const [, sign, whole = '', fraction = '', suffix = ''] = match
  if (whole === '' && fraction === '') return undefined
  const scale = scaleOf(suffix)
  if (scale === undefined) return undefined
  const numerator = BigInt(whole + fraction) * scale.numerator * BILLION
  const denominator = 10n ** BigInt(fraction.length) * scale.denominator
  const quotient = (numerator + denominator - 1n) / denominator
  return sign === '-' ? -quotient : quotient
}

function scaleOf(suffix: string): { readonly numerator: bigint; readonly denominator: bigint } | undefined {
  const shift = Object.hasOwn(BINARY, suffix) ? BINARY[suffix] : undefined
  if (shift !== undefined) return { numerator: 1n << shift, denominator: 1n }
  const exponent = /^[eE][+-]?[0-9]+$/.test(suffix)
    ? Number(suffix.slice(1))
    : Object.hasOwn(DECIMAL, suffix)
      ? DECIMAL[suffix]
      : undefined
  if (exponent === undefined || Math.abs(exponent) > EXPONENT_MAX) return undefined
  return exponent < 0
    ? { numerator: 1n, denominator: 10n ** BigInt(-exponent) }
    : { numerator: 10n ** BigInt(exponent), denominator: 1n }
}

export function compareQuantities(a: Quantity, b: Quantity): number {
  return a === b ? 0 : a < b ? -1 : 1
}
