/**
 * The string formats that the API server enforces; any other `format` says nothing.
 * Source: kube-openapi/pkg/validation/strfmt, apiextensions-apiserver/pkg/apiserver/validation/formats.go.
 */

type FormatCheck = (text: string) => boolean

const HEX = '[0-9a-fA-F]'
const uuid = (third: string, fourth: string): FormatCheck =>
  matcher(new RegExp(`^${HEX}{8}-?${HEX}{4}-?${third}-?${fourth}-?${HEX}{12}$`))
const matcher =
  (expression: RegExp): FormatCheck =>
  (text) =>
    expression.test(text)

const HOSTNAME =
  /^([a-zA-Z0-9\p{S}\p{L}]((-?[a-zA-Z0-9\p{S}\p{L}]{0,62})?)|([a-zA-Z0-9\p{S}\p{L}](([a-zA-Z0-9-\p{S}\p{L}]{0,61}[a-zA-Z0-9\p{S}\p{L}])?)(\.)){1,}([a-zA-Z\p{L}]){2,63})$/u
const HOSTNAME_LENGTH_MAX = 255
const LABEL_LENGTH_MAX = 63

function isHostname(text: string): boolean {
  if (text.length > HOSTNAME_LENGTH_MAX || text.split('.').some((label) => label.length > LABEL_LENGTH_MAX))
    return false
  return HOSTNAME.test(text)
}

function isIpv4(text: string): boolean {
  const parts = text.split('.')
  return parts.length === 4 && parts.every((part) => /^(0|[1-9][0-9]{0,2})$/.test(part) && Number(part) <= 255)
}

/** Eight groups of hex digits, the last two perhaps as IPv4, with at most one `::`. */
export function isIpv6(text: string): boolean {
  const halves = text.split('::')
  if (halves.length > 2) return false
  const groups = halves.map((half) => (half === '' ? [] : half.split(':')))
  const all = groups.flat()
  const last = all.at(-1)
  const isMapped = last?.includes('.') === true
  if (isMapped && !isIpv4(last as string)) return false
  const hex = isMapped ? all.slice(0, -1) : all
  if (!hex.every((group) => /^[0-9a-fA-F]{1,4}$/.test(group))) return false
  const count = hex.length + (isMapped ? 2 : 0)
  return halves.length === 2 ? count < 8 : count === 8
}

function isCidr(text: string): boolean {
  const slash = text.lastIndexOf('/')
  if (slash < 0) return false
  const address = text.slice(0, slash)
  const bits = text.slice(slash + 1)
  if (!/^(0|[1-9][0-9]{0,2})$/.test(bits)) return false
  return (isIpv4(address) && Number(bits) <= 32) || (isIpv6(address) && Number(bits) <= 128)
}

const DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

function isDate(text: string): boolean {
  const match = /^([0-9]{4})-([0-9]{2})-([0-9]{2})$/.exec(text)
  if (match === null) return false
  const [year, month, day] = match.slice(1).map(Number) as [number, number, number]
  const isLeap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0
  const days = month === 2 && isLeap ? 29 : (DAYS[month - 1] ?? 0)
  return day >= 1 && day <= days
}

/** RFC 3339's date-time. Like upstream, any one character may stand before the fraction. */
function isDateTime(text: string): boolean {
  const lower = text.toLowerCase()
  const at = lower.indexOf('t')
  if (at < 0 || !isDate(lower.slice(0, at))) return false
  const match = /^([0-9]{2}):([0-9]{2}):([0-9]{2})(.[0-9]+)?(z|([+-][0-9]{2}:[0-9]{2}))$/.exec(lower.slice(at + 1))
  return match !== null && Number(match[1]) <= 23 && Number(match[2]) <= 59 && Number(match[3]) <= 59
}

const UNIT = /^(ns|nano.*|us|µs|micro.*|ms|milli.*|s|sec.*|m|min.*|h|hr|hour.*|d|day.*|w|wk|week.*)$/i

/** Go's durations (`1h30m`), and Scala's (`22 ns`, `3 weeks`). */
function isDuration(text: string): boolean {
  if (/^[+-]?(0|([0-9]+(\.[0-9]*)?|\.[0-9]+)(ns|us|µs|μs|ms|s|m|h))+$/.test(text)) return true
  for (const match of text.matchAll(/[0-9]+\s*([A-Za-zµ]+)/g)) if (UNIT.test(match[1] as string)) return true
  return false
}

/** An absolute path, or a scheme and something behind it. */
function isUri(text: string): boolean {
  if (text === '' || /[\s\p{Cc}]/u.test(text) || /%(?![0-9a-fA-F]{2})/.test(text)) return false
  return text.startsWith('/') || text === '*' || /^[a-zA-Z][a-zA-Z0-9+.-]*:.+$/.test(text)
}

