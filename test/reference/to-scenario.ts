/**
 * Turns a described system into what the real library takes: kinds, manifests, a user's script, and controllers whose
 * reconcilers really are asynchronous code over a client. `defineScenario` and `defineController` are left to the
 * caller. Leave garbage collection off when counts are compared: its process would lag and crash too.
 */
import type { Json, KubernetesObject, OwnerReference } from '#api/object.ts'
import type { EnvironmentEvent } from '#cluster/environment.ts'
import type { KindDeclaration, Scenario, UserAction } from '#cluster/scenario.ts'
import type { Client, Reader } from '#controller/client.ts'
import type { ControllerDefinition, ReconcileRequest, ReconcileResult } from '#controller/controller.ts'
import { admissionScenario } from './admission.ts'
import type { Assignment, ObjectLens, ProgramReply, ProgramRequest, WriteRequest } from './program.ts'
import { runProgram } from './program.ts'
import {
  API_VERSION,
  type ControllerDescription,
  cachedKindsOf,
  type EnvironmentEventDescription,
  type FailureReason,
  type FieldPath,
  type ObjectDescription,
  type System,
  type UserActionDescription,
  type Value,
} from './system.ts'

const NAMESPACE = 'default'

export interface ScenarioParts {
  readonly name: string
  readonly kinds: readonly KindDeclaration[]
  readonly objects: readonly KubernetesObject[]
  readonly controllers: readonly ControllerDefinition[]
  readonly actions: readonly UserAction[]
  readonly environment: readonly EnvironmentEvent[]
  readonly webhooks?: NonNullable<Scenario['webhooks']>
  readonly quotas?: boolean
}

export function toScenario(system: System): ScenarioParts {
  const admitted = admissionScenario(system)
  return {
    name: system.name,
    kinds: system.kinds.map(({ kind, statusSubresource }) => ({
      apiVersion: API_VERSION,
      kind,
      plural: `${kind.toLowerCase()}s`,
      namespaced: true,
      statusSubresource,
    })),
    ...admitted,
    objects: [...system.objects.map(manifestOf), ...admitted.objects],
    controllers: system.controllers.map(controllerOf),
    actions: (system.script ?? []).map(actionOf),
    environment: (system.environment ?? []).map((event) => ({ name: event.name, act: () => changeOf(event) })),
  }
}

/** Kinds that are only read get a watch without requests: the reference takes their informers to run from the start. */
function controllerOf(controller: ControllerDescription): ControllerDefinition {
  const watched = [controller.for, ...(controller.owns ?? []), ...(controller.watches ?? []).map((watch) => watch.kind)]
  const onlyRead = cachedKindsOf(controller.program).filter((kind) => !watched.includes(kind))
  const watches = [...(controller.watches ?? []), ...onlyRead.map((kind) => ({ kind, requests: [] }))]
  return {
    name: controller.name,
    process: controller.process,
    for: { apiVersion: API_VERSION, kind: controller.for },
    owns: (controller.owns ?? []).map((kind) => ({ apiVersion: API_VERSION, kind })),
    watches: watches.map(({ kind, requests }) => ({
      apiVersion: API_VERSION,
      kind,
      requests: () => requests.map((name) => ({ namespace: NAMESPACE, name })),
    })),
    reconciler: ({ client, apiReader }) => ({
      reconcile: (request) => reconcile(controller, request, { client, apiReader }),
    }),
  }
}

interface Clients {
  readonly client: Client
  readonly apiReader: Reader
}

async function reconcile(
  controller: ControllerDescription,
  request: ReconcileRequest,
  clients: Clients,
): Promise<ReconcileResult> {
  const program = runProgram(controller.program, request.name, objectLens)
  let lastFailure: unknown
  let step = program.next()
  while (step.done !== true) {
    let reply: ProgramReply<KubernetesObject>
    try {
      reply = await perform(step.value, clients)
    } catch (error) {
      reply = { failure: failureOf(error) }
      lastFailure = error
    }
    step = program.next(reply)
  }
  if (step.value.type === 'done') {
    return step.value.requeueAfterMs === undefined ? {} : { requeueAfterMs: step.value.requeueAfterMs }
  }
  const wasRefused = lastFailure !== undefined && failureOf(lastFailure) === step.value.message
  throw wasRefused ? lastFailure : new Error(step.value.message)
}

const failureReasons: readonly string[] = [
  'NotFound',
  'AlreadyExists',
  'Conflict',
  'Invalid',
  'Forbidden',
  'Timeout',
  'InternalError',
  'TooManyRequests',
] satisfies FailureReason[]

/** The reason of an ApiError that programs know; anything else is thrown on. */
function failureOf(error: unknown): FailureReason {
  const reason = (error as { readonly status?: { readonly reason?: string } } | null)?.status?.reason
  if (reason === undefined || !failureReasons.includes(reason)) throw error
  return reason as FailureReason
}

