/**
 * Rules of a Role or ClusterRole, and whether they allow a request.
 * Source: kubernetes/pkg/apis/rbac/v1/evaluation_helpers.go, apiserver/pkg/endpoints/handlers/responsewriters/errors.go.
 */
import type { ResourceInfo } from '#api/resource.ts'
import type { Status } from '#api/status.ts'
import { failure } from '#api/status-errors.ts'

export interface PolicyRule {
  readonly apiGroups?: readonly string[]
  /** `pods`, `pods/status`, `*`, or any resource's subresource by `*`/scale. */
  readonly resources?: readonly string[]
  readonly verbs: readonly string[]
  readonly resourceNames?: readonly string[]
}

/** A request as authorization sees it. `verb` is get, list, watch, create, update, patch, delete or deletecollection. */
export interface AccessRequest {
  readonly verb: string
  readonly resource: ResourceInfo
  readonly subresource?: string
  readonly namespace?: string
  readonly name?: string
}

/** The 403 of a request that no rule allows. */
export function accessFault(rules: readonly PolicyRule[], user: string, request: AccessRequest): Status | undefined {
  if (rules.some((rule) => allows(rule, request))) return undefined
  const { verb, resource, subresource, namespace = '', name = '' } = request
  const full = resource.group === '' ? resource.resource : `${resource.resource}.${resource.group}`
  const part = subresource === undefined ? '' : `/${subresource}`
  const scope = namespace === '' ? 'at the cluster scope' : `in the namespace "${namespace}"`
  const subject = name === '' ? full : `${full} "${name}"`
  const why = `User "${user}" cannot ${verb} resource "${resource.resource}${part}" in API group "${resource.group}" ${scope}`
  const details = {
    ...(name === '' ? {} : { name }),
    ...(resource.group === '' ? {} : { group: resource.group }),
    kind: resource.resource,
  }
  return failure(403, 'Forbidden', `${subject} is forbidden: ${why}`, details)
}

function allows(rule: PolicyRule, { verb, resource, subresource, name }: AccessRequest): boolean {
  const has = (values: readonly string[] | undefined, value: string): boolean =>
    values?.includes('*') === true || values?.includes(value) === true
  if (!has(rule.verbs, verb) || !has(rule.apiGroups, resource.group)) return false
  const { resources, resourceNames = [] } = rule
  const wanted = subresource === undefined ? resource.resource : `${resource.resource}/${subresource}`
  if (!has(resources, wanted) && !(subresource !== undefined && resources?.includes(`*/${subresource}`))) return false
  return resourceNames.length === 0 || (name !== undefined && resourceNames.includes(name))
}
