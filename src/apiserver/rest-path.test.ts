import { describe, expect, it } from 'vitest'
import { createScheme, declareKind } from '#api/scheme.ts'
import { type ParsedRequest, parseRestRequest } from './rest-path.ts'

const table = createScheme([
  declareKind({ apiVersion: 'ex.test/v1', kind: 'Widget' }),
  declareKind({ apiVersion: 'ex.test/v1', kind: 'Node', namespaced: false }),
])

function parse(
  line: string,
  parts: { readonly contentType?: string; readonly accept?: string; readonly body?: string } = {},
): ParsedRequest {
  const [method = '', url = ''] = line.split(' ')
  const { pathname, searchParams } = new URL(url, 'http://server')
  return parseRestRequest(table, {
    method,
    path: pathname,
    query: searchParams,
    contentType: '',
    accept: '',
    body: '',
    ...parts,
  })
}

/** A request in short: `verb kind namespace/name/subresource`. */
function short(parsed: ParsedRequest): string {
  if (parsed.type === 'failure') return String(parsed.status.code)
  if (parsed.type === 'other') return 'other'
  const { verb, resource, namespace, name, subresource } = parsed.request
  return `${parsed.type === 'watch' ? 'watch' : verb} ${resource.group}/${resource.kind} ${namespace ?? '-'}/${name ?? '-'}/${subresource ?? '-'}`
}

describe('parseRestRequest', () => {
  it.each([
    ['GET /api/v1/pods', 'list /Pod -/-/-'],
    ['GET /api/v1/pods?watch=1', 'watch /Pod -/-/-'],
    ['GET /api/v1/namespaces/n/pods/p', 'get /Pod n/p/-'],
    ['GET /api/v1/namespaces/n/pods/p?watch=true', 'get /Pod n/p/-'],
    ['GET /api/v1/namespaces/n/pods/p/status', 'get /Pod n/p/status'],
    ['GET /api/v1/namespaces', 'list /Namespace -/-/-'],
    ['GET /api/v1/namespaces/n', 'get /Namespace -/n/-'],
    ['GET /api/v1/namespaces/n/status', 'get /Namespace -/n/status'],
    ['DELETE /apis/apps/v1/namespaces/n/deployments', 'deletecollection apps/Deployment n/-/-'],
    ['GET /apis/ex.test/v1/namespaces/n/widgets/a%2Eb', 'get ex.test/Widget n/a.b/-'],
    ['GET /apis/ex.test/v1/nodes/a', 'get ex.test/Node -/a/-'],
    ['GET /apis/ex.test/v1/namespaces/n/nodes', '404'],
    ['GET /apis/ex.test/v2/widgets', '404'],
    ['GET /apis/ex.test/v1/namespaces/n/widgets/a/status/more', '404'],
    ['POST /apis/ex.test/v1/widgets', '404'],
    ['POST /api/v1/pods', '405'],
    ['PUT /api/v1/namespaces/n/pods', '405'],
    ['POST /api/v1/namespaces/n/pods/p', '405'],
    ['GET /version', 'other'],
    ['GET /apis/apps/v1', 'other'],
    ['GET /apis', 'other'],
  ])('%s is %s', (line, expected) => {
    expect(short(parse(line))).toBe(expected)
  })

  it('reads options, the patch type and the body', () => {
    const parsed = parse('PATCH /api/v1/namespaces/n/pods/p?dryRun=All&fieldManager=me&force=true', {
      contentType: 'application/merge-patch+json; charset=utf-8',
      body: '{"a":1}',
    })
    expect(parsed).toMatchObject({
      type: 'request',
      request: {
        verb: 'patch',
        patchType: 'merge',
        body: { a: 1 },
        options: { dryRun: true, fieldManager: 'me', force: true },
      },
    })
  })

  it('refuses bodies and media types that it cannot read', () => {
    expect(short(parse('POST /api/v1/namespaces/n/pods', { body: '{' }))).toBe('400')
    expect(short(parse('POST /api/v1/namespaces/n/pods', { body: 'a: 1', contentType: 'text/plain' }))).toBe('415')
    expect(short(parse('GET /api/v1/pods', { accept: 'text/html' }))).toBe('406')
    expect(short(parse('DELETE /api/v1/namespaces/n/pods/p?gracePeriodSeconds=soon'))).toBe('400')
  })
})
