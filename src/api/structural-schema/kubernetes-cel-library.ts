/**
 * The functions that Kubernetes adds to CEL, in one file: strings, lists, sets, regular expressions, URLs, IP
 * addresses, CIDRs, quantities, semantic versions, named formats. Not here: authorizer, two-variable comprehensions.
 * Source: apiserver/pkg/cel/library, cel-go/ext.
 */
import { Environment, Optional } from '@marcbachmann/cel-js'
import { labelFault, labelValueFault, nameFault, qualifiedNameFault, subdomainFault } from '../name-formats.ts'
import { equalCel } from './cel-values.ts'
import { formatCheck, isIpv6 } from './formats.ts'
import { compilePattern, findMatches } from './patterns.ts'
import { compareQuantities, parseQuantity, type Quantity } from './quantity.ts'

let shared: Environment | undefined

/** A fresh environment with all functions. */
export function kubernetesEnvironment(): Environment {
  shared ??= buildEnvironment()
  return shared.clone()
}

/**
 * The expression with `matches` renamed to our own: the library's runs on JavaScript's expressions, which can take for
 * ever, and cannot be replaced.
 */
export function withLinearRegex(expression: string): string {
  return expression.replace(
    /("""[\s\S]*?"""|'''[\s\S]*?'''|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|\bmatches(?=\s*\()/g,
    (_match, text: string | undefined) => text ?? 'matchesRe2',
  )
}

const EXPRESSIONS_REMEMBERED_MAX = 500
const expressions = new Map<string, (text: string) => boolean>()

function matches(text: string, pattern: string): boolean {
  let test = expressions.get(pattern)
  if (test === undefined) {
    if (expressions.size >= EXPRESSIONS_REMEMBERED_MAX) expressions.clear()
    expressions.set(pattern, (test = compilePattern(pattern)))
  }
  return test(text)
}

function buildEnvironment(): Environment {
  const environment = new Environment({
    enableOptionalTypes: true,
    homogeneousAggregateLiterals: false,
    limits: { maxAstNodes: 20_000, maxDepth: 200, maxListElements: 10_000, maxMapEntries: 10_000 },
  })
  registerStrings(environment)
  registerLists(environment)
  registerUrls(environment)
  registerAddresses(environment)
  registerQuantities(environment)
  registerVersions(environment)
  registerFormats(environment)
  return environment
}

/** A name such as `sets` whose functions are called like methods. */
function registerNamespace(environment: Environment, name: string): string {
  const typeName = `${name[0]?.toUpperCase()}${name.slice(1)}Functions`
  const Namespace = class {}
  environment.registerType(typeName, { ctor: Namespace, fields: {} })
  environment.registerConstant(name, typeName, new Namespace())
  return typeName
}

function registerStrings(environment: Environment): void {
  environment
    .registerFunction('string.matchesRe2(string): bool', matches)
    .registerFunction('matchesRe2(string, string): bool', matches)
    .registerFunction(
      'string.find(string): string',
      (text: string, pattern: string) => findMatches(pattern, text, 1)[0] ?? '',
    )
    .registerFunction('string.findAll(string): list<string>', (text: string, pattern: string) =>
      findMatches(pattern, text),
    )
    .registerFunction('string.findAll(string, int): list<string>', (text: string, pattern: string, most: bigint) =>
      findMatches(pattern, text, most < 0n ? undefined : Number(most)),
    )
    .registerFunction('string.replace(string, string): string', (text: string, from: string, to: string) =>
      text.replaceAll(from, () => to),
    )
    .registerFunction('string.replace(string, string, int): string', replaceSome)
    .registerFunction('string.charAt(int): string', (text: string, at: bigint) => {
      const characters = [...text]
      if (at < 0n || at > BigInt(characters.length)) throw new RangeError(`index out of range: ${at}`)
      return characters[Number(at)] ?? ''
    })
    .registerFunction('string.reverse(): string', (text: string) => [...text].reverse().join(''))
    .registerFunction('strings_quote(string): string', (text: string) => JSON.stringify(text))
    .registerFunction('string.format(list): string', formatText)
}

function replaceSome(text: string, from: string, to: string, most: bigint): string {
  if (most < 0n) return text.replaceAll(from, () => to)
  let result = text
  let start = 0
  for (let count = 0n; count < most; count++) {
    const at = result.indexOf(from, start)
    if (at < 0) break
    result = result.slice(0, at) + to + result.slice(at + from.length)
    start = at + to.length
  }
  return result
}

/** `%s %d %f %e %b %x %X %o`, with a precision for %f and %e. */
function formatText(template: string, values: readonly unknown[]): string {
  let next = 0
  return template.replace(
    /%(%|(?:\.([0-9]+))?([sdfebxXo]))/g,
    (_match, all: string, precision?: string, verb?: string) => {
      if (all === '%') return '%'
      if (next >= values.length) throw new RangeError(`index ${next} out of range`)
      const value = values[next++]
      const digits = precision === undefined ? 6 : Number(precision)
      switch (verb) {
        case 'f':
          return Number(value).toFixed(digits)
        case 'e':
          return Number(value).toExponential(digits)
        case 'b':
          return value === true ? '1' : value === false ? '0' : (value as bigint).toString(2)
        case 'o':
          return (value as bigint).toString(8)
        case 'x':
          return hexText(value)
        case 'X':
          return hexText(value).toUpperCase()
        default:
          return showCel(value)
      }
    },
  )
}

function hexText(value: unknown): string {
  if (typeof value === 'bigint') return value.toString(16)
  return Array.from(new TextEncoder().encode(String(value)), (byte) => byte.toString(16).padStart(2, '0')).join('')
}

function showCel(value: unknown): string {
  if (value instanceof Date) return value.toISOString().replace('.000Z', 'Z')
  if (Array.isArray(value)) return `[${value.map(showCel).join(', ')}]`
  if (value instanceof Map)
    return `{${[...value]
      .map(([key, field]) => `${key}: ${showCel(field)}`)
      .sort()
      .join(', ')}}`
  return String(value)
}

type Comparable = number | bigint | string | Date

function registerLists(environment: Environment): void {
  const least = (list: readonly Comparable[]): Comparable => {
    if (list.length === 0) throw new RangeError('min called on empty list')
    return list.reduce((a, b) => (b < a ? b : a))
  }
  const greatest = (list: readonly Comparable[]): Comparable => {
    if (list.length === 0) throw new RangeError('max called on empty list')
    return list.reduce((a, b) => (b > a ? b : a))
  }
  environment
    .registerFunction('list.isSorted(): bool', (list: readonly Comparable[]) =>
      list.every((item, index) => index === 0 || (list[index - 1] as Comparable) <= item),
    )
    .registerFunction('list.sum(): dyn', (list: readonly (number | bigint)[]) =>
      list.length === 0
        ? 0n
        : list.reduce((a, b) => (typeof a === 'bigint' && typeof b === 'bigint' ? a + b : Number(a) + Number(b))),
    )
    .registerFunction('list.min(): dyn', least)
    .registerFunction('list.max(): dyn', greatest)
    .registerFunction('list.indexOf(dyn): int', (list: readonly unknown[], wanted: unknown) =>
      BigInt(list.findIndex((item) => equalCel(item, wanted))),
    )
    .registerFunction('list.lastIndexOf(dyn): int', (list: readonly unknown[], wanted: unknown) =>
      BigInt(list.findLastIndex((item) => equalCel(item, wanted))),
    )
  const sets = registerNamespace(environment, 'sets')
  const includes = (list: readonly unknown[], wanted: unknown): boolean => list.some((item) => equalCel(item, wanted))
  environment
    .registerFunction(`${sets}.contains(list, list): bool`, (_sets, a: readonly unknown[], b: readonly unknown[]) =>
      b.every((item) => includes(a, item)),
    )
    .registerFunction(
      `${sets}.equivalent(list, list): bool`,
      (_sets, a: readonly unknown[], b: readonly unknown[]) =>
        a.every((item) => includes(b, item)) && b.every((item) => includes(a, item)),
    )
    .registerFunction(`${sets}.intersects(list, list): bool`, (_sets, a: readonly unknown[], b: readonly unknown[]) =>
      a.some((item) => includes(b, item)),
    )
  const math = registerNamespace(environment, 'math')
  for (const [name, choose] of [
    ['greatest', greatest],
    ['least', least],
  ] as const) {
    environment
      .registerFunction(`${math}.${name}(list): dyn`, (_math, list: readonly Comparable[]) => choose(list))
      .registerFunction(`${math}.${name}(dyn, dyn): dyn`, (_math, a: Comparable, b: Comparable) => choose([a, b]))
      .registerFunction(`${math}.${name}(dyn, dyn, dyn): dyn`, (_math, a: Comparable, b: Comparable, c: Comparable) =>
        choose([a, b, c]),
      )
  }
}

class Url {
  readonly url: URL
  readonly isAbsolute: boolean
  constructor(text: string) {
    if (!isUrl(text)) throw new TypeError(`URL parse error during conversion from string: ${JSON.stringify(text)}`)
    this.isAbsolute = !text.startsWith('/')
    this.url = new URL(text, 'http://none.invalid')
  }
}

function isUrl(text: string): boolean {
  if (!(text.startsWith('/') || /^[a-zA-Z][a-zA-Z0-9+.-]*:\/\//.test(text)) || /[\s\p{Cc}]/u.test(text)) return false
  return URL.canParse(text, 'http://none.invalid')
}

function registerUrls(environment: Environment): void {
  environment
    .registerType('kubernetes.URL', { ctor: Url, fields: {} })
    .registerFunction('url(string): kubernetes.URL', (text: string) => new Url(text))
    .registerFunction('isURL(string): bool', isUrl)
  const get = (name: string, read: (url: URL) => string, relative: string | undefined): void => {
    environment.registerFunction(`kubernetes.URL.${name}(): string`, ({ url, isAbsolute }: Url) =>
      isAbsolute || relative === undefined ? read(url) : relative,
    )
  }
  get('getScheme', (url) => url.protocol.slice(0, -1), '')
  get('getHost', (url) => url.host, '')
  get('getHostname', (url) => url.hostname.replace(/^\[|\]$/g, ''), '')
  get('getPort', (url) => url.port, '')
  get('getEscapedPath', (url) => url.pathname, undefined)
  environment.registerFunction('kubernetes.URL.getQuery(): map<string, list<string>>', ({ url }: Url) => {
    const query = new Map<string, string[]>()
    for (const [key, value] of url.searchParams) query.set(key, [...(query.get(key) ?? []), value])
    return query
  })
}

/** An address as one number and its length in bits. */
class Ip {
  readonly bits: 32 | 128
  readonly value: bigint
  constructor(text: string) {
    const value = parseIp(text)
    if (value === undefined) throw new TypeError(`IP Address ${JSON.stringify(text)} parse error`)
    this.bits = text.includes(':') ? 128 : 32
    this.value = value
  }
}

function parseIp(text: string): bigint | undefined {
  if (formatCheck('ipv4')?.(text)) return text.split('.').reduce((sum, part) => sum * 256n + BigInt(part), 0n)
  if (!isIpv6(text) || text.includes('.')) return undefined
  const [head = '', tail] = text.split('::')
  const groups = (half: string): string[] => (half === '' ? [] : half.split(':'))
  const front = groups(head)
  const back = tail === undefined ? [] : groups(tail)
  const middle = Array<string>(8 - front.length - back.length).fill('0')
  return [...front, ...middle, ...back].reduce((sum, group) => sum * 65536n + BigInt(`0x${group}`), 0n)
}

function showIp({ bits, value }: Ip): string {
  if (bits === 32) return [24n, 16n, 8n, 0n].map((shift) => (value >> shift) & 255n).join('.')
  const groups = Array.from({ length: 8 }, (_item, index) =>
    ((value >> BigInt(112 - 16 * index)) & 65535n).toString(16),
  )
  const runs = [...groups.join(':').matchAll(/\b0(:0)+\b/g)].sort((a, b) => b[0].length - a[0].length)
  const longest = runs[0]
  if (longest === undefined) return groups.join(':')
  const joined = groups.join(':')
  const before = joined.slice(0, longest.index).replace(/:$/, '')
  return `${before}::${joined.slice(longest.index + longest[0].length).replace(/^:/, '')}`
}

class Cidr {
  readonly ip: Ip
  readonly prefix: number
  constructor(text: string) {
    if (!formatCheck('cidr')?.(text))
      throw new TypeError(`network address parse error during conversion from string: ${text}`)
    const [address, prefix] = text.split('/') as [string, string]
    this.ip = new Ip(address)
    this.prefix = Number(prefix)
  }
}

function containsIp({ ip, prefix }: Cidr, other: Ip): boolean {
  const shift = BigInt(ip.bits - prefix)
  return ip.bits === other.bits && ip.value >> shift === other.value >> shift
}

function registerAddresses(environment: Environment): void {
  environment
    .registerType('net.IP', { ctor: Ip, fields: {} })
    .registerType('net.CIDR', { ctor: Cidr, fields: {} })
    .registerOperator('net.IP == net.IP', (a: Ip, b: Ip) => a.bits === b.bits && a.value === b.value)
    .registerFunction('ip(string): net.IP', (text: string) => new Ip(text))
    .registerFunction('isIP(string): bool', (text: string) => parseIp(text) !== undefined)
    .registerFunction('string(net.IP): string', showIp)
    .registerFunction('net.IP.family(): int', ({ bits }: Ip) => (bits === 32 ? 4n : 6n))
    .registerFunction('net.IP.isUnspecified(): bool', ({ value }: Ip) => value === 0n)
    .registerFunction('net.IP.isLoopback(): bool', ({ bits, value }: Ip) =>
      bits === 32 ? value >> 24n === 127n : value === 1n,
    )
    .registerFunction('net.IP.isLinkLocalMulticast(): bool', (ip: Ip) =>
      containsIp(new Cidr(ip.bits === 32 ? '224.0.0.0/24' : 'ff02::/16'), ip),
    )
    .registerFunction('net.IP.isLinkLocalUnicast(): bool', (ip: Ip) =>
      containsIp(new Cidr(ip.bits === 32 ? '169.254.0.0/16' : 'fe80::/10'), ip),
    )
    .registerFunction('net.IP.isGlobalUnicast(): bool', (ip: Ip) => {
      const special =
        ip.bits === 32
          ? ['0.0.0.0/32', '127.0.0.0/8', '169.254.0.0/16', '224.0.0.0/4', '255.255.255.255/32']
          : ['::/128', '::1/128', 'fe80::/10', 'ff00::/8']
      return !special.some((range) => containsIp(new Cidr(range), ip))
    })
    .registerFunction('cidr(string): net.CIDR', (text: string) => new Cidr(text))
    .registerFunction('isCIDR(string): bool', (text: string) => formatCheck('cidr')?.(text) === true)
    .registerFunction('string(net.CIDR): string', ({ ip, prefix }: Cidr) => `${showIp(ip)}/${prefix}`)
    .registerFunction('net.CIDR.ip(): net.IP', ({ ip }: Cidr) => ip)
    .registerFunction('net.CIDR.prefixLength(): int', ({ prefix }: Cidr) => BigInt(prefix))
    .registerFunction('net.CIDR.masked(): net.CIDR', ({ ip, prefix }: Cidr) => {
      const shift = BigInt(ip.bits - prefix)
      return new Cidr(`${showIp({ bits: ip.bits, value: (ip.value >> shift) << shift })}/${prefix}`)
    })
    .registerFunction('net.CIDR.containsIP(net.IP): bool', containsIp)
    .registerFunction('net.CIDR.containsIP(string): bool', (cidr: Cidr, text: string) => containsIp(cidr, new Ip(text)))
    .registerFunction('net.CIDR.containsCIDR(net.CIDR): bool', containsCidr)
    .registerFunction('net.CIDR.containsCIDR(string): bool', (cidr: Cidr, text: string) =>
      containsCidr(cidr, new Cidr(text)),
    )
  const ip = registerNamespace(environment, 'ip')
  environment.registerFunction(`${ip}.isCanonical(string): bool`, (_ip, text: string) => showIp(new Ip(text)) === text)
}

function containsCidr(cidr: Cidr, other: Cidr): boolean {
  return cidr.prefix <= other.prefix && containsIp(cidr, other.ip)
}

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

function registerQuantities(environment: Environment): void {
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

function registerVersions(environment: Environment): void {
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

class NamedFormat {
  readonly fault: (text: string) => string | undefined
  constructor(fault: (text: string) => string | undefined) {
    this.fault = fault
  }
}

function registerFormats(environment: Environment): void {
  const byCheck = (name: string): ((text: string) => string | undefined) => {
    const check = formatCheck(name)
    return (text) => (check?.(text) === false ? `does not match the format ${name}` : undefined)
  }
  const formats = new Map<string, (text: string) => string | undefined>([
    ['dns1123Label', labelFault],
    ['dns1123Subdomain', subdomainFault],
    ['dns1035Label', (text) => nameFault(text, 'label-1035')],
    ['qualifiedName', qualifiedNameFault],
    ['labelValue', labelValueFault],
    ['uri', byCheck('uri')],
    ['uuid', byCheck('uuid')],
    ['byte', byCheck('byte')],
    ['date', byCheck('date')],
    ['datetime', byCheck('datetime')],
  ])
  const type = 'kubernetes.NamedFormat'
  environment
    .registerType(type, { ctor: NamedFormat, fields: {} })
    .registerFunction(`${type}.validate(string): optional<list<string>>`, ({ fault }: NamedFormat, text: string) =>
      faultsOf(fault(text)),
    )
  const namespace = registerNamespace(environment, 'format')
  for (const [name, fault] of formats) {
    const format = new NamedFormat(fault)
    environment.registerFunction(`${namespace}.${name}(): ${type}`, () => format)
  }
}

function faultsOf(fault: string | undefined): Optional<readonly string[]> {
  return fault === undefined ? Optional.none() : Optional.of([fault])
}
