/**
 * A view that is stuck: what a client reads of some kinds is what was there at one moment of a history, for ever. Its
 * other reads, and all its writes, are those of the client that it is made over.
 */

import { matchesFields, parseFieldSelector } from '#api/field-selectors.ts'
import type { KubernetesObject, TypeReference } from '#api/object.ts'
import { compileLabelSelector } from '#api/selectors.ts'
import { notFound } from '#api/status-errors.ts'
import type { Client, ListOptions, Reader } from '#controller/client.ts'
import { createReader } from '#controller/create-client.ts'
import type { HostCall, HostReply } from '#controller/host.ts'

/** What is seen of one kind. */
export interface StuckKind {
  readonly type: TypeReference
  /** The plural and group, as NotFound names them. */
  readonly resource: { readonly group: string; readonly resource: string }
  readonly objects: readonly KubernetesObject[]
}

export function stuckClient(client: Client, kinds: readonly StuckKind[]): Client {
  const readers = kinds.map((kind) => ({
    type: kind.type,
    reader: createReader((call) => answer(call, kind), { cached: true }),
  }))
  const readerOf = ({ apiVersion, kind }: TypeReference): Reader =>
    readers.find(({ type }) => type.apiVersion === apiVersion && type.kind === kind)?.reader ?? client
  return {
    get: (type, key) => readerOf(type).get(type, key),
    tryGet: (type, key) => readerOf(type).tryGet(type, key),
    list: <T>(type: TypeReference, options?: ListOptions) => readerOf(type).list<T>(type, options),
    create: (object) => client.create(object),
    update: (object) => client.update(object),
    patch: (object, patch, options) => client.patch(object, patch, options),
    apply: (object, options) => client.apply(object, options),
    delete: (object, options) => client.delete(object, options),
    deleteAllOf: (type, options) => client.deleteAllOf(type, options),
    status: () => client.status(),
    subResource: (name) => client.subResource(name),
  }
}

function answer(call: HostCall, { objects, resource }: StuckKind): HostReply {
  if (call.op === 'get') {
    const found = objects.find(
      ({ metadata }) => metadata.name === call.name && (metadata.namespace ?? '') === (call.namespace ?? ''),
    )
    return found === undefined ? { status: notFound(resource, call.name ?? '') } : { object: found }
  }
  if (call.op !== 'list') throw new Error(`a stuck view answers no ${call.op}`)
  const hasLabels = compileLabelSelector(call.labelSelector ?? '')
  const fields = parseFieldSelector(call.fieldSelector ?? '')
  if (typeof fields === 'string') throw new Error(fields)
  const items = objects.filter(
    (object) =>
      (call.namespace === undefined || object.metadata.namespace === call.namespace) &&
      hasLabels(object) &&
      matchesFields(fields, object),
  )
  return { items }
}
