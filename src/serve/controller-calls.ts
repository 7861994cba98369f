/** The calls of a controller, answered by a live state. Cached reads see the newest state. */
import type { KubernetesObject } from '#api/object.ts'
import type { ResourceInfo } from '#api/resource.ts'
import type { Status } from '#api/status.ts'
import { notFound } from '#api/status-errors.ts'
import { withResourceVersion } from '#apiserver/apiserver.ts'
import type { ApiRequest, ApiResponse, RequestOptions } from '#apiserver/request.ts'
import type { HostCall, HostReply, ReadCall, WriteCall } from '#controller/host.ts'
import type { LiveState } from './live-state.ts'
import { executeAdmitted } from './webhook-calls.ts'

/** The index on owner uids, which every informer of a controller is taken to have. */
const OWNER_UID = 'metadata.ownerReferences.uid='

/** Answers one call. `manager`: the field manager of writes that name none. */
export function answerCall(live: LiveState, call: HostCall, manager: string): HostReply {
  if (call.op === 'now') return { value: live.state().nowMs }
  if (call.op === 'random') throw new Error('a live controller has its own random numbers')
  if (call.op === 'event') throw new Error('a live control plane calls no event handlers')
  if (call.op === 'external') throw new Error(`${call.system}: a live control plane has no external systems`)
  if (call.op === 'list' && (call.type.kind === '*' || call.fieldSelector?.startsWith(OWNER_UID) === true))
    return { items: listByOwner(live, call) }
  const resource = live.served().byKind(call.type.apiVersion, call.type.kind)
  if (resource === undefined)
    return { status: notFound({ group: '', resource: call.type.kind.toLowerCase() }, nameOf(call)) }
  return replyOf(call, live.execute(requestOf(call, resource, manager)))
}

/** As `answerCall`; writes meet webhooks, which may have to be waited for, and quotas. */
export function answerAdmitted(live: LiveState, call: HostCall, manager: string): HostReply | Promise<HostReply> {
  if (!isWrite(call)) return answerCall(live, call, manager)
  const resource = live.served().byKind(call.type.apiVersion, call.type.kind)
  if (resource === undefined) return answerCall(live, call, manager)
  return executeAdmitted(live, requestOf(call, resource, manager)).then((response) => replyOf(call, response))
}

function isWrite(call: HostCall): call is WriteCall {
  return ['create', 'update', 'patch', 'delete', 'deletecollection'].includes(call.op)
}

function replyOf(call: HostCall, { code, body }: ApiResponse): HostReply {
  if (code >= 400) return { status: body as Status }
  if (call.op === 'list') return { items: (body as { readonly items: readonly KubernetesObject[] }).items }
  return { object: body as KubernetesObject }
}

function nameOf(call: ReadCall | WriteCall): string {
  return call.name ?? ''
}

function requestOf(call: ReadCall | WriteCall, resource: ResourceInfo, manager: string): ApiRequest {
  const namespace = resource.namespaced ? call.namespace : undefined
  const place = {
    resource,
    ...(namespace === undefined ? {} : { namespace }),
    ...(call.name === undefined ? {} : { name: call.name }),
    ...(call.subresource === undefined ? {} : { subresource: call.subresource }),
  }
  if (call.op === 'get') return { verb: 'get', ...place }
  if (call.op === 'list') {
    const { labelSelector = '', fieldSelector = '' } = call as ReadCall
    return { verb: 'list', ...place, options: { labelSelector, fieldSelector } }
  }
  const { body, patchType, options } = call as WriteCall
  return {
    verb: call.op,
    ...place,
    options: { fieldManager: manager, ...(options as RequestOptions | undefined) },
    ...(body === undefined ? {} : { body }),
    ...(patchType === undefined ? {} : { patchType }),
  }
}

function listByOwner(live: LiveState, { type, namespace, fieldSelector = '' }: ReadCall): readonly KubernetesObject[] {
  const uid = fieldSelector.startsWith(OWNER_UID) ? fieldSelector.slice(OWNER_UID.length) : undefined
  const served = live.served()
  const resources = type.kind === '*' ? served.all : [served.byKind(type.apiVersion, type.kind)]
  const seen = new Set<string>()
  const objects: KubernetesObject[] = []
  for (const resource of resources) {
    if (resource === undefined || seen.has(resource.key)) continue
    seen.add(resource.key)
    for (const stored of live.state().list(resource, namespace)) {
      const owners = stored.body.metadata.ownerReferences ?? []
      if (uid === undefined || owners.some((owner) => owner.uid === uid)) objects.push(withResourceVersion(stored))
    }
  }
  return objects
}
