/**
 * Deployments, ReplicaSets, StatefulSets, DaemonSets, Jobs, CronJobs.
 * Source: kubernetes/pkg/apis/{apps,batch}/v1/defaults.go, pkg/registry/{apps,batch}.
 */
import { equalJson } from '#api/equal.ts'
import { type FieldError, fieldForbidden } from '#api/field-errors.ts'
import {
  EMPTY,
  type Fields,
  fieldsOf,
  fillIn,
  immutableSpec,
  type KindBehaviour,
  mapField,
  mapItems,
  type NewObject,
  NO_ERRORS,
  remembered,
  withField,
  without,
} from './behaviour.ts'
import { validateContainers, validateSelectedTemplate, withTemplateDefaults } from './pod-spec.ts'

const DEPLOYMENT_DEFAULTS: Fields = Object.freeze({
  replicas: 1,
  revisionHistoryLimit: 10,
  progressDeadlineSeconds: 600,
})
const ROLLING: Fields = Object.freeze({ maxUnavailable: '25%', maxSurge: '25%' })
const STATEFUL_SET_DEFAULTS: Fields = Object.freeze({
  replicas: 1,
  podManagementPolicy: 'OrderedReady',
  revisionHistoryLimit: 10,
  persistentVolumeClaimRetentionPolicy: Object.freeze({ whenDeleted: 'Retain', whenScaled: 'Retain' }),
})
const DAEMON_SET_ROLLING: Fields = Object.freeze({ maxUnavailable: 1, maxSurge: 0 })
const JOB_DEFAULTS: Fields = Object.freeze({
  backoffLimit: 6,
  completionMode: 'NonIndexed',
  suspend: false,
  manualSelector: false,
})
const CRON_JOB_DEFAULTS: Fields = Object.freeze({
  concurrencyPolicy: 'Allow',
  suspend: false,
  successfulJobsHistoryLimit: 3,
  failedJobsHistoryLimit: 1,
})

/** `spec` changed by a function; remembered by identity. */
function specDefaults(change: (spec: Fields) => Fields): (fields: Fields) => Fields {
  const changed = remembered(change)
  return (fields) => mapField(fields, 'spec', changed)
}

/** An update strategy with its type and, when rolling, its numbers. */
function strategyWithDefaults(spec: Fields, field: string, rolling: Fields): Fields {
  let strategy = fillIn(fieldsOf(spec[field]), { type: 'RollingUpdate' })
  if (strategy['type'] === 'RollingUpdate')
    strategy = withField(strategy, 'rollingUpdate', fillIn(fieldsOf(strategy['rollingUpdate']), rolling))
  return withField(spec, field, strategy)
}

export const deployments: KindBehaviour = {
  initialStatus: EMPTY,
  statusKeeps: ['labels'],
  withDefaults: specDefaults((spec) =>
    withTemplateDefaults(strategyWithDefaults(fillIn(spec, DEPLOYMENT_DEFAULTS), 'strategy', ROLLING)),
  ),
  validate: validateSelectedTemplate,
  validateUpdate: immutableSpec('selector'),
}

export const replicaSets: KindBehaviour = {
  initialStatus: Object.freeze({ replicas: 0 }),
  withDefaults: specDefaults((spec) => withTemplateDefaults(fillIn(spec, { replicas: 1 }))),
  validate: validateSelectedTemplate,
  validateUpdate: immutableSpec('selector'),
}

export const replicationControllers: KindBehaviour = {
  initialStatus: Object.freeze({ replicas: 0 }),
  withDefaults: specDefaults((spec) => withTemplateDefaults(fillIn(spec, { replicas: 1 }))),
}

export const daemonSets: KindBehaviour = {
  initialStatus: Object.freeze({
    currentNumberScheduled: 0,
    numberMisscheduled: 0,
    desiredNumberScheduled: 0,
    numberReady: 0,
  }),
  withDefaults: specDefaults((spec) =>
    withTemplateDefaults(
      strategyWithDefaults(fillIn(spec, { revisionHistoryLimit: 10 }), 'updateStrategy', DAEMON_SET_ROLLING),
    ),
  ),
  validate: validateSelectedTemplate,
  validateUpdate: immutableSpec('selector'),
}

