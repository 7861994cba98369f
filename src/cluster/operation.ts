/**
 * Turns a host's call into an interned operation. Equal calls are one operation, so determinism is a comparison of
 * two integers. resourceVersions of earlier answers in a write are replaced by where they came from.
 */
import { matchesFields, parseFieldSelector } from '#api/field-selectors.ts'
import type { Json, KubernetesObject } from '#api/object.ts'
import { compileLabelSelector } from '#api/selectors.ts'
import type { ExternalCall, HostCall, ReadCall, WriteCall } from '#controller/host.ts'
import { isMutating, systemOf } from './external-systems.ts'
import { ScenarioError } from './scenario-error.ts'
import { hashJson, lanes } from './structural-hash.ts'
import { type Cluster, FIRST_REVISION, type Kind, kindOf, slotOf } from './tables.ts'
import type { ListOperation, Operation, WriteOperation } from './trie.ts'
import { versionOf } from './versions.ts'
import { contentKey } from './write.ts'

export interface OperationTable {
  readonly byText: Map<string, Operation>
  readonly writes: Map<number, Operation>
  next: number
}

export function operationTable(): OperationTable {
  return { byText: new Map(), writes: new Map(), next: 1 }
}

/** `heldRevisions` are those of the answers that the reconcile got before this call. `place` numbers its calls. */
export function operationOf(
  cluster: Cluster,
  table: OperationTable,
  call: HostCall,
  heldRevisions: readonly number[],
  place: number,
): Operation {
  switch (call.op) {
    case 'get':
    case 'list':
      return readOperation(cluster, table, call)
    case 'now':
      return interned(table, 'now', (id) => ({ op: 'now', id }))
    case 'random': {
      const { what, bytes = 16, site } = call
      return interned(table, `random ${what} ${bytes} ${place} ${site ?? ''}`, (id) => ({
        op: 'random',
        id,
        what,
        bytes,
        site,
        place,
      }))
    }
    case 'event':
      return interned(table, 'event', (id) => ({ op: 'event', id }))
    case 'external':
      return externalOperation(cluster, table, call)
    default:
      return writeOperation(cluster, table, call, heldRevisions)
  }
}

function externalOperation(cluster: Cluster, table: OperationTable, call: ExternalCall): Operation {
  return interned(table, `external ${call.system} ${call.method} ${JSON.stringify(call.args)}`, (id) => {
    const system = systemOf(cluster, call.system, 'a controller calls')
    const mutates = isMutating(system, call.method)
    return { op: 'external', id, call, kind: system.slot.kind, slot: system.slot, system, mutates }
  })
}

function interned(table: OperationTable, text: string, make: (id: number) => Operation): Operation {
  let operation = table.byText.get(text)
  if (operation === undefined) {
    operation = make(table.next++)
    table.byText.set(text, operation)
  }
  return operation
}

function knownKind(cluster: Cluster, apiVersion: string, kind: string): Kind {
  const known = kindOf(cluster, apiVersion, kind)
  if (known === undefined) {
    throw new ScenarioError(
      `no kind ${kind} in ${apiVersion}: a controller asked for it. ` +
        "The simulated API server knows the built-in kinds and those of the scenario's crds and kinds. " +
        'Add its CRD to crds, or { apiVersion, kind } to kinds.',
    )
  }
  return known
}

function readOperation(cluster: Cluster, table: OperationTable, call: ReadCall): Operation {
  const { type, namespace = '', cached } = call
  const head = `${call.op} ${cached} ${type.apiVersion} ${type.kind} ${namespace}`
  if (call.op === 'get') {
    return interned(table, `${head} ${call.name} ${call.subresource ?? ''}`, (id) => {
      const kind = knownKind(cluster, type.apiVersion, type.kind)
      const slot = slotOf(cluster, kind, kind.resource.namespaced ? namespace : '', call.name ?? '')
      return { op: 'get', id, cached, slot, call }
    })
  }
  return interned(table, `${head} ${call.labelSelector ?? ''} ${call.fieldSelector ?? ''}`, (id) => {
    const kind = type.kind === '*' ? undefined : knownKind(cluster, type.apiVersion, type.kind)
    return { op: 'list', id, cached, kind, namespace, matches: matcherOf(cluster, call), call } satisfies ListOperation
  })
}

/** Whether a version matches a list's selectors, remembered by version. */
function matcherOf(cluster: Cluster, call: ReadCall): ((version: number) => boolean) | undefined {
  const { labelSelector = '', fieldSelector = '' } = call
  if (labelSelector === '' && fieldSelector === '') return undefined
  const labels = labelSelector === '' ? undefined : compileLabelSelector(labelSelector)
  const fields = fieldSelector === '' ? undefined : compileField(fieldSelector, call)
  const known: (boolean | undefined)[] = []
  return (version) => {
    let matches = known[version]
    if (matches === undefined) {
      const { body } = versionOf(cluster.versions, version)
      matches = (labels === undefined || labels(body)) && (fields === undefined || fields(body))
      known[version] = matches
    }
    return matches
  }
}

const OWNER_UID = 'metadata.ownerReferences.uid='

/** The index on owner uids, which client-go users add by IndexField, is always there. */
function compileField(selector: string, call: ReadCall): (object: KubernetesObject) => boolean {
  if (selector.startsWith(OWNER_UID)) {
    const uid = selector.slice(OWNER_UID.length)
    return (object) => object.metadata.ownerReferences?.some((owner) => owner.uid === uid) ?? false
  }
  const requirements = parseFieldSelector(selector)
  if (typeof requirements === 'string')
    throw new ScenarioError(
      `a controller lists ${call.type.kind} by a field selector that does not parse: ${requirements}`,
    )
  return (object) => matchesFields(requirements, object)
}

