/**
 * Discovery: which groups, versions and resources a table serves.
 * Source: apiserver/pkg/endpoints/{discovery,installer.go}, the aggregated form of apidiscovery.k8s.io/v2.
 */
import { apiVersionOf, type ResourceInfo, type ResourceTable } from '#api/resource.ts'

const OBJECT_VERBS = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'] as const
const SINGLE_VERBS = OBJECT_VERBS.filter((verb) => verb !== 'deletecollection')
const UPDATE_VERBS = ['get', 'patch', 'update'] as const

interface GroupVersion {
  readonly group: string
  readonly version: string
}

/** What a resource or subresource answers, and how. */
interface Entry {
  readonly name: string
  readonly kind: string
  readonly verbs: readonly string[]
  /** Where the kind is of another group and version. */
  readonly from?: GroupVersion
}

/** The body of `/api`, `/apis`, `/api/v1`, `/apis/GROUP` or `/apis/GROUP/VERSION`; undefined for any other path. */
export function discoveryDocument(table: ResourceTable, path: string): object | undefined {
  const [root, group, version, ...rest] = path.split('/').filter((part) => part !== '')
  if (rest.length > 0) return undefined
  if (root === 'api') {
    if (group === undefined) return { kind: 'APIVersions', versions: ['v1'], serverAddressByClientCIDRs: [] }
    return version === undefined ? resourceList(table, { group: '', version: group }) : undefined
  }
  if (root !== 'apis') return undefined
  if (group === undefined) {
    const groups = [...groupsOf(table)].filter(([name]) => name !== '')
    return {
      kind: 'APIGroupList',
      apiVersion: 'v1',
      groups: groups.map(([name, versions]) => apiGroup(name, versions)),
    }
  }
  if (version !== undefined) return resourceList(table, { group, version })
  const versions = groupsOf(table).get(group)
  return versions === undefined ? undefined : { kind: 'APIGroup', apiVersion: 'v1', ...apiGroup(group, versions) }
}

/** `apidiscovery.k8s.io/v2`: everything below `/api` or `/apis` in one document. */
export function aggregatedDiscovery(table: ResourceTable, root: 'api' | 'apis', apiVersion: string): object {
  const items = [...groupsOf(table)]
    .filter(([group]) => (group === '') === (root === 'api'))
    .map(([group, versions]) => ({
      metadata: { ...(group === '' ? {} : { name: group }), creationTimestamp: null },
      versions: versions.map((version) => ({
        version,
        resources: resourcesOf(table, { group, version }).map(aggregatedResource),
        freshness: 'Current',
      })),
    }))
  return { kind: 'APIGroupDiscoveryList', apiVersion, metadata: {}, items }
}

function aggregatedResource(resource: ResourceInfo): object {
  const [main, ...subresources] = entriesOf(resource) as [Entry, ...Entry[]]
  const responseKind = ({ kind, from }: Entry): object => ({
    group: from?.group ?? resource.group,
    version: from?.version ?? resource.version,
    kind,
  })
  return {
    resource: resource.resource,
    responseKind: responseKind(main),
    scope: resource.namespaced ? 'Namespaced' : 'Cluster',
    singularResource: resource.singular ?? resource.kind.toLowerCase(),
    verbs: main.verbs,
    ...(resource.shortNames === undefined ? {} : { shortNames: resource.shortNames }),
    ...(resource.categories === undefined ? {} : { categories: resource.categories }),
    ...(subresources.length === 0
      ? {}
      : {
          subresources: subresources.map((entry) => ({
            subresource: entry.name,
            responseKind: responseKind(entry),
            verbs: entry.verbs,
          })),
        }),
  }
}

/** Versions by group, the preferred one first. */
function groupsOf(table: ResourceTable): ReadonlyMap<string, readonly string[]> {
  const groups = new Map<string, Set<string>>()
  for (const { group, version } of table.all) {
    const versions = groups.get(group)
    if (versions === undefined) groups.set(group, new Set([version]))
    else versions.add(version)
  }
  return new Map([...groups].map(([group, versions]) => [group, [...versions].sort(compareVersions)]))
}

