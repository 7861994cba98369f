/**
 * Subresources of Pods: binding (the scheduler's), eviction (through PodDisruptionBudgets), log (the kubelet's).
 * Source: kubernetes/pkg/registry/core/pod/storage/{storage,eviction}.go.
 */
import { formatTimestamp } from '#api/identity.ts'
import type { KubernetesObject } from '#api/object.ts'
import type { ResourceTable } from '#api/resource.ts'
import { compileLabelSelector, type LabelSelector } from '#api/selectors.ts'
import type { SuccessStatus } from '#api/status.ts'
import {
  badRequest,
  conflict,
  failure,
  internalError,
  methodNotAllowed,
  notFound,
  tooManyRequests,
} from '#api/status-errors.ts'
import { admitMutating, admitValidating } from './admission/admission.ts'
import { answer, commit, refuse, withWarnings } from './answer.ts'
import { atRevision, remove, withoutAdmission } from './delete.ts'
import { itemsOf } from './kinds/behaviour.ts'
import { fieldsOf } from './kinds.ts'
import type { ApiRequest, Change, Decision, StorageReader, StoredObject } from './request.ts'

const CREATED: SuccessStatus = Object.freeze({
  kind: 'Status',
  apiVersion: 'v1',
  metadata: Object.freeze({}),
  status: 'Success',
})

/** Sets spec.nodeName of an unbound pod, and its condition PodScheduled. */
export function bind(reader: StorageReader, request: ApiRequest): Decision {
  if (request.verb !== 'create') return refuse(methodNotAllowed())
  return admitted(reader, request, { group: '', version: 'v1', kind: 'Binding' }, (given) =>
    bindAdmitted(reader, given),
  )
}

/** Decides a create of a subresource that webhooks may change or refuse; `kind` is that of its body. */
function admitted(
  reader: StorageReader,
  request: ApiRequest,
  kind: { readonly group: string; readonly version: string; readonly kind: string },
  decide: (request: ApiRequest) => Decision,
): Decision {
  if (reader.admission === undefined) return decide(request)
  const { resource, subresource, namespace = '', name = '', options } = request
  const of = { operation: 'CREATE', resource, subresource, kind, namespace, name, old: undefined } as const
  const attributes = { ...of, dryRun: options?.dryRun === true }
  const mutated = admitMutating(reader, { ...attributes, object: request.body as KubernetesObject })
  if ('failure' in mutated) return refuse(mutated.failure)
  const decision = decide({ ...request, body: mutated.object })
  if (decision.response.code >= 300) return decision
  const validated = admitValidating(reader, { ...attributes, object: mutated.object })
  if ('failure' in validated) return refuse(validated.failure)
  return withWarnings(decision, [...mutated.warnings, ...validated.warnings])
}

function bindAdmitted(reader: StorageReader, request: ApiRequest): Decision {
  const { resource, name = '', namespace = '' } = request
  const binding = fieldsOf(request.body)
  const node = fieldsOf(binding['target'])['name']
  if (typeof node !== 'string' || node === '') return refuse(badRequest('binding.target.name is required'))
  const stored = reader.get(resource, namespace, name)
  if (stored === undefined) return refuse(notFound(resource, name))
  const subject = { group: '', resource: 'pods/binding' }
  const pod = stored.body
  if (pod.metadata.deletionTimestamp !== undefined)
    return refuse(conflict(subject, name, `pod ${name} is being deleted, cannot be assigned to a host`))
  if (pod['spec']?.nodeName)
    return refuse(conflict(subject, name, `pod ${name} is already assigned to node "${pod['spec'].nodeName}"`))
  if (request.options?.dryRun === true) return answer(201, CREATED)
  const scheduled = Object.freeze({
    type: 'PodScheduled',
    status: 'True',
    lastTransitionTime: formatTimestamp(reader.nowMs),
  })
  const others = ((pod['status']?.conditions ?? []) as readonly { readonly type: string }[]).filter(
    ({ type }) => type !== 'PodScheduled',
  )
  const body = Object.freeze({
    ...pod,
    spec: Object.freeze({ ...pod['spec'], nodeName: node }),
    status: Object.freeze({ ...pod['status'], conditions: Object.freeze([...others, scheduled]) }),
    ...(pod.metadata.generation === undefined
      ? {}
      : { metadata: Object.freeze({ ...pod.metadata, generation: pod.metadata.generation + 1 }) }),
  })
  const revision = reader.revision + 1
  return commit(201, CREATED, [{ resource, namespace, name, before: stored, after: { body, revision }, revision }])
}

/** No kubelet runs containers here: a log is answered as that of a pod whose container has not started. */
export function readLog(reader: StorageReader, request: ApiRequest): Decision {
  const { resource, name = '', namespace = '' } = request
  if (request.verb !== 'get') return refuse(methodNotAllowed())
  const stored = reader.get(resource, namespace, name)
  if (stored === undefined) return refuse(notFound(resource, name))
  const spec = fieldsOf(stored.body['spec'])
  if (!spec['nodeName']) return refuse(badRequest(`pod ${name} does not have a host assigned`))
  const container = fieldsOf(itemsOf(spec['containers'])[0])['name'] ?? name
  const why = `container ${JSON.stringify(container)} in pod ${JSON.stringify(name)} is waiting to start: ContainerCreating`
  return refuse(badRequest(why))
}

