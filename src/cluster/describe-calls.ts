/** Reads and writes of a reconcile as records: what was answered, what was true then, what became of a write. */
import type { Status } from '#api/status.ts'
import type { HeldObject, ReadRecord, WriteRecord } from '#trace/path.ts'
import type { ClusterModel } from './cluster-model.ts'
import { viewVersion } from './evaluate.ts'
import { externalCallText } from './external-systems.ts'
import { valueOf } from './interner.ts'
import type { Run, RunCall } from './run.ts'
import { type Cluster, EXTERNAL_KIND, FIRST_REVISION, HOLDERS, type RequestEntry, type Slot } from './tables.ts'
import type { ExternalOperation, GetOperation, ListOperation, WriteOperation } from './trie.ts'
import { nextAction } from './user-actions.ts'
import { versionOf } from './versions.ts'
import { withRevision } from './with-revision.ts'

/** `Kind namespace/name`. */
export function nameOf(slot: Slot): string {
  return `${slot.kind.resource.kind} ${slot.namespace === '' ? '' : `${slot.namespace}/`}${slot.name}`
}
export function readRecord(
  model: ClusterModel,
  request: RequestEntry,
  operation: GetOperation | ListOperation,
  call: RunCall,
): ReadRecord {
  const { world } = model
  const { cluster } = world
  const { objects } = call.reply
  const answered: HeldObject[] = []
  for (let i = 0; i < objects.length; i += 3) {
    const slot = cluster.slots[objects[i] as number] as Slot
    answered.push(held(cluster, slot, { version: objects[i + 1] as number, revision: objects[i + 2] as number }))
  }
  const slots =
    operation.op === 'get'
      ? [operation.slot]
      : (operation.kind === undefined ? cluster.kinds : [operation.kind]).flatMap((kind) => kind.slots)
  const truth = slots
    .filter((slot) => operation.op === 'get' || operation.namespace === '' || slot.namespace === operation.namespace)
    .filter((slot) => {
      const version = world.state[slot.part] as number
      return version !== 0 && (operation.op === 'get' || operation.matches === undefined || operation.matches(version))
    })
    .map((slot) =>
      held(cluster, slot, {
        version: world.state[slot.part] as number,
        revision: world.state[slot.part + 1] as number,
      }),
    )
  const behind = operation.cached ? eventsBehind(model, request, slots) : 0
  const { call: asked } = operation
  const type = asked.op === 'get' || asked.op === 'list' ? asked.type : { apiVersion: '', kind: '' }
  return {
    type,
    op: operation.op,
    cached: operation.cached,
    target: targetOf(operation),
    answered,
    behind,
    ...(behind > 0 ? { truth } : {}),
    ...(call.reply.form === 'status' ? { status: call.reply.value as Status } : {}),
  }
}

function held(
  cluster: Cluster,
  slot: Slot,
  { version, revision }: { readonly version: number; readonly revision: number },
): HeldObject {
  const { uid } = versionOf(cluster.versions, version).body.metadata
  return {
    name: slot.namespace === '' ? slot.name : `${slot.namespace}/${slot.name}`,
    resourceVersion: String(FIRST_REVISION + revision),
    ...(uid === undefined ? {} : { uid }),
  }
}

function targetOf(operation: GetOperation | ListOperation): string {
  if (operation.op === 'get')
    return operation.slot.namespace === '' ? operation.slot.name : `${operation.slot.namespace}/${operation.slot.name}`
  const { call } = operation
  const selectors =
    call.op === 'list'
      ? [call.labelSelector, call.fieldSelector].filter((selector) => selector !== undefined && selector !== '')
      : []
  return [operation.namespace, ...selectors].filter((part) => part !== '').join(' ')
}

/** How many undelivered events of these objects the view of the request's process is behind. */
function eventsBehind(model: ClusterModel, request: RequestEntry, slots: readonly Slot[]): number {
  const { world } = model
  if (world.state[HOLDERS] === 0) return 0
  const { process } = request.controller
  const ids = new Set(slots.map((slot) => slot.id))
  let behind = 0
  for (const part of process.episodeParts.values()) {
    const id = world.state[part] as number
    if (id !== 0) behind += valueOf(world.cluster.episodes, id).events.filter((event) => ids.has(event.slot)).length
  }
  if (behind > 0) return behind
  return slots.filter(
    (slot) => viewVersion(world, process, slot).revision !== world.state[slot.part + 1] && world.state[slot.part] !== 0,
  ).length
}