async function perform(
  request: ProgramRequest<KubernetesObject>,
  { client, apiReader }: Clients,
): Promise<ProgramReply<KubernetesObject>> {
  switch (request.op) {
    case 'get': {
      const reader = request.live ? apiReader : client
      return { object: await reader.tryGet<KubernetesObject>(typeOf(request.kind), keyOf(request.name)) }
    }
    case 'list': {
      const reader = request.live ? apiReader : client
      return { items: await reader.list<KubernetesObject>(typeOf(request.kind), { namespace: NAMESPACE }) }
    }
    case 'create':
      return { object: await client.create(createdObject(request)) }
    case 'update': {
      const writer = request.status ? client.status() : client
      return { object: await writer.update(updatedObject(request)) }
    }
    case 'patch': {
      const writer = request.status ? client.status() : client
      const target = { type: typeOf(request.kind), key: keyOf(request.name) }
      return { object: await writer.patch<KubernetesObject>(target, mergePatchOf(request.set), { patchType: 'merge' }) }
    }
    case 'delete':
      await client.delete({ type: typeOf(request.kind), key: keyOf(request.name) }, preconditionOf(request.uidOf))
      return { object: undefined }
  }
}

function preconditionOf(object: KubernetesObject | undefined): { readonly preconditions?: { readonly uid: string } } {
  return object === undefined ? {} : { preconditions: { uid: object.metadata.uid ?? '' } }
}

const objectLens: ObjectLens<KubernetesObject> = {
  field: (object, path) => {
    const [parent, section, name] = locationOf(path)
    const container = parent === 'metadata' ? object.metadata : object
    return (container as Readonly<Record<string, Record<string, Value> | undefined>>)[section]?.[name]
  },
  isTerminating: (object) => object.metadata.deletionTimestamp !== undefined,
  finalizers: (object) => object.metadata.finalizers ?? [],
  key: (object) => ({ kind: object.kind, name: object.metadata.name ?? '' }),
}

/** Where a field lies in a Kubernetes object: in `metadata` or at the top, section, name. */
function locationOf(path: FieldPath): ['metadata' | 'top', string, string] {
  const dot = path.indexOf('.')
  const section = path.slice(0, dot)
  return [section === 'labels' || section === 'annotations' ? 'metadata' : 'top', section, path.slice(dot + 1)]
}

function createdObject(request: WriteRequest<KubernetesObject> & { readonly op: 'create' }): KubernetesObject {
  const { kind, name, generate, spec, finalizers, owner } = request
  return {
    apiVersion: API_VERSION,
    kind,
    metadata: {
      namespace: NAMESPACE,
      ...(generate ? { generateName: name } : { name }),
      ...(finalizers.length > 0 && { finalizers }),
      ...(owner !== undefined && { ownerReferences: [controllerReference(owner)] }),
    },
    ...(spec !== undefined && { spec }),
  }
}

function controllerReference(owner: KubernetesObject): OwnerReference {
  const { name = '', uid = '' } = owner.metadata
  return { apiVersion: owner.apiVersion, kind: owner.kind, name, uid, controller: true }
}

function updatedObject(request: WriteRequest<KubernetesObject> & { readonly op: 'update' }): KubernetesObject {
  const { object, set, addFinalizer, removeFinalizer } = request
  const assigned = set.reduce(withAssignment, object)
  const finalizers = (object.metadata.finalizers ?? []).filter((finalizer) => finalizer !== removeFinalizer)
  if (addFinalizer !== undefined && !finalizers.includes(addFinalizer)) finalizers.push(addFinalizer)
  const hadFinalizers = object.metadata.finalizers !== undefined
  if (!hadFinalizers && finalizers.length === 0) return assigned
  return { ...assigned, metadata: { ...assigned.metadata, finalizers } }
}

function withAssignment(object: KubernetesObject, { path, value }: Assignment): KubernetesObject {
  const [parent, section, name] = locationOf(path)
  if (parent === 'top') return { ...object, [section]: { ...object[section], [name]: value } }
  const fields = section === 'labels' ? object.metadata.labels : object.metadata.annotations
  return { ...object, metadata: { ...object.metadata, [section]: { ...fields, [name]: value } } }
}

function mergePatchOf({ path, value }: Assignment): Json {
  const [parent, section, name] = locationOf(path)
  const change = { [section]: { [name]: value } }
  return parent === 'metadata' ? { metadata: change } : change
}

function manifestOf(object: ObjectDescription): KubernetesObject {
  const { kind, name, spec, status, labels, annotations, finalizers } = object
  return {
    apiVersion: API_VERSION,
    kind,
    metadata: {
      namespace: NAMESPACE,
      name,
      ...(labels !== undefined && { labels }),
      ...(annotations !== undefined && { annotations }),
      ...(finalizers !== undefined && finalizers.length > 0 && { finalizers }),
    },
    ...(spec !== undefined && { spec }),
    ...(status !== undefined && { status }),
  }
}

function actionOf(action: UserActionDescription): UserAction {
  const timing = action.at === undefined ? {} : { at: action.at }
  if (action.type === 'create') return { type: 'create', manifest: manifestOf(action.object), ...timing }
  const target = { ...typeOf(action.kind), ...keyOf(action.name) }
  if (action.type === 'delete') return { type: 'remove', target, ...timing }
  return { type: 'patch', target, patch: { spec: { [action.field]: action.value } }, ...timing }
}

function changeOf(event: EnvironmentEventDescription): UserAction {
  const target = { ...typeOf(event.kind), ...keyOf(event.object) }
  if (event.type === 'delete') return { type: 'remove', target }
  return { type: 'patch', target, patch: { spec: { [event.field]: event.value } } }
}

function typeOf(kind: string): { readonly apiVersion: string; readonly kind: string } {
  return { apiVersion: API_VERSION, kind }
}

function keyOf(name: string): { readonly namespace: string; readonly name: string } {
  return { namespace: NAMESPACE, name }
}
