/**
 * The table of kinds that an API server serves.
 */
import { builtInKinds } from './built-in-kinds.ts'
import { parseApiVersion } from './group-version-kind.ts'
import type { TypeReference } from './object.ts'
import { apiVersionOf, type ResourceInfo, type ResourceTable, resourceInfo } from './resource.ts'

/** Kubernetes' built-in kinds and `extra`; a later entry replaces an earlier one of the same version and plural. */
export function createScheme(extra: readonly ResourceInfo[] = []): ResourceTable {
  return resourceTable([...builtInKinds, ...extra])
}

/** Only these kinds. */
export function resourceTable(resources: readonly ResourceInfo[]): ResourceTable {
  const byKind = new Map<string, Map<string, ResourceInfo>>()
  const byResource = new Map<string, ResourceInfo>()
  for (const resource of resources) {
    const apiVersion = apiVersionOf(resource)
    let kinds = byKind.get(apiVersion)
    if (kinds === undefined) byKind.set(apiVersion, (kinds = new Map()))
    kinds.set(resource.kind, resource)
    byResource.set(`${resource.group}/${resource.version}/${resource.resource}`, resource)
  }
  return Object.freeze({
    byKind: (apiVersion: string, kind: string) => byKind.get(apiVersion)?.get(kind),
    byResource: (group: string, version: string, resource: string) => byResource.get(`${group}/${version}/${resource}`),
    all: Object.freeze([...byResource.values()]),
  })
}

/** A custom kind without a CRD. Defaults: plural = kind in lower case + 's', namespaced, status subresource. */
export function declareKind(
  declaration: TypeReference & {
    readonly plural?: string
    readonly namespaced?: boolean
    readonly statusSubresource?: boolean
  },
): ResourceInfo {
  const { group, version } = parseApiVersion(declaration.apiVersion) ?? { group: '', version: declaration.apiVersion }
  return resourceInfo({
    group,
    version,
    kind: declaration.kind,
    resource: declaration.plural ?? `${declaration.kind.toLowerCase()}s`,
    namespaced: declaration.namespaced ?? true,
    statusSubresource: declaration.statusSubresource ?? true,
    generation: 'content',
    custom: true,
    unconditionalUpdate: false,
  })
}