const VERSION = /^v([0-9]+)(?:(alpha|beta)([0-9]+))?$/
const MATURITY: Readonly<Record<string, number>> = { alpha: 0, beta: 1 }

/** Kubernetes' order of versions: stable before beta before alpha, later before earlier, then the rest by name. */
function compareVersions(a: string, b: string): number {
  const [left, right] = [VERSION.exec(a), VERSION.exec(b)]
  if (left === null || right === null) {
    if (left !== null || right !== null) return left !== null ? -1 : 1
    return a < b ? -1 : 1
  }
  const rank = (match: RegExpExecArray): readonly [number, number, number] => [
    match[2] === undefined ? 2 : (MATURITY[match[2]] as number),
    Number(match[1]),
    Number(match[3] ?? 0),
  ]
  const [first, second] = [rank(left), rank(right)]
  for (let i = 0; i < 3; i++) if (first[i] !== second[i]) return (second[i] as number) - (first[i] as number)
  return 0
}

function apiGroup(name: string, versions: readonly string[]): object {
  const listed = versions.map((version) => ({ groupVersion: `${name}/${version}`, version }))
  return { name, versions: listed, preferredVersion: listed[0] }
}

function resourcesOf(table: ResourceTable, { group, version }: GroupVersion): readonly ResourceInfo[] {
  return table.all.filter((resource) => resource.group === group && resource.version === version)
}

function resourceList(table: ResourceTable, groupVersion: GroupVersion): object | undefined {
  const resources = resourcesOf(table, groupVersion)
  if (resources.length === 0) return undefined
  return {
    kind: 'APIResourceList',
    apiVersion: 'v1',
    groupVersion: apiVersionOf(groupVersion),
    resources: resources.flatMap(listedResources),
  }
}

function listedResources(resource: ResourceInfo): readonly object[] {
  const { namespaced, shortNames, categories } = resource
  return entriesOf(resource).map(({ name, kind, verbs, from }, index) => ({
    name: index === 0 ? name : `${resource.resource}/${name}`,
    singularName: index === 0 ? (resource.singular ?? resource.kind.toLowerCase()) : '',
    namespaced,
    ...(from === undefined ? {} : from),
    kind,
    verbs,
    ...(index > 0 || shortNames === undefined ? {} : { shortNames }),
    ...(index > 0 || categories === undefined ? {} : { categories }),
  }))
}

const OTHER_SUBRESOURCES: Readonly<Record<string, Omit<Entry, 'name'>>> = {
  binding: { kind: 'Binding', verbs: ['create'] },
  eviction: { kind: 'Eviction', verbs: ['create'], from: { group: 'policy', version: 'v1' } },
  token: { kind: 'TokenRequest', verbs: ['create'], from: { group: 'authentication.k8s.io', version: 'v1' } },
  log: { kind: 'Pod', verbs: ['get'] },
  finalize: { kind: 'Namespace', verbs: ['update'] },
}

/** The resource itself, then its subresources. */
function entriesOf(resource: ResourceInfo): readonly Entry[] {
  const { kind, statusSubresource, scale, subresources = [] } = resource
  return [
    { name: resource.resource, kind, verbs: resource.deletesCollections === false ? SINGLE_VERBS : OBJECT_VERBS },
    ...subresources.map((name) => ({ name, ...(OTHER_SUBRESOURCES[name] ?? { kind, verbs: UPDATE_VERBS }) })),
    ...(scale === undefined
      ? []
      : [{ name: 'scale', kind: 'Scale', verbs: UPDATE_VERBS, from: { group: 'autoscaling', version: 'v1' } }]),
    ...(statusSubresource ? [{ name: 'status', kind, verbs: UPDATE_VERBS }] : []),
  ]
}
