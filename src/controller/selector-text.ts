/** Label selectors in the string form that URLs carry, from the forms that callers write. */
import type { ListOptions } from '#controller/client.ts'
import { ClientUsageError } from './json.ts'

interface Requirement {
  readonly key: string
  readonly operator: string
  readonly values?: readonly string[]
}

/** `app=web,tier in (a,b)`; '' selects everything. Keys in the caller's order, matchLabels first. */
export function labelSelectorText(selector: ListOptions['labelSelector']): string {
  if (selector === undefined || selector === null) return ''
  if (typeof selector === 'string') return selector
  if (!isLabelSelector(selector)) return labelsText(selector as Readonly<Record<string, string>>)
  const parts = [labelsText((selector.matchLabels ?? {}) as Readonly<Record<string, string>>)]
  for (const requirement of (selector.matchExpressions ?? []) as readonly Requirement[])
    parts.push(requirementText(requirement))
  return parts.filter((part) => part !== '').join(',')
}

type SelectorObject = { readonly matchLabels?: unknown; readonly matchExpressions?: readonly unknown[] }

/** A map of labels has strings only; a LabelSelector has at least one of its two fields as an object. */
function isLabelSelector(selector: object): selector is SelectorObject {
  const { matchLabels, matchExpressions } = selector as SelectorObject
  return typeof matchLabels === 'object' || typeof matchExpressions === 'object'
}

function labelsText(labels: Readonly<Record<string, string>>): string {
  return Object.entries(labels)
    .map(([key, value]) => {
      if (typeof value !== 'string') {
        throw new ClientUsageError(
          `the label selector asks for ${key}=${String(value)}, but a label's value is a string. The field it was taken from is probably missing.`,
        )
      }
      return `${key}=${value}`
    })
    .join(',')
}

function requirementText({ key, operator, values = [] }: Requirement): string {
  switch (operator) {
    case 'In':
      return `${key} in (${values.join(',')})`
    case 'NotIn':
      return `${key} notin (${values.join(',')})`
    case 'Exists':
      return key
    case 'DoesNotExist':
      return `!${key}`
    default:
      throw new ClientUsageError(
        `the label selector has operator ${JSON.stringify(operator)}; known are In, NotIn, Exists and DoesNotExist.`,
      )
  }
}
