/**
 * Label selectors: the string form of list options, the LabelSelector of object specs, and what they select.
 * A syntax error is a value with upstream's text; the API server answers it as 400.
 * Source: apimachinery/pkg/labels/selector.go, pkg/apis/meta/v1/helpers.go. Field selectors are in `field-selectors.ts`.
 */

import { labelValueFault, qualifiedNameFault } from './name-formats.ts'
import type { KubernetesObject } from './object.ts'

export type Labels = Readonly<Record<string, string>>

export interface Requirement {
  readonly key: string
  readonly operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist' | 'GreaterThan' | 'LessThan'
  readonly values: readonly string[]
}

/** The conjunction of requirements; empty selects everything. */
export type LabelRequirements = readonly Requirement[]

/** LabelSelector as it stands in specs. */
export interface LabelSelector {
  readonly matchLabels?: Labels
  readonly matchExpressions?: readonly {
    readonly key: string
    readonly operator: string
    readonly values?: readonly string[]
  }[]
}

export class SelectorSyntaxError extends Error {}

/** A predicate on objects; throws `SelectorSyntaxError` when the selector cannot be read. '' and {} select everything. */
export function compileLabelSelector(selector: string | LabelSelector): (object: KubernetesObject) => boolean {
  const requirements = typeof selector === 'string' ? parseLabelSelector(selector) : requirementsOf(selector)
  return (object) => matchesLabels(requirements, object.metadata.labels)
}

const NO_LABELS: Labels = Object.freeze({})

/** Whether a set of labels meets all requirements. */
export function matchesLabels(requirements: LabelRequirements, labels: Labels | undefined): boolean {
  const set = labels ?? NO_LABELS
  for (const requirement of requirements) if (!meets(requirement, set)) return false
  return true
}

function meets(requirement: Requirement, labels: Labels): boolean {
  const value = Object.hasOwn(labels, requirement.key) ? labels[requirement.key] : undefined
  switch (requirement.operator) {
    case 'In':
      return value !== undefined && requirement.values.includes(value)
    case 'NotIn':
      return value === undefined || !requirement.values.includes(value)
    case 'Exists':
      return value !== undefined
    case 'DoesNotExist':
      return value === undefined
    case 'GreaterThan':
    case 'LessThan': {
      const bound = Number(requirement.values[0])
      if (value === undefined || !/^[+-]?[0-9]+$/.test(value)) return false
      return requirement.operator === 'GreaterThan' ? Number(value) > bound : Number(value) < bound
    }
  }
}

/** Reads `app=web,tier!=db,env in (a,b),!gone`. Throws `SelectorSyntaxError`. */
export function parseLabelSelector(text: string): LabelRequirements {
  const tokens = tokenize(text)
  const requirements: Requirement[] = []
  let position = 0
  const peek = (): Token => tokens[position] ?? END
  const next = (): Token => tokens[position++] ?? END
  if (peek() === END) return requirements
  for (;;) {
    requirements.push(parseRequirement(peek, next))
    const separator = next()
    if (separator === END) return requirements
    if (separator.type !== ',') fail(`found '${separator.text}', expected: ',' or 'end of string'`)
    if (peek().type !== 'identifier' && peek().type !== '!')
      fail(`found '${peek().text}', expected: identifier after ','`)
  }
}

interface Token {
  readonly type: 'identifier' | 'end' | '(' | ')' | ',' | '!' | '=' | '==' | '!=' | '>' | '<' | 'in' | 'notin'
  readonly text: string
}

const END: Token = { type: 'end', text: '' }

function tokenize(text: string): readonly Token[] {
  const tokens: Token[] = []
  const pattern = /\s*(==|!=|[=!<>(),]|[^\s=!<>(),]+)/y
  for (;;) {
    const match = pattern.exec(text)
    if (match === null) return tokens
    const lexeme = match[1] as string
    tokens.push({ type: tokenType(lexeme), text: lexeme })
  }
}

function tokenType(lexeme: string): Token['type'] {
  switch (lexeme) {
    case '(':
    case ')':
    case ',':
    case '!':
    case '=':
    case '==':
    case '!=':
    case '>':
    case '<':
    case 'in':
    case 'notin':
      return lexeme
    default:
      return 'identifier'
  }
}

