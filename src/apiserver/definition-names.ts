/**
 * Whose the names of a group are. Each definition claims plural, singular, short names, kind and list kind; what
 * another of its group was given first it does not get, and a definition that lacks a name is not served until that is
 * free. Upstream's naming and establishing controllers do this some milliseconds after the write; here it is part of it.
 * Source: apiextensions-apiserver/pkg/controller/status/naming_controller.go, establish/establishing_controller.go.
 */
import { copyFields } from '#api/clone.ts'
import { equalJson } from '#api/equal.ts'
import { formatTimestamp } from '#api/identity.ts'
import type { KubernetesObject } from '#api/object.ts'
import { withRevision } from './answer.ts'
import { DEFINITIONS } from './definition-cleanup.ts'
import { type Fields, fieldsOf, itemsOf, withField } from './kinds/behaviour.ts'
import type { Change, Decision, StorageReader } from './request.ts'

interface Condition {
  readonly type: string
  readonly status: 'True' | 'False'
  readonly reason: string
  readonly message: string
}

const NO_CONFLICTS: Condition = {
  type: 'NamesAccepted',
  status: 'True',
  reason: 'NoConflicts',
  message: 'no conflicts found',
}
const ESTABLISHED: Condition = {
  type: 'Established',
  status: 'True',
  reason: 'InitialNamesAccepted',
  message: 'the initial names have been accepted',
}
const NOT_ESTABLISHED: Condition = {
  type: 'Established',
  status: 'False',
  reason: 'NotAccepted',
  message: 'not all names are accepted',
}

const TERMINATING: Condition = {
  type: 'Terminating',
  status: 'True',
  reason: 'InstanceDeletionInProgress',
  message: 'CustomResource deletion is in progress',
}

/** A definition that waits for the finalizers of its objects, and says so. */
export function terminating(definition: KubernetesObject, timestamp: string): KubernetesObject {
  const status = fieldsOf(definition['status'])
  const known = itemsOf(status['conditions']) as readonly Condition[]
  const conditions = withCondition(known, TERMINATING, timestamp)
  if (conditions === known) return definition
  return withField(definition, 'status', withField(status, 'conditions', Object.freeze(conditions))) as KubernetesObject
}

/** Whether the kind of a definition is served: its names are accepted, or were when it was established. */
export function isEstablished(definition: Fields): boolean {
  return ['NamesAccepted', 'Established'].some((type) => conditionOf(definition, type)?.status === 'True')
}

/** The definition with the names that were accepted in place of those that it asks for, as it is served. */
export function withAcceptedNames(definition: KubernetesObject): KubernetesObject {
  const accepted = fieldsOf(fieldsOf(definition['status'])['acceptedNames'])
  const spec = fieldsOf(definition['spec'])
  if (accepted['plural'] === undefined || equalJson(accepted, spec['names'])) return definition
  return withField(definition, 'spec', withField(spec, 'names', accepted)) as KubernetesObject
}

/** `decision` with the names of its definitions accepted or not, and changes to others that get what has become free. */
export function withNamesSettled(reader: StorageReader, decision: Decision): Decision {
  const changes = settleNames(reader, decision.changes)
  if (changes === decision.changes) return decision
  const { response } = decision
  const first = changes[0]?.after
  const isAnswered =
    decision.changes[0]?.after !== undefined && 'kind' in response.body && response.body.kind !== 'Status'
  if (first === undefined || !isAnswered || first.body === decision.changes[0]?.after?.body)
    return { response, changes }
  return { response: { ...response, body: withRevision(first.body, first.revision) }, changes }
}

/** The same changes with the status of definitions as the names are then, and more where other definitions gain. */
export function settleNames(reader: StorageReader, changes: readonly Change[]): readonly Change[] {
  const resource = changes.find((change) => change.resource.key === DEFINITIONS)?.resource
  if (resource === undefined) return changes
  const timestamp = formatTimestamp(reader.nowMs)
  const bodies = new Map<string, KubernetesObject>()
  for (const { body } of reader.list(resource, undefined)) bodies.set(body.metadata.name ?? '', body)
  const settled = changes.map((change): Change => {
    if (change.resource.key !== DEFINITIONS) return change
    bodies.delete(change.name)
    if (change.after === undefined) return change
    const body = withNames(change.after.body, [...bodies.values()], timestamp)
    bodies.set(change.name, body)
    return body === change.after.body ? change : { ...change, after: { ...change.after, body } }
  })
  const more: Change[] = []
  for (const name of [...bodies.keys()].sort()) {
    const before = bodies.get(name) as KubernetesObject
    const others = [...bodies.values()].filter((body) => body !== before)
    const after = withNames(before, others, timestamp)
    if (after === before) continue
    bodies.set(name, after)
    const revision = reader.revision + settled.length + more.length + 1
    const last = [...settled].reverse().find((change) => change.resource.key === DEFINITIONS && change.name === name)
    const stored = last?.after ?? reader.get(resource, '', name)
    more.push({ resource, namespace: '', name, before: stored, after: { body: after, revision }, revision })
  }
  return more.length === 0 && settled.every((change, index) => change === changes[index])
    ? changes
    : [...settled, ...more]
}

