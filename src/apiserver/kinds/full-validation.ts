/**
 * The validation of built-in kinds that scenarios may do without. Requests over HTTP ask for all of it; objects of a
 * simulation may lack required fields, since scenarios are often reduced to those that matter (fidelity-apiserver.md).
 * Source: kubernetes/pkg/apis/{core,apps,batch,policy,rbac,autoscaling,storage,coordination}/validation.
 */
import { type FieldError, fieldInvalid, fieldRequired } from '#api/field-errors.ts'
import type { KubernetesObject } from '#api/object.ts'
import { type Fields, fieldsOf, itemsOf, NO_ERRORS } from './behaviour.ts'
import { missingFaults, negativeFaults, type SpecFault, type SpecValidation } from './field-checks.ts'
import { ingressFaults, networkPolicyFaults } from './network-validation.ts'
import { podSpecFaults } from './pod-validation.ts'
import { bindingFaults, quotaFaults, roleFaults } from './policy-validation.ts'
import { serviceFaults } from './service-validation.ts'
import { webhookFaults } from './webhook-validation.ts'
import {
  cronJobFaults,
  daemonSetFaults,
  deploymentFaults,
  jobFaults,
  replicaSetFaults,
  statefulSetFaults,
} from './workload-validation.ts'

const leaseFaults: SpecValidation = (spec, at) => {
  const seconds = spec['leaseDurationSeconds']
  return [
    ...(typeof seconds === 'number' && seconds <= 0
      ? [fieldInvalid(`${at}.leaseDurationSeconds`, seconds, 'must be greater than 0')]
      : []),
    ...negativeFaults(spec, at, ['leaseTransitions']),
  ]
}

const claimFaults: SpecValidation = (spec, at) => [
  ...(itemsOf(spec['accessModes']).length === 0
    ? [fieldRequired(`${at}.accessModes`, 'at least 1 access mode is required')]
    : []),
  ...(fieldsOf(fieldsOf(spec['resources'])['requests'])['storage'] === undefined
    ? [fieldRequired(`${at}.resources[storage]`)]
    : []),
]

const budgetFaults: SpecValidation = (spec, at) => [
  ...(spec['minAvailable'] !== undefined && spec['maxUnavailable'] !== undefined
    ? [fieldInvalid(at, spec, 'minAvailable and maxUnavailable cannot be both set')]
    : []),
  ...negativeFaults(spec, at, ['minAvailable', 'maxUnavailable']),
]

const autoscalerFaults: SpecValidation = (spec, at) => {
  const isMissing = spec['maxReplicas'] === undefined
  const most = (spec['maxReplicas'] ?? 0) as number
  const least = (spec['minReplicas'] ?? 1) as number
  return [
    ...missingFaults(fieldsOf(spec['scaleTargetRef']), `${at}.scaleTargetRef`, ['kind', 'name']),
    ...(least < 1 ? [fieldInvalid(`${at}.minReplicas`, least, 'must be greater than or equal to 1')] : []),
    ...(most < 1 || most < least
      ? [most < 1 ? 'must be greater than 0' : 'must be greater than or equal to `minReplicas`'].map((detail) => ({
          ...fieldInvalid(`${at}.maxReplicas`, most, detail),
          ...(isMissing ? { isMissing: true as const } : {}),
        }))
      : []),
  ]
}

const SPECS: Readonly<Record<string, SpecValidation>> = {
  '/pods': podSpecFaults,
  '/services': serviceFaults,
  '/persistentvolumeclaims': claimFaults,
  '/resourcequotas': quotaFaults,
  'apps/deployments': deploymentFaults,
  'apps/replicasets': replicaSetFaults,
  'apps/statefulsets': statefulSetFaults,
  'apps/daemonsets': daemonSetFaults,
  'batch/jobs': jobFaults,
  'batch/cronjobs': cronJobFaults,
  'networking.k8s.io/ingresses': ingressFaults,
  'networking.k8s.io/networkpolicies': networkPolicyFaults,
  'coordination.k8s.io/leases': leaseFaults,
  'policy/poddisruptionbudgets': budgetFaults,
  'autoscaling/horizontalpodautoscalers': autoscalerFaults,
}

const OBJECTS: Readonly<Record<string, (fields: Fields) => readonly SpecFault[]>> = {
  'rbac.authorization.k8s.io/roles': (fields) => roleFaults(fields, true),
  'rbac.authorization.k8s.io/clusterroles': (fields) => roleFaults(fields, false),
  'rbac.authorization.k8s.io/rolebindings': (fields) => bindingFaults(fields, true),
  'rbac.authorization.k8s.io/clusterrolebindings': (fields) => bindingFaults(fields, false),
  'admissionregistration.k8s.io/mutatingwebhookconfigurations': webhookFaults,
  'admissionregistration.k8s.io/validatingwebhookconfigurations': webhookFaults,
  'storage.k8s.io/storageclasses': (fields) => missingFaults(fields, '', ['provisioner']),
  'discovery.k8s.io/endpointslices': (fields) => missingFaults(fields, '', ['addressType']),
}

/** By specs, which are shared between versions of an object. */
const known = new WeakMap<Fields, readonly SpecFault[]>()

function allFaults(resourceKey: string, body: Fields): readonly SpecFault[] {
  const ofObject = OBJECTS[resourceKey]
  if (ofObject !== undefined) return ofObject(body)
  const ofSpec = SPECS[resourceKey]
  if (ofSpec === undefined) return NO_ERRORS
  const spec = fieldsOf(body['spec'])
  const remembered = known.get(spec)
  if (remembered !== undefined) return remembered
  const faults = ofSpec(spec, 'spec')
  if (Object.isFrozen(spec) && body['spec'] !== undefined) known.set(spec, faults)
  return faults
}

/** What only a complete object can be blamed for. */
function isOfMissingField({ reason, isMissing }: SpecFault): boolean {
  return isMissing === true || reason === 'FieldValueRequired' || reason === 'FieldValueNotFound'
}

/**
 * Faults of a new object, or of a new version of `old`: what is missing is told of complete objects only, and not of
 * one that lacked it before.
 */
export function fullValidation(
  resourceKey: string,
  body: KubernetesObject,
  { old, isComplete }: { readonly old: KubernetesObject | undefined; readonly isComplete: boolean },
): readonly FieldError[] {
  const faults = allFaults(resourceKey, body)
  if (faults.length === 0) return faults
  if (!isComplete) return faults.filter((fault) => !isOfMissingField(fault))
  const before = old === undefined ? NO_ERRORS : allFaults(resourceKey, old)
  return faults.filter(
    (fault) =>
      !isOfMissingField(fault) || !before.some(({ field, reason }) => field === fault.field && reason === fault.reason),
  )
}

/** The faults of both lists, those of one field and reason once. */
export function withoutRepeated(first: readonly FieldError[], more: readonly FieldError[]): readonly FieldError[] {
  if (more.length === 0) return first
  return [
    ...first,
    ...more.filter(({ field, reason }) => !first.some((fault) => fault.field === field && fault.reason === reason)),
  ]
}
