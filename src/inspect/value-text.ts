/** Field values as people write them in manifests: YAML on one line, or as a block. For reading, not for parsing. */
import { shorten } from './plain-text.ts'

/** On one line, cut to `width` characters; an absent value is `(absent)`. */
export function inlineValue(value: unknown, width: number): string {
  return shorten(flow(value), Math.max(width, 12))
}

function flow(value: unknown): string {
  if (value === undefined) return '(absent)'
  if (Array.isArray(value)) return `[${value.map(flow).join(', ')}]`
  if (typeof value === 'object' && value !== null) {
    const fields = Object.entries(value).map(([name, field]) => `${name}: ${flow(field)}`)
    return fields.length === 0 ? '{}' : `{ ${fields.join(', ')} }`
  }
  return scalar(value)
}

/** Block style, one string a line, without a final line feed. */
export function blockValue(value: unknown): readonly string[] {
  if (isEmpty(value) || typeof value !== 'object') return [flow(value)]
  if (Array.isArray(value)) {
    return value.flatMap((item) => blockValue(item).map((line, index) => (index === 0 ? `- ${line}` : `  ${line}`)))
  }
  return Object.entries(value as object)
    .filter(([, field]) => field !== undefined)
    .flatMap(([name, field]) => {
      if (isEmpty(field) || typeof field !== 'object') return [`${name}: ${flow(field)}`]
      return [`${name}:`, ...blockValue(field).map((line) => `  ${line}`)]
    })
}

function isEmpty(value: unknown): boolean {
  return value === null || (typeof value === 'object' && Object.keys(value as object).length === 0)
}

/** Strings are quoted where YAML would read something else, and where a line feed has to be shown. */
function scalar(value: unknown): string {
  if (typeof value !== 'string') return String(value)
  const isSafe = /^[\w/.<(][^\n"'{}[\],]*$/.test(value) && !/: |:$| #|\s$/.test(value)
  const isWord = /^(?:true|false|null|yes|no|on|off|y|n)$/i.test(value)
  const isNumber = /^(?:\d[\d_]*\.?\d*|\.\d+)(?:e[-+]?\d+)?$|^0[xob]/i.test(value)
  return isSafe && !isWord && !isNumber ? value : JSON.stringify(value)
}
