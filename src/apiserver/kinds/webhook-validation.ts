/**
 * What is wrong with a webhook configuration. Unlike upstream, `url` may be an http one: tests have no certificates.
 * Source: kubernetes/pkg/apis/admissionregistration/validation/validation.go.
 */
import { type FieldError, fieldInvalid, fieldNotSupported, fieldRequired } from '#api/field-errors.ts'
import { subdomainFault } from '#api/name-formats.ts'
import { type Fields, fieldsOf, itemsOf } from './behaviour.ts'
import { choiceFaults } from './field-checks.ts'

const REVIEW_VERSIONS = ['v1', 'v1beta1']
const OPERATIONS = ['*', 'CONNECT', 'CREATE', 'DELETE', 'UPDATE']
const TIMEOUT_SECONDS_MAX = 30

export function webhookFaults(fields: Fields): readonly FieldError[] {
  return itemsOf(fields['webhooks']).flatMap((webhook, index) => faultsOf(fieldsOf(webhook), `webhooks[${index}]`))
}

function faultsOf(webhook: Fields, at: string): readonly FieldError[] {
  const { timeoutSeconds, sideEffects } = webhook
  const versions = itemsOf(webhook['admissionReviewVersions'])
  return [
    ...nameFaults(webhook['name'], `${at}.name`),
    ...(versions.length === 0
      ? [fieldRequired(`${at}.admissionReviewVersions`, `must specify one of ${REVIEW_VERSIONS.join(', ')}`)]
      : versions.some((version) => REVIEW_VERSIONS.includes(String(version)))
        ? []
        : [
            fieldInvalid(
              `${at}.admissionReviewVersions`,
              versions,
              `must include at least one of ${REVIEW_VERSIONS.join(', ')}`,
            ),
          ]),
    ...itemsOf(webhook['rules']).flatMap((rule, index) => ruleFaults(fieldsOf(rule), `${at}.rules[${index}]`)),
    ...choiceFaults(webhook, at, 'failurePolicy', ['Fail', 'Ignore']),
    ...choiceFaults(webhook, at, 'matchPolicy', ['Equivalent', 'Exact']),
    ...(sideEffects === undefined
      ? [fieldRequired(`${at}.sideEffects`, 'must specify one of None, NoneOnDryRun')]
      : choiceFaults(webhook, at, 'sideEffects', ['None', 'NoneOnDryRun'])),
    ...choiceFaults(webhook, at, 'reinvocationPolicy', ['IfNeeded', 'Never']),
    ...(typeof timeoutSeconds === 'number' && (timeoutSeconds < 1 || timeoutSeconds > TIMEOUT_SECONDS_MAX)
      ? [
          fieldInvalid(
            `${at}.timeoutSeconds`,
            timeoutSeconds,
            `the timeout value must be between 1 and ${TIMEOUT_SECONDS_MAX} seconds`,
          ),
        ]
      : []),
    ...clientFaults(fieldsOf(webhook['clientConfig']), `${at}.clientConfig`),
  ]
}

function nameFaults(name: unknown, at: string): readonly FieldError[] {
  if (typeof name !== 'string' || name === '') return [fieldRequired(at)]
  const fault = subdomainFault(name)
  if (fault !== undefined) return [fieldInvalid(at, name, fault)]
  return name.split('.').length < 3
    ? [fieldInvalid(at, name, 'should be a domain with at least three segments separated by dots')]
    : []
}

function clientFaults({ url, service }: Fields, at: string): readonly FieldError[] {
  const hasService = service !== undefined && service !== null
  if ((url !== undefined) === hasService) return [fieldRequired(at, 'exactly one of url or service is required')]
  if (hasService)
    return ['name', 'namespace']
      .filter((field) => !fieldsOf(service)[field])
      .map((field) => fieldRequired(`${at}.service.${field}`, `service ${field} is required`))
  return URL.canParse(String(url)) && /^https?:\/\/[^/]/.test(String(url))
    ? []
    : [fieldInvalid(`${at}.url`, url, 'host must be specified; desired format: https://host[:port][/path]')]
}

function ruleFaults(rule: Fields, at: string): readonly FieldError[] {
  const { operations, apiGroups, apiVersions, resources } = rule
  return [
    ...anyAloneFaults(itemsOf(operations), `${at}.operations`, 'operations'),
    ...itemsOf(operations).flatMap((operation, index) =>
      OPERATIONS.includes(String(operation))
        ? []
        : [fieldNotSupported(`${at}.operations[${index}]`, operation, OPERATIONS)],
    ),
    ...anyAloneFaults(itemsOf(apiGroups), `${at}.apiGroups`, 'API groups'),
    ...anyAloneFaults(itemsOf(apiVersions), `${at}.apiVersions`, 'API versions'),
    ...itemsOf(apiVersions).flatMap((version, index) =>
      version === '' ? [fieldRequired(`${at}.apiVersions[${index}]`)] : [],
    ),
    ...(itemsOf(resources).length === 0 ? [fieldRequired(`${at}.resources`)] : []),
    ...(itemsOf(resources).length > 1 && itemsOf(resources).includes('*/*')
      ? [fieldInvalid(`${at}.resources`, resources, "if '*/*' is present, must not specify other resources")]
      : []),
    ...choiceFaults(rule, at, 'scope', ['*', 'Cluster', 'Namespaced']),
  ]
}

function anyAloneFaults(values: readonly unknown[], at: string, what: string): readonly FieldError[] {
  if (values.length === 0) return [fieldRequired(at)]
  return values.length > 1 && values.includes('*')
    ? [fieldInvalid(at, values, `if '*' is present, must not specify other ${what}`)]
    : []
}