const REVISION_TEXT = /\d{7,10}/

function writeOperation(
  cluster: Cluster,
  table: OperationTable,
  call: WriteCall,
  heldRevisions: readonly number[],
): Operation {
  const kind = knownKind(cluster, call.type.apiVersion, call.type.kind)
  const { body, options, revisionFrom, references } = extractReferences(call, heldRevisions)
  hashJson(body)
  const head = `${call.op} ${call.type.apiVersion} ${call.type.kind} ${call.namespace ?? ''} ${call.name ?? ''} ${call.subresource ?? ''} ${call.patchType ?? ''} ${revisionFrom} ${options === undefined ? '' : JSON.stringify(options)} ${references.map((r) => r.from).join(',')}`
  const key = contentKey(head, lanes.high, lanes.low)
  const known = table.writes.get(key)
  if (known !== undefined) return known
  const namespace = kind.resource.namespaced ? (call.namespace ?? '') : ''
  const name = call.name ?? (body as unknown as KubernetesObject | undefined)?.metadata?.name
  const parts = {
    op: 'write' as const,
    id: table.next++,
    call: { ...call, ...(body === undefined ? {} : { body }), ...(options === undefined ? {} : { options }) },
    kind,
    slot: name === undefined || call.op === 'deletecollection' ? undefined : slotOf(cluster, kind, namespace, name),
    revisionFrom,
    references,
  }
  const operation: WriteOperation = {
    ...parts,
    // Webhooks and quotas may look at anything.
    memoable: cluster.admission === undefined && isMemoable(parts),
    memo: { key: 0, extra: '', effect: undefined, others: undefined },
  }
  table.writes.set(key, operation)
  return operation
}

/**
 * Whether what a write does depends on nothing but its target, that target's revision, the clock and what its name was
 * before (`write.ts`). Not so: references to other answers, revisions that no answer gave, and requests that look at
 * other objects (an eviction at budgets, a definition at the names of others and at its objects).
 */
function isMemoable({ call, kind, references, revisionFrom }: Omit<WriteOperation, 'memoable' | 'memo'>): boolean {
  if (references.length > 0 || call.op === 'deletecollection' || kind.resource.kind === 'CustomResourceDefinition')
    return false
  if (call.op === 'create' && call.subresource !== undefined) return false
  if (call.op === 'delete') {
    const { preconditions } = (call.options ?? {}) as {
      readonly preconditions?: { readonly resourceVersion?: unknown }
    }
    return preconditions?.resourceVersion === undefined
  }
  return revisionFrom >= 0 || !mentionsOwnRevision(call.body)
}

/** A JSON patch may test the revision anywhere; all other bodies have it in their metadata. */
function mentionsOwnRevision(body: Json | undefined): boolean {
  if (Array.isArray(body)) return body.some((operation) => JSON.stringify(operation).includes('resourceVersion'))
  return (body as unknown as KubernetesObject | undefined)?.metadata?.resourceVersion !== undefined
}

interface Extracted {
  readonly body: Json | undefined
  readonly options: Json | undefined
  readonly revisionFrom: number
  readonly references: readonly { readonly text: string; readonly from: number }[]
}

function extractReferences(call: WriteCall, heldRevisions: readonly number[]): Extracted {
  let { body, options } = call
  let revisionFrom = -1
  const object = body as unknown as KubernetesObject | undefined
  const given = call.op === 'delete' ? preconditionOf(options) : object?.metadata?.resourceVersion
  if (typeof given === 'string') {
    revisionFrom = heldRevisions.lastIndexOf(Number(given) - FIRST_REVISION)
    if (revisionFrom >= 0 && call.op === 'delete') {
      const { resourceVersion: _, ...preconditions } = (options as { preconditions: Record<string, Json> })
        .preconditions
      options = { ...(options as Record<string, Json>), preconditions }
    } else if (revisionFrom >= 0 && object !== undefined) {
      const { resourceVersion: _, ...metadata } = object.metadata
      body = { ...object, metadata } as unknown as Json
    }
  }
  const references: { text: string; from: number }[] = []
  if (heldRevisions.length > 0 && body !== undefined && mayMentionRevision(body)) {
    body = markRevisions(body, heldRevisions, references)
  }
  return { body, options, revisionFrom, references }
}

function preconditionOf(options: Json | undefined): unknown {
  return (options as { readonly preconditions?: { readonly resourceVersion?: unknown } } | undefined)?.preconditions
    ?.resourceVersion
}

function mayMentionRevision(value: Json): boolean {
  if (typeof value === 'string') return value.length >= 7 && REVISION_TEXT.test(value)
  if (typeof value !== 'object' || value === null) return false
  if (Array.isArray(value)) return value.some(mayMentionRevision)
  for (const key in value) if (mayMentionRevision((value as Record<string, Json>)[key] as Json)) return true
  return false
}

/** Replaces every resourceVersion that an earlier answer had by a marker that names the answer. */
function markRevisions(value: Json, held: readonly number[], references: { text: string; from: number }[]): Json {
  if (typeof value === 'string') {
    if (value.length < 7) return value
    return value.replaceAll(/\d{7,10}/g, (digits) => {
      const from = held.lastIndexOf(Number(digits) - FIRST_REVISION)
      if (from < 0) return digits
      const text = `\u0000rv${from}\u0000`
      if (!references.some((reference) => reference.from === from)) references.push({ text, from })
      return text
    })
  }
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map((element) => markRevisions(element, held, references))
  return Object.fromEntries(
    Object.entries(value).map(([key, field]) => [key, markRevisions(field as Json, held, references)]),
  )
}