/** The definition with the names that it gets beside `others`, and conditions that say so. */
export function withNames(
  definition: KubernetesObject,
  others: readonly KubernetesObject[],
  timestamp: string,
): KubernetesObject {
  const wanted = fieldsOf(fieldsOf(definition['spec'])['names'])
  const status = fieldsOf(definition['status'])
  const held = fieldsOf(status['acceptedNames'])
  if (equalJson(wanted, held) && conditionOf(definition, 'NamesAccepted') !== undefined) return definition
  const { accepted, condition } = claim(wanted, held, takenNames(definition, others))
  const known = itemsOf(status['conditions']) as readonly Condition[]
  const isServed = conditionOf(definition, 'Established')?.status === 'True' || condition.status === 'True'
  const conditions = withCondition(
    withCondition(known, condition, timestamp),
    isServed ? ESTABLISHED : NOT_ESTABLISHED,
    timestamp,
  )
  if (conditions === known && equalJson(accepted, held)) return definition
  const next = { ...status, conditions: Object.freeze(conditions), acceptedNames: Object.freeze(accepted) }
  return withField(definition, 'status', Object.freeze(next)) as KubernetesObject
}

interface Taken {
  readonly resources: ReadonlySet<unknown>
  readonly kinds: ReadonlySet<unknown>
}

/** Names in use in the group of a definition, its own among them. */
function takenNames(definition: KubernetesObject, others: readonly KubernetesObject[]): Taken {
  const group = fieldsOf(definition['spec'])['group']
  const resources = new Set<unknown>()
  const kinds = new Set<unknown>()
  for (const other of [definition, ...others]) {
    if (fieldsOf(other['spec'])['group'] !== group) continue
    const names = fieldsOf(fieldsOf(other['status'])['acceptedNames'])
    for (const name of [names['plural'], names['singular'], ...itemsOf(names['shortNames'])]) resources.add(name)
    kinds.add(names['kind']).add(names['listKind'])
  }
  return { resources, kinds }
}

/** Each name is claimed for itself; the last that is refused gives the reason. */
function claim(wanted: Fields, held: Fields, { resources, kinds }: Taken): { accepted: Fields; condition: Condition } {
  const accepted: Record<string, unknown> = { ...held }
  let condition = NO_CONFLICTS
  const refuse = (reason: string, message: string): void => {
    condition = { type: 'NamesAccepted', status: 'False', reason, message }
  }
  const claimOne = (field: string, taken: ReadonlySet<unknown>, reason: string): void => {
    const name = wanted[field]
    if (name !== held[field] && taken.has(name)) refuse(reason, inUse(name))
    else accepted[field] = name
  }
  claimOne('plural', resources, 'PluralConflict')
  claimOne('singular', resources, 'SingularConflict')
  const own = new Set<unknown>([...itemsOf(held['shortNames']), held['plural'], held['singular']])
  const faults = itemsOf(wanted['shortNames']).filter((name) => !own.has(name) && resources.has(name))
  if (faults.length > 0) refuse('ShortNamesConflict', aggregate(faults.map(inUse)))
  else if (wanted['shortNames'] === undefined) delete accepted['shortNames']
  else accepted['shortNames'] = wanted['shortNames']
  claimOne('kind', kinds, 'KindConflict')
  claimOne('listKind', kinds, 'ListKindConflict')
  if (wanted['categories'] === undefined) delete accepted['categories']
  else accepted['categories'] = wanted['categories']
  return { accepted, condition }
}

function inUse(name: unknown): string {
  return `${JSON.stringify(name)} is already in use`
}

/** As apimachinery prints several errors. */
function aggregate(messages: readonly string[]): string {
  const distinct = [...new Set(messages)]
  return distinct.length === 1 ? (distinct[0] as string) : `[${distinct.join(', ')}]`
}

function conditionOf(definition: Fields, type: string): Condition | undefined {
  const conditions = itemsOf(fieldsOf(definition['status'])['conditions'])
  return conditions.find((condition) => fieldsOf(condition)['type'] === type) as Condition | undefined
}

/** The list with this condition in it; its time is that of the last change of its status. */
function withCondition(
  conditions: readonly Condition[],
  condition: Condition,
  timestamp: string,
): readonly Condition[] {
  const index = conditions.findIndex(({ type }) => type === condition.type)
  const old = conditions[index] as (Condition & { readonly lastTransitionTime?: string }) | undefined
  if (old === undefined) return [...conditions, Object.freeze({ ...condition, lastTransitionTime: timestamp })]
  const { status, reason, message } = condition
  if (old.status === status && old.reason === reason && old.message === message) return conditions
  const next = copyFields(old as unknown as Fields)
  Object.assign(next, { status, reason, message })
  if (old.status !== status) next['lastTransitionTime'] = timestamp
  return conditions.map((one, at) => (at === index ? (Object.freeze(next) as unknown as Condition) : one))
}
