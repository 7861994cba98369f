/**
 * Field selectors: `metadata.name=x,status.phase!=Running`.
 * Source: apimachinery/pkg/fields/selector.go.
 */
import type { KubernetesObject } from './object.ts'

export interface FieldRequirement {
  readonly field: string
  readonly equal: boolean
  readonly value: string
}

/** The conjunction of requirements, or a sentence that says why the text is none. '' selects everything. */
export function parseFieldSelector(text: string): readonly FieldRequirement[] | string {
  const requirements: FieldRequirement[] = []
  for (const part of splitTerms(text)) {
    if (part === '') continue
    const match = /^((?:[^\\=!]|\\.|!(?!=))*)(!=|==|=)([\s\S]*)$/.exec(part)
    if (match === null) return `invalid selector: '${text}'; can't understand '${part}'`
    const value = unescape(match[3] as string)
    if (value === undefined) return `invalid selector: '${text}'; can't understand '${part}'`
    requirements.push({ field: match[1] as string, equal: match[2] !== '!=', value })
  }
  return requirements
}

/** Commas separate terms unless a backslash precedes them. */
function splitTerms(text: string): readonly string[] {
  return text.match(/(?:[^\\,]|\\[\s\S])+/g) ?? []
}

function unescape(value: string): string | undefined {
  if (/(^|[^\\])(\\\\)*[,=]/.test(value)) return undefined
  return value.replace(/\\([\\,=])/g, '$1')
}

/** Whether an object meets all requirements. A missing field counts as ''. */
export function matchesFields(requirements: readonly FieldRequirement[], object: KubernetesObject): boolean {
  for (const { field, equal, value } of requirements) if ((fieldText(object, field) === value) !== equal) return false
  return true
}

/** The value of a dotted path as the text that selectors compare. */
function fieldText(object: unknown, path: string): string {
  let value = object
  for (const part of path.split('.')) {
    if (value === null || typeof value !== 'object') return ''
    value = (value as Record<string, unknown>)[part]
  }
  if (value === undefined || value === null || typeof value === 'object') return ''
  return String(value)
}
