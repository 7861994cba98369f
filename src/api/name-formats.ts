/**
 * What names, label keys and label values must look like. Each check answers upstream's sentence, or undefined.
 * Source: apimachinery/pkg/util/validation/validation.go.
 */

const LABEL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/
const LABEL_1035 = /^[a-z]([-a-z0-9]*[a-z0-9])?$/
const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/
const QUALIFIED_PART = /^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/
const LABEL_VALUE = /^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$/

export type NameFormat = 'subdomain' | 'label' | 'label-1035' | 'path-segment'

/** What is wrong with an object's name. */
export function nameFault(name: string, format: NameFormat): string | undefined {
  switch (format) {
    case 'subdomain':
      return subdomainFault(name)
    case 'label':
      return labelFault(name)
    case 'label-1035':
      if (name.length > 63) return tooLong(63)
      if (LABEL_1035.test(name)) return undefined
      return regexFault(
        "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character",
        ['my-name', 'abc-123'],
        '[a-z]([-a-z0-9]*[a-z0-9])?',
      )
    case 'path-segment':
      if (name === '.' || name === '..') return `may not be '${name}'`
      if (name.includes('/')) return "may not contain '/'"
      return name.includes('%') ? "may not contain '%'" : undefined
  }
}

export function subdomainFault(name: string): string | undefined {
  if (name.length > 253) return tooLong(253)
  if (SUBDOMAIN.test(name)) return undefined
  return regexFault(
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character",
    ['example.com'],
    '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*',
  )
}

export function labelFault(name: string): string | undefined {
  if (name.length > 63) return tooLong(63)
  if (LABEL.test(name)) return undefined
  return regexFault(
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character",
    ['my-name', '123-abc'],
    '[a-z0-9]([-a-z0-9]*[a-z0-9])?',
  )
}

const FAULTLESS_MAX = 20000
const faultless = new Set<string>()

/** Label keys, annotation keys and finalizers: an optional DNS subdomain and a name. */
export function qualifiedNameFault(key: string): string | undefined {
  if (faultless.has(key)) return undefined
  const fault = findQualifiedNameFault(key)
  if (fault === undefined) {
    if (faultless.size >= FAULTLESS_MAX) faultless.clear()
    faultless.add(key)
  }
  return fault
}

function findQualifiedNameFault(key: string): string | undefined {
  const parts = key.split('/')
  if (parts.length > 2) {
    return regexFault(
      "a qualified name must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
      ['MyName', 'my.name', '123-abc'],
      '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]',
    ).concat(" with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')")
  }
  if (parts.length === 2) {
    const prefix = parts[0] as string
    if (prefix === '') return 'prefix part must be non-empty'
    const fault = subdomainFault(prefix)
    if (fault !== undefined) return `prefix part ${fault}`
  }
  const name = parts[parts.length - 1] as string
  if (name === '') return 'name part must be non-empty'
  if (name.length > 63) return `name part ${tooLong(63)}`
  if (QUALIFIED_PART.test(name)) return undefined
  return `name part ${regexFault(
    "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
    ['MyName', 'my.name', '123-abc'],
    '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]',
  )}`
}

export function labelValueFault(value: string): string | undefined {
  if (value.length > 63) return tooLong(63)
  if (LABEL_VALUE.test(value)) return undefined
  return regexFault(
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
    ['MyValue', 'my_value', '12345'],
    '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?',
  )
}

function tooLong(charactersMax: number): string {
  return `must be no more than ${charactersMax} bytes`
}

function regexFault(message: string, examples: readonly string[], regex: string): string {
  const shown = examples.map((example) => `'${example}', `).join(' or ')
  return `${message} (e.g. ${shown}regex used for validation is '${regex}')`
}
