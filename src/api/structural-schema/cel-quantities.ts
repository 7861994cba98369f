/** Quantities and semantic versions in CEL. Source: apiserver/pkg/cel/library (quantity.go, semverlib.go). */
import type { Environment } from '@marcbachmann/cel-js'
import { compareQuantities, parseQuantity, type Quantity } from './quantity.ts'

class QuantityValue {
  readonly quantity: Quantity
  constructor(quantity: Quantity) {
    this.quantity = quantity
  }
}

function quantityOf(text: string): QuantityValue {
  const quantity = parseQuantity(text)
  if (quantity === undefined) throw new TypeError(`quantity parse error: ${JSON.stringify(text)}`)
  return new QuantityValue(quantity)
}

export function registerQuantities(environment: Environment): void {
  const type = 'kubernetes.Quantity'
  const compare = (a: QuantityValue, b: QuantityValue): number => compareQuantities(a.quantity, b.quantity)
  const plus = (a: QuantityValue, b: QuantityValue, sign: bigint): QuantityValue =>
    new QuantityValue(a.quantity + sign * b.quantity)
  const ofInteger = (value: bigint): QuantityValue => new QuantityValue(value * QUANTITY_ONE)
  environment
    .registerType(type, { ctor: QuantityValue, fields: {} })
    .registerOperator(`${type} == ${type}`, (a: QuantityValue, b: QuantityValue) => compare(a, b) === 0)
    .registerFunction(`quantity(string): ${type}`, quantityOf)
    .registerFunction('isQuantity(string): bool', (text: string) => parseQuantity(text) !== undefined)
    .registerFunction(`${type}.compareTo(${type}): int`, (a: QuantityValue, b: QuantityValue) => BigInt(compare(a, b)))
    .registerFunction(`${type}.isGreaterThan(${type}): bool`, (a: QuantityValue, b: QuantityValue) => compare(a, b) > 0)
    .registerFunction(`${type}.isLessThan(${type}): bool`, (a: QuantityValue, b: QuantityValue) => compare(a, b) < 0)
    .registerFunction(`${type}.sign(): int`, ({ quantity }: QuantityValue) =>
      quantity > 0n ? 1n : quantity < 0n ? -1n : 0n,
    )
    .registerFunction(`${type}.isInteger(): bool`, ({ quantity }: QuantityValue) => quantity % QUANTITY_ONE === 0n)
    .registerFunction(`${type}.asInteger(): int`, ({ quantity }: QuantityValue) => {
      if (quantity % QUANTITY_ONE !== 0n) throw new RangeError('cannot convert value to integer')
      return quantity / QUANTITY_ONE
    })
    .registerFunction(
      `${type}.asApproximateFloat(): double`,
      ({ quantity }: QuantityValue) => Number(quantity) / Number(QUANTITY_ONE),
    )
    .registerFunction(`${type}.add(${type}): ${type}`, (a: QuantityValue, b: QuantityValue) => plus(a, b, 1n))
    .registerFunction(`${type}.add(int): ${type}`, (a: QuantityValue, b: bigint) => plus(a, ofInteger(b), 1n))
    .registerFunction(`${type}.sub(${type}): ${type}`, (a: QuantityValue, b: QuantityValue) => plus(a, b, -1n))
    .registerFunction(`${type}.sub(int): ${type}`, (a: QuantityValue, b: bigint) => plus(a, ofInteger(b), -1n))
}

const QUANTITY_ONE = 1_000_000_000n

class SemanticVersion {
  readonly parts: readonly bigint[]
  readonly pre: string
  constructor(parts: readonly bigint[], pre: string) {
    this.parts = parts
    this.pre = pre
  }
}

function parseVersion(text: string, normalize: boolean): SemanticVersion | undefined {
  const given = normalize
    ? text
        .replace(/^v/, '')
        .replace(/^([0-9]+)(\.[0-9]+)?(?=[-+]|$)/, (_all, major, minor) => `${major}${minor ?? '.0'}.0`)
    : text
  const exact = normalize ? given.replace(/\b0+(?=[0-9])/g, '') : given
  const match = /^(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)(?:-([0-9A-Za-z.-]+))?(?:\+[0-9A-Za-z.-]+)?$/.exec(
    exact,
  )
  if (match === null) return undefined
  return new SemanticVersion(match.slice(1, 4).map(BigInt), match[4] ?? '')
}

function compareVersions(a: SemanticVersion, b: SemanticVersion): number {
  for (const [index, part] of a.parts.entries()) {
    const other = b.parts[index] as bigint
    if (part !== other) return part < other ? -1 : 1
  }
  if (a.pre === b.pre) return 0
  if (a.pre === '' || b.pre === '') return a.pre === '' ? 1 : -1
  const left = a.pre.split('.')
  const right = b.pre.split('.')
  for (const [index, part] of left.entries()) {
    const other = right[index]
    if (other === undefined) return 1
    if (part === other) continue
    const bothNumbers = /^[0-9]+$/.test(part) && /^[0-9]+$/.test(other)
    if (bothNumbers) return Number(part) < Number(other) ? -1 : 1
    return part < other ? -1 : 1
  }
  return -1
}

export function registerVersions(environment: Environment): void {
  const type = 'kubernetes.Semver'
  const versionOf = (text: string, normalize = false): SemanticVersion => {
    const version = parseVersion(text, normalize)
    if (version === undefined) throw new TypeError(`semver parse error: ${JSON.stringify(text)}`)
    return version
  }
  environment
    .registerType(type, { ctor: SemanticVersion, fields: {} })
    .registerOperator(`${type} == ${type}`, (a: SemanticVersion, b: SemanticVersion) => compareVersions(a, b) === 0)
    .registerFunction(`semver(string): ${type}`, (text: string) => versionOf(text))
    .registerFunction(`semver(string, bool): ${type}`, versionOf)
    .registerFunction('isSemver(string): bool', (text: string) => parseVersion(text, false) !== undefined)
    .registerFunction(
      'isSemver(string, bool): bool',
      (text: string, normalize: boolean) => parseVersion(text, normalize) !== undefined,
    )
    .registerFunction(`${type}.compareTo(${type}): int`, (a: SemanticVersion, b: SemanticVersion) =>
      BigInt(compareVersions(a, b)),
    )
    .registerFunction(
      `${type}.isGreaterThan(${type}): bool`,
      (a: SemanticVersion, b: SemanticVersion) => compareVersions(a, b) > 0,
    )
    .registerFunction(
      `${type}.isLessThan(${type}): bool`,
      (a: SemanticVersion, b: SemanticVersion) => compareVersions(a, b) < 0,
    )
  for (const [index, name] of ['major', 'minor', 'patch'].entries())
    environment.registerFunction(`${type}.${name}(): int`, ({ parts }: SemanticVersion) => parts[index] as bigint)
}