/** Deletes a pod unless its PodDisruptionBudget forbids it; the budget's allowance is taken first. */
export function evict(table: ResourceTable, reader: StorageReader, request: ApiRequest): Decision {
  if (request.verb !== 'create') return refuse(methodNotAllowed())
  const kind = { group: 'policy', version: 'v1', kind: 'Eviction' }
  return admitted(reader, request, kind, (given) => evictAdmitted(table, reader, given))
}

function evictAdmitted(table: ResourceTable, reader: StorageReader, request: ApiRequest): Decision {
  const { resource, name = '', namespace = '' } = request
  const stored = reader.get(resource, namespace, name)
  if (stored === undefined) return refuse(notFound(resource, name))
  const { kind } = fieldsOf(request.body)
  if (kind !== undefined && kind !== 'Eviction')
    return refuse(
      badRequest(
        `${String(kind)} cannot be handled as a Eviction: converting to (policy.Eviction): unknown conversion`,
      ),
    )
  const named = fieldsOf(fieldsOf(request.body)['metadata'])['name']
  if (named !== undefined && named !== '' && named !== name)
    return refuse(badRequest('name in URL does not match name in Eviction object'))
  const budgets = budgetsOf(table, reader, stored.body)
  if (budgets.length > 1)
    return refuse(
      internalError('This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.'),
    )
  const budget = budgets[0]
  const taken =
    budget === undefined || ignoresBudget(stored.body, budget.body) ? [] : takeAllowance(table, reader, budget, name)
  if ('response' in taken) return taken
  const { subresource: _eviction, body, ...rest } = request
  const deleteOptions = fieldsOf(body)['deleteOptions']
  // Webhooks are asked about the eviction, and not about the delete that it is.
  const later = atRevision(withoutAdmission(reader), reader.revision + taken.length)
  const removal = remove(later, {
    ...rest,
    verb: 'delete',
    ...(deleteOptions === undefined ? {} : { body: deleteOptions }),
  })
  if (removal.response.code >= 300) return removal
  return commit(201, CREATED, [...taken, ...removal.changes])
}

function budgetsOf(table: ResourceTable, reader: StorageReader, pod: KubernetesObject): readonly StoredObject[] {
  const resource = table.byKind('policy/v1', 'PodDisruptionBudget')
  if (resource === undefined) return []
  return reader.list(resource, pod.metadata.namespace).filter(({ body }) => {
    const selector = body['spec']?.selector as LabelSelector | undefined
    return selector !== undefined && selector !== null && compileLabelSelector(selector)(pod)
  })
}

/** Pods that do not count as healthy may go without asking. */
function ignoresBudget(pod: KubernetesObject, budget: KubernetesObject): boolean {
  const phase: unknown = pod['status']?.phase
  if (
    pod.metadata.deletionTimestamp !== undefined ||
    phase === 'Succeeded' ||
    phase === 'Failed' ||
    phase === 'Pending'
  )
    return true
  const conditions = (pod['status']?.conditions ?? []) as readonly { readonly type: string; readonly status: string }[]
  if (conditions.some(({ type, status }) => type === 'Ready' && status === 'True')) return false
  if (budget['spec']?.unhealthyPodEvictionPolicy === 'AlwaysAllow') return true
  const { currentHealthy = 0, desiredHealthy = 0 } = fieldsOf(budget['status']) as {
    currentHealthy?: number
    desiredHealthy?: number
  }
  return currentHealthy >= desiredHealthy && desiredHealthy > 0
}

const RETRY_SECONDS = 10

function takeAllowance(
  table: ResourceTable,
  reader: StorageReader,
  budget: StoredObject,
  pod: string,
): readonly Change[] | Decision {
  const { body } = budget
  const name = body.metadata.name as string
  const status = fieldsOf(body['status'])
  if (((status['observedGeneration'] as number | undefined) ?? 0) < (body.metadata.generation ?? 0)) {
    return refuse(
      tooManyRequests(
        `Cannot evict pod as it would violate the pod's disruption budget. The disruption budget ${name} is still being processed by the server.`,
        RETRY_SECONDS,
      ),
    )
  }
  const allowed = (status['disruptionsAllowed'] as number | undefined) ?? 0
  if (allowed <= 0) {
    const message = `The disruption budget ${name} needs ${status['desiredHealthy'] ?? 0} healthy pods and has ${status['currentHealthy'] ?? 0} currently`
    const causes = [{ reason: 'DisruptionBudget', message }]
    return refuse(
      failure(429, 'TooManyRequests', "Cannot evict pod as it would violate the pod's disruption budget.", { causes }),
    )
  }
  const disruptedPods = Object.freeze({ ...fieldsOf(status['disruptedPods']), [pod]: formatTimestamp(reader.nowMs) })
  const after = Object.freeze({
    ...body,
    status: Object.freeze({ ...status, disruptionsAllowed: allowed - 1, disruptedPods }),
  })
  const resource = table.byKind('policy/v1', 'PodDisruptionBudget') as NonNullable<ReturnType<ResourceTable['byKind']>>
  const revision = reader.revision + 1
  return [
    {
      resource,
      namespace: body.metadata.namespace ?? '',
      name,
      before: budget,
      after: { body: after, revision },
      revision,
    },
  ]
}
