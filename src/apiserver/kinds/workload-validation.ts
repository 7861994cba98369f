/**
 * What the specs of workloads must have, and which of their values contradict each other.
 * Source: kubernetes/pkg/apis/{apps,batch}/validation/validation.go.
 */
import { type FieldError, fieldForbidden, fieldInvalid, fieldNotSupported, fieldRequired } from '#api/field-errors.ts'
import { compileLabelSelector } from '#api/selectors.ts'
import { type Fields, fieldsOf, itemsOf } from './behaviour.ts'
import {
  choiceFaults,
  labelFaults,
  missingFaults,
  negativeFaults,
  type SpecFault,
  type SpecValidation,
  selectorFaults,
} from './field-checks.ts'
import { podSpecFaults } from './pod-validation.ts'

/** A selector, and a template that it selects, whose pods are restarted always. */
function selectedTemplateFaults(spec: Fields, at: string, kind: string): SpecFault[] {
  const template = fieldsOf(spec['template'])
  const policy = fieldsOf(template['spec'])['restartPolicy'] ?? 'Always'
  return [
    ...templateSelectorFaults(spec, at, kind),
    ...templateFaults(template, `${at}.template`),
    ...(policy === 'Always' ? [] : [fieldNotSupported(`${at}.template.spec.restartPolicy`, policy, ['Always'])]),
  ]
}

function templateSelectorFaults(spec: Fields, at: string, kind: string): SpecFault[] {
  const given = fieldsOf(fieldsOf(spec['template'])['metadata'])['labels']
  const labels = fieldsOf(given)
  const fault = fieldInvalid(`${at}.template.metadata.labels`, labels, '`selector` does not match template `labels`')
  const mismatch: SpecFault =
    spec['selector'] === undefined || given === undefined ? { ...fault, isMissing: true } : fault
  if (spec['selector'] === undefined) return [fieldRequired(`${at}.selector`), mismatch]
  const selector = fieldsOf(spec['selector'])
  const faults = selectorFaults(selector, `${at}.selector`)
  if (faults.length > 0) return faults
  const count = Object.keys(fieldsOf(selector['matchLabels'])).length + itemsOf(selector['matchExpressions']).length
  if (count === 0) return [fieldInvalid(`${at}.selector`, selector, `empty selector is invalid for ${kind}`)]
  return compileLabelSelector(selector)({ apiVersion: '', kind: '', metadata: { labels } } as never) ? [] : [mismatch]
}

function templateFaults(template: Fields, at: string): FieldError[] {
  return [
    ...labelFaults(fieldsOf(template['metadata'])['labels'], `${at}.labels`),
    ...podSpecFaults(fieldsOf(template['spec']), `${at}.spec`),
  ]
}

export const deploymentFaults: SpecValidation = (spec, at) => [
  ...negativeFaults(spec, at, ['replicas', 'minReadySeconds', 'revisionHistoryLimit', 'progressDeadlineSeconds']),
  ...selectedTemplateFaults(spec, at, 'deployment'),
  ...strategyFaults(fieldsOf(spec['strategy']), `${at}.strategy`),
  ...deadlineFaults(spec, at),
]

function strategyFaults(strategy: Fields, at: string): FieldError[] {
  const { type = 'RollingUpdate', rollingUpdate } = strategy
  if (type === 'Recreate') {
    if (rollingUpdate === undefined) return []
    return [fieldForbidden(`${at}.rollingUpdate`, "may not be specified when strategy `type` is 'Recreate'")]
  }
  if (type !== 'RollingUpdate') return [fieldNotSupported(at, type, ['Recreate', 'RollingUpdate'])]
  const { maxUnavailable, maxSurge } = fieldsOf(rollingUpdate)
  const isZero = (value: unknown): boolean => value === 0 || value === '0%'
  return [
    ...negativeFaults(fieldsOf(rollingUpdate), `${at}.rollingUpdate`, ['maxUnavailable', 'maxSurge']),
    ...percentageFaults(maxUnavailable, `${at}.rollingUpdate.maxUnavailable`),
    ...percentageFaults(maxSurge, `${at}.rollingUpdate.maxSurge`),
    ...(isZero(maxUnavailable) && isZero(maxSurge)
      ? [fieldInvalid(`${at}.rollingUpdate.maxUnavailable`, maxUnavailable, 'may not be 0 when `maxSurge` is 0')]
      : []),
  ]
}

function percentageFaults(value: unknown, field: string): FieldError[] {
  return typeof value === 'string' && !/^[0-9]+%$/.test(value)
    ? [fieldInvalid(field, value, "a valid percent string must be a numeric string followed by an ending '%'")]
    : []
}

function deadlineFaults(spec: Fields, at: string): FieldError[] {
  const { progressDeadlineSeconds: deadline, minReadySeconds = 0 } = spec
  return typeof deadline === 'number' && deadline <= (minReadySeconds as number)
    ? [fieldInvalid(`${at}.progressDeadlineSeconds`, deadline, 'must be greater than minReadySeconds')]
    : []
}

export const replicaSetFaults: SpecValidation = (spec, at) => [
  ...negativeFaults(spec, at, ['replicas', 'minReadySeconds']),
  ...selectedTemplateFaults(spec, at, 'deployment'),
]

export const statefulSetFaults: SpecValidation = (spec, at) => [
  ...choiceFaults(spec, at, 'podManagementPolicy', ['OrderedReady', 'Parallel']),
  ...choiceFaults(fieldsOf(spec['updateStrategy']), `${at}.updateStrategy`, 'type', ['OnDelete', 'RollingUpdate']),
  ...negativeFaults(spec, at, ['replicas', 'minReadySeconds']),
  ...selectedTemplateFaults(spec, at, 'statefulset'),
]

export const daemonSetFaults: SpecValidation = (spec, at) => [
  ...choiceFaults(fieldsOf(spec['updateStrategy']), `${at}.updateStrategy`, 'type', ['OnDelete', 'RollingUpdate']),
  ...negativeFaults(spec, at, ['minReadySeconds', 'revisionHistoryLimit']),
  ...selectedTemplateFaults(spec, at, 'daemonset'),
]

const JOB_NUMBERS = ['parallelism', 'completions', 'activeDeadlineSeconds', 'backoffLimit', 'ttlSecondsAfterFinished']

export const jobFaults: SpecValidation = (spec, at) => {
  const template = fieldsOf(spec['template'])
  const policy = fieldsOf(template['spec'])['restartPolicy']
  return [
    ...negativeFaults(spec, at, JOB_NUMBERS),
    ...choiceFaults(spec, at, 'completionMode', ['Indexed', 'NonIndexed']),
    ...templateFaults(template, `${at}.template`),
    ...(policy === 'Never' || policy === 'OnFailure'
      ? []
      : [fieldRequired(`${at}.template.spec.restartPolicy`, 'valid values: "OnFailure", "Never"')]),
  ]
}

export const cronJobFaults: SpecValidation = (spec, at) => [
  ...missingFaults(spec, at, ['schedule']),
  ...negativeFaults(spec, at, ['startingDeadlineSeconds', 'successfulJobsHistoryLimit', 'failedJobsHistoryLimit']),
  ...choiceFaults(spec, at, 'concurrencyPolicy', ['Allow', 'Forbid', 'Replace']),
  ...jobFaults(fieldsOf(fieldsOf(spec['jobTemplate'])['spec']), `${at}.jobTemplate.spec`),
]
