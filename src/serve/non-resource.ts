/** Paths outside the resources: discovery, OpenAPI, version, health, and this server's own `compact`. */
import { aggregatedDiscovery, discoveryDocument } from '#apiserver/discovery.ts'
import { openApiDocument, openApiIndex } from '#apiserver/open-api.ts'
import { parametersOf } from '#apiserver/representation.ts'
import type { RestRequest } from '#apiserver/rest-path.ts'
import type { LiveState } from './live-state.ts'

export interface TextAnswer {
  readonly code: number
  readonly type: string
  readonly text: string
}

/** The release whose behaviour is followed. */
const VERSION = {
  major: '1',
  minor: '35',
  gitVersion: 'v1.35.0+kamera',
  gitCommit: '',
  gitTreeState: 'clean',
  buildDate: '1970-01-01T00:00:00Z',
  goVersion: 'go0',
  compiler: 'kamera',
  platform: 'any',
}

/** The answer of a path that is no resource; undefined for all others. */
export function nonResource({ live }: { readonly live: LiveState }, rest: RestRequest): TextAnswer | undefined {
  const { method } = rest
  const path = rest.path.length > 1 ? rest.path.replace(/\/+$/, '') : rest.path
  if (method === 'POST' && path === '/kamera.dev/compact') {
    live.compact()
    return json({ compacted: true })
  }
  if (method !== 'GET' && method !== 'HEAD') return undefined
  if (/^\/(healthz|livez|readyz)(\/[a-z0-9-]+)?$/.test(path))
    return { code: 200, type: 'text/plain; charset=utf-8', text: 'ok' }
  if (path === '/version') return json(VERSION)
  if (path === '/')
    return json({ paths: ['/api', '/apis', '/healthz', '/livez', '/openapi/v3', '/readyz', '/version'] })
  if (path === '/openapi/v3') return json(openApiIndex(live.served()))
  if (path.startsWith('/openapi/v3/')) {
    const document = openApiDocument(live.served(), path.slice('/openapi/v3/'.length))
    return document === undefined ? undefined : json(document)
  }
  if (path === '/api' || path === '/apis') {
    const apiVersion = aggregatedVersion(rest.accept)
    if (apiVersion !== undefined) {
      const type = `application/json;g=apidiscovery.k8s.io;v=${apiVersion.split('/')[1]};as=APIGroupDiscoveryList`
      const root = path === '/api' ? 'api' : 'apis'
      return { code: 200, type, text: JSON.stringify(aggregatedDiscovery(live.served(), root, apiVersion)) }
    }
  }
  const document = discoveryDocument(live.served(), path)
  return document === undefined ? undefined : json(document)
}

/** The version of the aggregated form that is asked for; undefined for the plain one. */
function aggregatedVersion(accept: string): string | undefined {
  for (const range of accept.split(',')) {
    const parameters = parametersOf(range)
    if (parameters.get('as') !== 'APIGroupDiscoveryList') {
      if (range.trim().startsWith('application/json')) return undefined
      continue
    }
    const version = parameters.get('v')
    if (version === 'v2' || version === 'v2beta1') return `apidiscovery.k8s.io/${version}`
  }
  return undefined
}

function json(body: object): TextAnswer {
  return { code: 200, type: 'application/json', text: JSON.stringify(body) }
}
