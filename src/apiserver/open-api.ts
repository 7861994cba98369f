/**
 * OpenAPI v3: an index of documents, and a document for each group and version. Enough for `kubectl explain`, for
 * clients that look whether a parameter is known, and for those that merge by schema.
 * Source: kube-openapi/pkg/{handler3,builder3}.
 */
import {
  builtInSchemaName,
  collectBuiltInSchemas,
  OBJECT_META_SCHEMA,
  type Schema,
} from '#api/merge/built-in-schemas.ts'
import { apiVersionOf, type ResourceInfo, type ResourceTable } from '#api/resource.ts'

/** The paths of all documents. */
export function openApiIndex(table: ResourceTable): object {
  const paths: Record<string, object> = {}
  for (const resource of table.all) {
    const path = documentPath(resource)
    paths[path] ??= { serverRelativeURL: `/openapi/v3/${path}` }
  }
  return { paths }
}

function documentPath(resource: ResourceInfo): string {
  return resource.group === '' ? `api/${resource.version}` : `apis/${resource.group}/${resource.version}`
}

const documents = new WeakMap<ResourceTable, Map<string, object>>()

/** The document of `api/v1` or `apis/GROUP/VERSION`; undefined for what is not served. Remembered for each table. */
export function openApiDocument(table: ResourceTable, path: string): object | undefined {
  let ofTable = documents.get(table)
  if (ofTable === undefined) documents.set(table, (ofTable = new Map()))
  const known = ofTable.get(path)
  if (known !== undefined) return known
  const resources = table.all.filter((resource) => documentPath(resource) === path)
  if (resources.length === 0) return undefined
  const document = documentOf(resources)
  ofTable.set(path, document)
  return document
}

function documentOf(resources: readonly ResourceInfo[]): object {
  const schemas: Record<string, Schema> = {}
  const paths: Record<string, object> = {}
  for (const resource of resources) {
    addSchemas(resource, schemas)
    addPaths(resource, paths)
  }
  return { openapi: '3.0.0', info: { title: 'Kubernetes', version: 'v1.35.0' }, paths, components: { schemas } }
}

function schemaNameOf(resource: ResourceInfo): string {
  const builtIn = resource.custom ? undefined : builtInSchemaName(resource)
  if (builtIn !== undefined) return builtIn
  const reversed = (resource.group || 'core').split('.').reverse().join('.')
  return `${reversed}.${resource.version}.${resource.kind}`
}

function addSchemas(resource: ResourceInfo, schemas: Record<string, Schema>): void {
  const name = schemaNameOf(resource)
  const { group, version, kind } = resource
  collectBuiltInSchemas([name, OBJECT_META_SCHEMA], schemas)
  const source = (schemas[name] ?? resource.schema?.source ?? { type: 'object' }) as Schema
  const properties = {
    apiVersion: { type: 'string' },
    kind: { type: 'string' },
    ...(source['properties'] as object | undefined),
    metadata: { allOf: [{ $ref: `#/components/schemas/${OBJECT_META_SCHEMA}` }] },
  }
  schemas[name] = { ...source, properties, 'x-kubernetes-group-version-kind': [{ group, kind, version }] }
  schemas[`${name}List`] = {
    type: 'object',
    required: ['items'],
    properties: {
      apiVersion: { type: 'string' },
      kind: { type: 'string' },
      items: { type: 'array', items: { $ref: `#/components/schemas/${name}` } },
      metadata: { type: 'object' },
    },
    'x-kubernetes-group-version-kind': [{ group, kind: resource.listKind ?? `${kind}List`, version }],
  }
}

const query = (name: string, type: string): object => ({ name, in: 'query', schema: { type, uniqueItems: true } })
const segment = (name: string): object => ({ name, in: 'path', required: true, schema: { type: 'string' } })
const WRITE_PARAMETERS = [
  query('dryRun', 'string'),
  query('fieldManager', 'string'),
  query('fieldValidation', 'string'),
]
const LIST_PARAMETERS = [
  ...['continue', 'fieldSelector', 'labelSelector', 'resourceVersion', 'resourceVersionMatch'].map((name) =>
    query(name, 'string'),
  ),
  ...['limit', 'timeoutSeconds'].map((name) => query(name, 'integer')),
  ...['allowWatchBookmarks', 'sendInitialEvents', 'watch'].map((name) => query(name, 'boolean')),
]

const ACTIONS: Readonly<Record<string, { readonly action: string; readonly parameters: readonly object[] }>> = {
  list: { action: 'list', parameters: LIST_PARAMETERS },
  post: { action: 'post', parameters: WRITE_PARAMETERS },
  get: { action: 'get', parameters: [] },
  put: { action: 'put', parameters: WRITE_PARAMETERS },
  patch: { action: 'patch', parameters: [...WRITE_PARAMETERS, query('force', 'boolean')] },
  delete: {
    action: 'delete',
    parameters: [
      query('dryRun', 'string'),
      query('gracePeriodSeconds', 'integer'),
      query('propagationPolicy', 'string'),
    ],
  },
}

function addPaths(resource: ResourceInfo, paths: Record<string, object>): void {
  const { group, version, kind, namespaced } = resource
  const root = group === '' ? `/api/${version}` : `/apis/${apiVersionOf(resource)}`
  const collection = namespaced ? `${root}/namespaces/{namespace}/${resource.resource}` : `${root}/${resource.resource}`
  const reference = { $ref: `#/components/schemas/${schemaNameOf(resource)}` }
  const operation = (name: string, schema: object): object => {
    const { action, parameters } = ACTIONS[name] as (typeof ACTIONS)[string]
    const body = { content: { 'application/json': { schema } } }
    return {
      operationId: `${action}${group.replace(/[^a-z0-9]/gi, '')}${version}${kind}`,
      parameters,
      ...(name === 'post' || name === 'put' ? { requestBody: body } : {}),
      responses: { '200': { description: 'OK', ...body } },
      'x-kubernetes-action': action,
      'x-kubernetes-group-version-kind': { group, kind, version },
    }
  }
  const list = { $ref: `#/components/schemas/${schemaNameOf(resource)}List` }
  const inNamespace = namespaced ? [segment('namespace')] : []
  if (namespaced) paths[`${root}/${resource.resource}`] = { get: operation('list', list) }
  paths[collection] = { get: operation('list', list), post: operation('post', reference), parameters: inNamespace }
  paths[`${collection}/{name}`] = {
    get: operation('get', reference),
    put: operation('put', reference),
    patch: operation('patch', reference),
    delete: operation('delete', reference),
    parameters: [segment('name'), ...inNamespace],
  }
}