/** What a write is meant for; the namespace alone where the name is generated. */
export function writtenName({ slot, kind, call }: WriteOperation): string {
  return slot === undefined ? `${kind.resource.kind} ${call.namespace ?? ''}` : nameOf(slot)
}

export function writeRecord(cluster: Cluster, run: Run, operation: WriteOperation, call: RunCall): WriteRecord {
  const op = operation.call.op
  const change = run.changes[call.from]
  const committed = call.to > call.from && change !== undefined
  const slot = change?.slot !== undefined && committed ? change.slot : operation.slot
  const object = slot === undefined ? writtenName(operation) : nameOf(slot)
  const subresource = operation.call.subresource === undefined ? {} : { subresource: operation.call.subresource }
  const status = call.reply.form === 'status' ? { status: call.reply.value as Status } : undefined
  if (status !== undefined && !committed) return { op, object, ...subresource, outcome: 'failed', ...status }
  if (!committed) return { op, object, ...subresource, outcome: 'unchanged' }
  // A delete may commit two changes of its object: marked, then removed.
  const last = run.changes[call.to - 1] ?? change
  const whole =
    last.slot === change.slot ? { ...last, before: change.before, beforeRevision: change.beforeRevision } : change
  const lost = status === undefined ? {} : { ...status, answerLost: true }
  return { op, object, ...subresource, outcome: 'committed', ...lost, ...beforeAndAfter(cluster, whole) }
}

/** A call that may change an external system. */
export function callRecord(cluster: Cluster, run: Run, operation: ExternalOperation, call: RunCall): WriteRecord {
  const change = run.changes[call.from]
  const committed = call.to > call.from && change !== undefined
  const { failed, answer } = answerOf(cluster, call)
  return {
    op: 'call',
    object: `External ${operation.slot.name}`,
    call: externalCallText(operation.call),
    ...(answer === undefined ? {} : { answer }),
    outcome: committed ? 'committed' : failed ? 'failed' : 'unchanged',
    ...(committed && failed ? { answerLost: true } : {}),
    ...(committed ? beforeAndAfter(cluster, change) : {}),
  }
}

/** A call that only looks at an external system. */
export function queryRecord(cluster: Cluster, operation: ExternalOperation, call: RunCall): ReadRecord {
  const { answer } = answerOf(cluster, call)
  const target = `${externalCallText(operation.call)}${answer === undefined ? '' : ` → ${answer}`}`
  return { type: EXTERNAL_TYPE, op: 'call', cached: false, target, answered: [], behind: 0 }
}

const EXTERNAL_TYPE = { apiVersion: 'external.kamera/v1', kind: 'External' }

function answerOf(cluster: Cluster, call: RunCall): { readonly failed: boolean; readonly answer: string | undefined } {
  const { body } = versionOf(cluster.versions, call.reply.objects[1] as number)
  const failure = body['failure'] as { readonly message: string } | undefined
  if (failure !== undefined) return { failed: true, answer: failure.message }
  return { failed: false, answer: body['result'] === undefined ? undefined : JSON.stringify(body['result']) }
}

function beforeAndAfter(cluster: Cluster, change: Run['changes'][number]): Pick<WriteRecord, 'before' | 'after'> {
  const before =
    change.before === 0
      ? undefined
      : withRevision(versionOf(cluster.versions, change.before).body, change.beforeRevision)
  const after =
    change.after === 0 ? undefined : withRevision(versionOf(cluster.versions, change.after).body, change.afterRevision)
  return { ...(before === undefined ? {} : { before }), ...(after === undefined ? {} : { after }) }
}

export function userWrites(cluster: Cluster, run: Run, model: ClusterModel): readonly WriteRecord[] {
  const prepared = nextAction(model.world)
  if (prepared === undefined) return []
  const change = run.changes[0]
  const op = prepared.action.type === 'remove' ? 'delete' : change?.before === 0 ? 'create' : 'patch'
  if (change === undefined) return [{ op, object: nameOf(prepared.slot), outcome: 'unchanged' }]
  return [{ op, object: nameOf(prepared.slot), outcome: 'committed', ...beforeAndAfter(cluster, change) }]
}

/** What an environment event changed. */
export function environmentWrites(cluster: Cluster, run: Run): readonly WriteRecord[] {
  return run.changes.map((change) => ({
    op:
      change.slot.kind.id === EXTERNAL_KIND
        ? 'update'
        : change.before === 0
          ? 'create'
          : change.after === 0
            ? 'delete'
            : 'patch',
    object: nameOf(change.slot),
    outcome: 'committed',
    ...beforeAndAfter(cluster, change),
  }))
}
