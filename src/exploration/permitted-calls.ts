/**
 * Refuses calls that a controller may not make. Whether it may depends on the call alone, so what is refused is no part
 * of the search: the controller's code gets its 403 in every state, and no request goes out.
 */
import type { ResourceTable } from '#api/resource.ts'
import { accessFault, type PolicyRule } from '#apiserver/admission/policy-rules.ts'
import { ScenarioError } from '#cluster/scenario-error.ts'
import type { HostCall, HostReply, RunRequest } from '#controller/host.ts'

/** Requests of runs with the permissions of their controllers. Those that are not named may do everything. */
export function permitCalls(
  table: () => ResourceTable,
  permissions: Readonly<Record<string, readonly PolicyRule[]>>,
): (request: RunRequest) => RunRequest {
  for (const [name, rules] of Object.entries(permissions))
    if (!Array.isArray(rules))
      throw new ScenarioError(
        `permissions.${name} is no list of rules. Write [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }].`,
      )
  return (request) => {
    const rules = Object.hasOwn(permissions, request.controller) ? permissions[request.controller] : undefined
    if (rules === undefined) return request
    return {
      ...request,
      respond: (call, batch) => refusal(rules, table(), request.controller, call) ?? request.respond(call, batch),
    }
  }
}

/** A cached read needs an informer, which lists and watches the kind everywhere. */
function refusal(
  rules: readonly PolicyRule[],
  table: ResourceTable,
  controller: string,
  call: HostCall,
): HostReply | undefined {
  if (!('type' in call) || call.type.kind === '*') return undefined
  const resource = table.byKind(call.type.apiVersion, call.type.kind)
  if (resource === undefined) return undefined
  const user = `system:serviceaccount:default:${controller}`
  const cached = 'cached' in call && call.cached
  const place = cached
    ? {}
    : {
        ...(call.namespace === undefined ? {} : { namespace: call.namespace }),
        ...(call.name === undefined || call.op === 'create' ? {} : { name: call.name }),
        ...(call.subresource === undefined ? {} : { subresource: call.subresource }),
      }
  for (const verb of cached ? ['list', 'watch'] : [call.op]) {
    const status = accessFault(rules, user, { verb, resource, ...place })
    if (status !== undefined) return { status }
  }
  return undefined
}
