/**
 * Whether a webhook is asked about a write: rules, selectors and match conditions.
 * Source: apiserver/pkg/admission/plugin/webhook/{predicates,matchconditions}.
 */
import type { KubernetesObject } from '#api/object.ts'
import { compileLabelSelector, type LabelSelector } from '#api/selectors.ts'
import { kubernetesEnvironment, withLinearRegex } from '#api/structural-schema/kubernetes-cel-library.ts'
import type { StorageReader } from '../request.ts'
import type { AdmissionControl, AdmissionRequest, Attributes, Webhook, WebhookRule } from './admission.ts'

/** A text says why that cannot be decided. */
export function matches(
  reader: StorageReader,
  control: AdmissionControl,
  webhook: Webhook,
  attributes: Attributes,
  request: AdmissionRequest,
): boolean | string {
  const isExact = webhook.matchPolicy === 'Exact'
  if (!webhook.rules?.some((rule) => ruleMatches(rule, attributes, isExact))) return false
  try {
    if (!namespaceMatches(reader, control, webhook, attributes)) return false
    if (!objectMatches(webhook, attributes)) return false
    return (webhook.matchConditions ?? []).every(({ expression }) => conditionHolds(expression, request))
  } catch (error) {
    return error instanceof Error ? (error.message.split('\n')[0] as string) : String(error)
  }
}

/** Without an exact match, a rule for one version of a resource is for all of them. */
function ruleMatches(
  rule: WebhookRule,
  { operation, resource, subresource = '' }: Attributes,
  isExact: boolean,
): boolean {
  const has = (values: readonly string[] | undefined, value: string): boolean =>
    values?.includes('*') === true || values?.includes(value) === true
  if (!has(rule.operations, operation) || !has(rule.apiGroups, resource.group)) return false
  if (isExact && !has(rule.apiVersions, resource.version)) return false
  if (rule.scope === 'Cluster' && resource.namespaced) return false
  if (rule.scope === 'Namespaced' && !resource.namespaced) return false
  return rule.resources?.some((text) => resourceMatches(text, resource.resource, subresource)) === true
}

/** `pods`, `pods/status`, `pods/*`, `*`, `*` of a subresource, and everything. */
function resourceMatches(text: string, resource: string, subresource: string): boolean {
  const [wanted = '', part] = text.split('/')
  if (wanted !== '*' && wanted !== resource) return false
  return part === undefined ? subresource === '' : part === '*' || part === subresource
}

function namespaceMatches(
  reader: StorageReader,
  { kinds }: AdmissionControl,
  { namespaceSelector }: Webhook,
  { resource, namespace, name, object, old }: Attributes,
): boolean {
  if (isEmpty(namespaceSelector)) return true
  const isNamespace = resource.key === kinds.namespaces.key
  if (!resource.namespaced && !isNamespace) return true
  const own = isNamespace ? (object ?? old) : undefined
  const space = own ?? reader.get(kinds.namespaces, '', isNamespace ? name : namespace)?.body
  return space !== undefined && compileLabelSelector(namespaceSelector as LabelSelector)(space)
}

function objectMatches({ objectSelector }: Webhook, { object, old }: Attributes): boolean {
  if (isEmpty(objectSelector)) return true
  const selects = compileLabelSelector(objectSelector as LabelSelector)
  return [object, old].some((body) => body !== undefined && selects(body))
}

function isEmpty(selector: object | undefined): boolean {
  return selector === undefined || selector === null || Object.values(selector).every((part) => part === undefined)
}

type Condition = (variables: Record<string, unknown>) => unknown
const conditions = new Map<string, Condition>()
const CONDITIONS_MAX = 500

function conditionHolds(expression: string, request: AdmissionRequest): boolean {
  let condition = conditions.get(expression)
  if (condition === undefined) {
    const environment = kubernetesEnvironment()
    for (const variable of ['object', 'oldObject', 'request']) environment.registerVariable(variable, 'dyn')
    condition = environment.parse(withLinearRegex(expression)) as Condition
    if (conditions.size >= CONDITIONS_MAX) conditions.clear()
    conditions.set(expression, condition)
  }
  const { object, oldObject } = request
  return condition({ object: celValue(object), oldObject: celValue(oldObject), request: celValue(request) }) === true
}

/** Whole numbers are CEL's integers. */
function celValue(value: KubernetesObject | AdmissionRequest | unknown): unknown {
  if (typeof value === 'number') return Number.isInteger(value) ? BigInt(value) : value
  if (Array.isArray(value)) return value.map(celValue)
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(Object.entries(value).map(([key, field]) => [key, celValue(field)]))
}
