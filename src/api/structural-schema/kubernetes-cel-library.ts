/**
 * The functions that Kubernetes adds to CEL, but for addresses and quantities, which lie beside it: strings,
 * lists, sets, regular expressions, URLs, named formats. Not here: authorizer, two-variable comprehensions.
 * Source: apiserver/pkg/cel/library, cel-go/ext.
 */
import { Environment, Optional } from '@marcbachmann/cel-js'
import { labelFault, labelValueFault, nameFault, qualifiedNameFault, subdomainFault } from '../name-formats.ts'
import { registerAddresses } from './cel-addresses.ts'
import { registerNamespace } from './cel-namespace.ts'
import { registerQuantities, registerVersions } from './cel-quantities.ts'
import { equalCel } from './cel-values.ts'
import { formatCheck } from './formats.ts'
import { compilePattern, findMatches } from './patterns.ts'

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