export const statefulSets: KindBehaviour = {
  initialStatus: Object.freeze({ replicas: 0, availableReplicas: 0 }),
  withDefaults: specDefaults((spec) => {
    const filled = strategyWithDefaults(
      fillIn(spec, STATEFUL_SET_DEFAULTS),
      'updateStrategy',
      Object.freeze({ partition: 0 }),
    )
    return withTemplateDefaults(mapItems(filled, 'volumeClaimTemplates', claimWithDefaults))
  }),
  validate: validateSelectedTemplate,
  validateUpdate: (fields, old) => validateStatefulSetUpdate(fieldsOf(fields['spec']), fieldsOf(old['spec'])),
}

function claimWithDefaults(claim: Fields): Fields {
  const filled = fillIn(claim, {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    status: Object.freeze({ phase: 'Pending' }),
  })
  return mapField(filled, 'spec', (spec) => fillIn(spec, { volumeMode: 'Filesystem' }))
}

const STATEFUL_SET_MUTABLE = [
  'replicas',
  'ordinals',
  'template',
  'updateStrategy',
  'revisionHistoryLimit',
  'persistentVolumeClaimRetentionPolicy',
  'minReadySeconds',
]

function validateStatefulSetUpdate(spec: Fields, old: Fields): readonly FieldError[] {
  if (spec === old || equalJson(without(spec, STATEFUL_SET_MUTABLE), without(old, STATEFUL_SET_MUTABLE)))
    return NO_ERRORS
  const mutable =
    "'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds'"
  return [fieldForbidden('spec', `updates to statefulset spec for fields other than ${mutable} are forbidden`)]
}

export const jobs: KindBehaviour = {
  initialStatus: EMPTY,
  withDefaults: specDefaults((spec) => {
    const both = spec['completions'] === undefined && spec['parallelism'] === undefined
    const counts = both ? { completions: 1, parallelism: 1 } : { parallelism: 1 }
    const podReplacementPolicy = spec['podFailurePolicy'] === undefined ? 'TerminatingOrFailed' : 'Failed'
    return withTemplateDefaults(fillIn(fillIn(spec, JOB_DEFAULTS), { ...counts, podReplacementPolicy }))
  }),
  prepareForCreate: (fields, created) =>
    fieldsOf(fields['spec'])['manualSelector'] === true ? fields : withGeneratedSelector(fields, created),
  validate: (fields) =>
    validateContainers(fieldsOf(fieldsOf(fieldsOf(fields['spec'])['template'])['spec']), 'spec.template.spec'),
  validateUpdate: immutableSpec('selector', 'completionMode', 'template'),
}

/** A Job selects its pods by its own uid. */
function withGeneratedSelector(fields: Fields, { name, uid }: NewObject): Fields {
  const labels = {
    'controller-uid': uid,
    'job-name': name,
    'batch.kubernetes.io/controller-uid': uid,
    'batch.kubernetes.io/job-name': name,
  }
  const spec = fieldsOf(fields['spec'])
  const template = fieldsOf(spec['template'])
  const metadata = fieldsOf(template['metadata'])
  const labelled = Object.freeze({ ...metadata, labels: Object.freeze({ ...fieldsOf(metadata['labels']), ...labels }) })
  const matchLabels = Object.freeze({ 'batch.kubernetes.io/controller-uid': uid })
  const selector = spec['selector'] ?? Object.freeze({ matchLabels })
  return withField(
    fields,
    'spec',
    Object.freeze({ ...spec, selector, template: withField(template, 'metadata', labelled) }),
  )
}

export const cronJobs: KindBehaviour = {
  initialStatus: EMPTY,
  withDefaults: specDefaults((spec) =>
    mapField(fillIn(spec, CRON_JOB_DEFAULTS), 'jobTemplate', (job) => mapField(job, 'spec', withTemplateDefaults)),
  ),
}