const ATOM = "[a-zA-Z0-9!#$%&'*+/=?^_`{|}~\\u0080-\\uffff-]+"
const ADDRESS = `(${ATOM}(\\.${ATOM})*|"([^"\\\\]|\\\\.)*")@(${ATOM}(\\.${ATOM})*|\\[[^\\]]*\\])`
const EMAIL = new RegExp(`^\\s*(${ADDRESS}|[^<>@]*<${ADDRESS}>)\\s*$`)

function isIsbn10(text: string): boolean {
  const digits = text.replace(/[\s-]/g, '')
  if (!/^[0-9]{9}[0-9X]$/.test(digits)) return false
  const sum = [...digits].reduce((total, digit, index) => total + (index + 1) * (digit === 'X' ? 10 : Number(digit)), 0)
  return sum % 11 === 0
}

function isIsbn13(text: string): boolean {
  const digits = text.replace(/[\s-]/g, '')
  if (!/^[0-9]{13}$/.test(digits)) return false
  return [...digits].reduce((total, digit, index) => total + Number(digit) * (index % 2 === 0 ? 1 : 3), 0) % 10 === 0
}

const CARD =
  /^(?:4[0-9]{12}(?:[0-9]{3})?|5[1-5][0-9]{14}|6(?:011|5[0-9][0-9])[0-9]{12}|3[47][0-9]{13}|3(?:0[0-5]|[68][0-9])[0-9]{11}|(?:2131|1800|35\d{3})\d{11})$/

function isCreditCard(text: string): boolean {
  const digits = text.replace(/[^0-9]/g, '')
  if (!CARD.test(digits)) return false
  const sum = [...digits].reverse().reduce((total, digit, index) => {
    const value = Number(digit) * (index % 2 === 0 ? 1 : 2)
    return total + (value > 9 ? value - 9 : value)
  }, 0)
  return sum % 10 === 0
}

const RGB = '\\s*(0|[1-9]\\d?|1\\d\\d?|2[0-4]\\d|25[0-5])\\s*'

/** By normalised name: without dashes. */
const FORMATS: ReadonlyMap<string, FormatCheck> = new Map([
  ['bsonobjectid', matcher(/^[0-9a-fA-F]{24}$/)],
  ['uri', isUri],
  ['email', matcher(EMAIL)],
  ['hostname', isHostname],
  ['ipv4', isIpv4],
  ['ipv6', isIpv6],
  ['cidr', isCidr],
  [
    'mac',
    matcher(
      /^([0-9a-fA-F]{2}([:-]))([0-9a-fA-F]{2}\2){4}([0-9a-fA-F]{2}\2){0,2}[0-9a-fA-F]{2}$|^([0-9a-fA-F]{4}\.){2,3}[0-9a-fA-F]{4}$/,
    ),
  ],
  ['uuid', uuid(`${HEX}{4}`, `${HEX}{4}`)],
  ['uuid3', uuid(`3${HEX}{3}`, `${HEX}{4}`)],
  ['uuid4', uuid(`4${HEX}{3}`, `[89abAB]${HEX}{3}`)],
  ['uuid5', uuid(`5${HEX}{3}`, `[89abAB]${HEX}{3}`)],
  ['isbn', (text) => isIsbn10(text) || isIsbn13(text)],
  ['isbn10', isIsbn10],
  ['isbn13', isIsbn13],
  ['creditcard', isCreditCard],
  ['ssn', matcher(/^\d{3}[- ]?\d{2}[- ]?\d{4}$/)],
  ['hexcolor', matcher(/^#?([0-9a-fA-F]{3}|[0-9a-fA-F]{6})$/)],
  ['rgbcolor', matcher(new RegExp(`^rgb\\(${RGB},${RGB},${RGB}\\)$`))],
  ['byte', matcher(/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{4})$/)],
  ['password', () => true],
  ['date', isDate],
  ['duration', isDuration],
  ['datetime', isDateTime],
])

const NAME_LONG_MAX = 253
const KUBERNETES_FORMATS: ReadonlyMap<string, FormatCheck> = new Map([
  ['k8s-short-name', (text: string) => text.length <= LABEL_LENGTH_MAX && /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/.test(text)],
  [
    'k8s-long-name',
    (text: string) =>
      text.length <= NAME_LONG_MAX && /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/.test(text),
  ],
])

/** The check of a format; undefined when the API server does not enforce it. */
export function formatCheck(format: string | undefined): FormatCheck | undefined {
  if (format === undefined) return undefined
  return KUBERNETES_FORMATS.get(format) ?? FORMATS.get(format.replaceAll('-', ''))
}
