/**
 * Pods and pod templates: defaults, and what may change.
 * Source: kubernetes/pkg/apis/core/v1/defaults.go, pkg/apis/core/validation (ValidatePodUpdate).
 */
import { equalJson } from '#api/equal.ts'
import { type FieldError, fieldForbidden, fieldInvalid, fieldRequired } from '#api/field-errors.ts'
import {
  EMPTY,
  type Fields,
  fieldsOf,
  fillIn,
  mapField,
  mapItems,
  NO_ERRORS,
  remembered,
  withField,
  without,
} from './behaviour.ts'

const POD_SPEC_DEFAULTS: Fields = Object.freeze({
  restartPolicy: 'Always',
  dnsPolicy: 'ClusterFirst',
  schedulerName: 'default-scheduler',
  terminationGracePeriodSeconds: 30,
  securityContext: EMPTY,
})
const CONTAINER_DEFAULTS: Fields = Object.freeze({
  terminationMessagePath: '/dev/termination-log',
  terminationMessagePolicy: 'File',
  resources: EMPTY,
})
const PROBE_DEFAULTS: Fields = Object.freeze({
  timeoutSeconds: 1,
  periodSeconds: 10,
  successThreshold: 1,
  failureThreshold: 3,
})
const PORT_DEFAULTS: Fields = Object.freeze({ protocol: 'TCP' })
const HTTP_DEFAULTS: Fields = Object.freeze({ path: '/', scheme: 'HTTP' })
const MODE_DEFAULTS: Fields = Object.freeze({ defaultMode: 420 })
const FIELD_REFERENCE_DEFAULTS: Fields = Object.freeze({ apiVersion: 'v1' })

/** The spec of a pod or of a template with upstream's defaults. */
export const podSpecWithDefaults = remembered((spec) => {
  let filled = fillIn(spec, POD_SPEC_DEFAULTS)
  filled = mapItems(filled, 'containers', containerWithDefaults)
  filled = mapItems(filled, 'initContainers', containerWithDefaults)
  return mapItems(filled, 'volumes', volumeWithDefaults)
})

/** A pod (no template) that is limited in a resource requests as much of it, if it does not say how much. */
export function withRequestsOfLimits(spec: Fields): Fields {
  const filled = mapItems(spec, 'containers', requestsOfLimits)
  return mapItems(filled, 'initContainers', requestsOfLimits)
}

function requestsOfLimits(container: Fields): Fields {
  return mapField(container, 'resources', (resources) => {
    const limits = fieldsOf(resources['limits'])
    if (Object.keys(limits).length === 0) return resources
    return withField(resources, 'requests', fillIn(fieldsOf(resources['requests']), limits))
  })
}

/** A template's spec with its defaults, inside the object that has the field `template`. */
export function withTemplateDefaults(fields: Fields): Fields {
  return mapField(fields, 'template', (template) => mapField(template, 'spec', podSpecWithDefaults))
}

function containerWithDefaults(container: Fields): Fields {
  let filled = fillIn(container, CONTAINER_DEFAULTS)
  if (filled['imagePullPolicy'] === undefined)
    filled = fillIn(filled, { imagePullPolicy: pullPolicyOf(filled['image']) })
  for (const probe of ['livenessProbe', 'readinessProbe', 'startupProbe']) {
    filled = mapField(filled, probe, (value) =>
      mapField(fillIn(value, PROBE_DEFAULTS), 'httpGet', (get) => fillIn(get, HTTP_DEFAULTS)),
    )
  }
  filled = mapItems(filled, 'ports', (port) => fillIn(port, PORT_DEFAULTS))
  return mapItems(filled, 'env', (variable) =>
    mapField(variable, 'valueFrom', (from) =>
      mapField(from, 'fieldRef', (reference) => fillIn(reference, FIELD_REFERENCE_DEFAULTS)),
    ),
  )
}

/** Images without a tag, or with the tag latest, are pulled always. */
function pullPolicyOf(image: unknown): string {
  const name = typeof image === 'string' ? image : ''
  if (name.includes('@')) return 'IfNotPresent'
  const tag = name.slice(name.lastIndexOf('/') + 1).split(':')[1]
  return tag === undefined || tag === 'latest' ? 'Always' : 'IfNotPresent'
}

function volumeWithDefaults(volume: Fields): Fields {
  let filled = volume
  if (Object.keys(volume).length === 1 && volume['name'] !== undefined) filled = fillIn(volume, { emptyDir: EMPTY })
  for (const source of ['secret', 'configMap', 'downwardAPI', 'projected'])
    filled = mapField(filled, source, (value) => fillIn(value, MODE_DEFAULTS))
  return filled
}

/** A pod's containers; see `validateContainers`. */
export function validatePod(fields: Fields): readonly FieldError[] {
  return validateContainers(fieldsOf(fields['spec']), 'spec')
}

/**
 * Refuses an empty list of containers. Simulated pods and templates may leave them out altogether, where a real
 * server would refuse: scenarios are often reduced to the fields that matter (see docs/fidelity-apiserver.md).
 */
export function validateContainers(spec: Fields, at: string): readonly FieldError[] {
  const { containers } = spec
  return Array.isArray(containers) && containers.length === 0 ? [fieldRequired(`${at}.containers`)] : NO_ERRORS
}

/** Of a pod's spec only images, activeDeadlineSeconds, tolerations and (downwards) gates may change. */
export function validatePodUpdate(spec: Fields, old: Fields): readonly FieldError[] {
  if (spec === old || equalJson(comparable(spec), comparable(old))) return NO_ERRORS
  const mutable =
    '`spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)'
  return [fieldForbidden('spec', `pod updates may not change fields other than ${mutable}`)]
}

function comparable(spec: Fields): Fields {
  const rest = without(spec, [
    'activeDeadlineSeconds',
    'terminationGracePeriodSeconds',
    'tolerations',
    'schedulingGates',
  ])
  for (const name of ['containers', 'initContainers']) {
    if (Array.isArray(rest[name]))
      rest[name] = rest[name].map((container: unknown) => without(fieldsOf(container), ['image']))
  }
  return rest
}

/** A workload's template, where there is one with labels, must be selected by its selector. */
export function validateSelectedTemplate(fields: Fields): readonly FieldError[] {
  const spec = fieldsOf(fields['spec'])
  const template = fieldsOf(spec['template'])
  const errors = validateContainers(fieldsOf(template['spec']), 'spec.template.spec')
  const required = fieldsOf(fieldsOf(spec['selector'])['matchLabels'])
  const labels = fieldsOf(template['metadata'])['labels']
  if (labels === undefined || Object.keys(required).every((key) => fieldsOf(labels)[key] === required[key]))
    return errors
  return [
    fieldInvalid('spec.template.metadata.labels', labels, '`selector` does not match template `labels`'),
    ...errors,
  ]
}