function parseRequirement(peek: () => Token, next: () => Token): Requirement {
  let negated = false
  if (peek().type === '!') {
    next()
    negated = true
  }
  const key = next()
  if (!isWord(key)) fail(`found '${key.text}', expected: identifier`)
  checkKey(key.text)
  if (negated || peek() === END || peek().type === ',') {
    if (peek() !== END && peek().type !== ',') fail(`found '${peek().text}', expected: ',' or 'end of string'`)
    return { key: key.text, operator: negated ? 'DoesNotExist' : 'Exists', values: [] }
  }
  const operator = next()
  switch (operator.type) {
    case 'in':
    case 'notin':
      return checked(key.text, operator.type === 'in' ? 'In' : 'NotIn', parseValueSet(peek, next))
    case '=':
    case '==':
      return checked(key.text, 'In', [parseExactValue(peek, next)])
    case '!=':
      return checked(key.text, 'NotIn', [parseExactValue(peek, next)])
    case '>':
    case '<':
      return checked(key.text, operator.type === '>' ? 'GreaterThan' : 'LessThan', [parseExactValue(peek, next)])
    default:
      return fail(`found '${operator.text}', expected: in, notin, =, ==, !=, gt, lt`)
  }
}

/** `in` and `notin` are words too where no operator can stand. */
function isWord(token: Token): boolean {
  return token.type === 'identifier' || token.type === 'in' || token.type === 'notin'
}

function parseExactValue(peek: () => Token, next: () => Token): string {
  if (peek() === END || peek().type === ',') return ''
  const token = next()
  if (!isWord(token)) fail(`found '${token.text}', expected: identifier`)
  return token.text
}

function parseValueSet(peek: () => Token, next: () => Token): readonly string[] {
  const open = next()
  if (open.type !== '(') fail(`found '${open.text}' expected: '('`)
  const values: string[] = []
  for (;;) {
    if (isWord(peek())) values.push(next().text)
    else values.push('')
    const token = next()
    if (token.type === ')') return [...new Set(values)].sort()
    if (token.type !== ',') fail(`found '${token.text}', expected: ',', or ')'`)
  }
}

function checkKey(key: string): void {
  const fault = qualifiedNameFault(key)
  if (fault !== undefined) fail(`key: Invalid value: "${key}": ${fault}`)
}

function checked(key: string, operator: Requirement['operator'], values: readonly string[]): Requirement {
  if (operator === 'GreaterThan' || operator === 'LessThan') {
    if (!/^[+-]?[0-9]+$/.test(values[0] ?? '')) {
      fail(`values[0]: Invalid value: "${values[0]}": for 'Gt', 'Lt' operators, the value must be an integer`)
    }
    return { key, operator, values }
  }
  values.forEach((value, index) => {
    const fault = labelValueFault(value)
    if (fault !== undefined) fail(`values[${index}][${key}]: Invalid value: "${value}": ${fault}`)
  })
  return { key, operator, values }
}

function fail(message: string): never {
  throw new SelectorSyntaxError(`unable to parse requirement: ${message}`)
}

/** The requirements of a LabelSelector. Throws `SelectorSyntaxError` on an unknown operator or missing values. */
function requirementsOf(selector: LabelSelector): LabelRequirements {
  const requirements: Requirement[] = []
  for (const [key, value] of Object.entries(selector.matchLabels ?? {}))
    requirements.push({ key, operator: 'In', values: [value] })
  for (const { key, operator, values = [] } of selector.matchExpressions ?? []) {
    if (operator !== 'In' && operator !== 'NotIn' && operator !== 'Exists' && operator !== 'DoesNotExist') {
      throw new SelectorSyntaxError(`"${operator}" is not a valid label selector operator`)
    }
    const wantsValues = operator === 'In' || operator === 'NotIn'
    if (wantsValues && values.length === 0) {
      throw new SelectorSyntaxError(`for 'in', 'notin' operators, values set can't be empty: key ${key}`)
    }
    if (!wantsValues && values.length > 0) {
      throw new SelectorSyntaxError(`values set must be empty for exists and does not exist: key ${key}`)
    }
    requirements.push({ key, operator, values })
  }
  return requirements
}

/** The string form of a selector or of a map of labels, keys sorted, as clients send it. */
export function formatLabelSelector(selector: LabelSelector): string {
  return [...requirementsOf(selector)]
    .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
    .map(({ key, operator, values }) => {
      switch (operator) {
        case 'Exists':
          return key
        case 'DoesNotExist':
          return `!${key}`
        case 'NotIn':
          return values.length === 1 ? `${key}!=${values[0]}` : `${key} notin (${[...values].sort().join(',')})`
        default:
          return values.length === 1 ? `${key}=${values[0]}` : `${key} in (${[...values].sort().join(',')})`
      }
    })
    .join(',')
}
