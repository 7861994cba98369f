/** Options and bodies that a server refuses or warns about, as upstream's validation does. */
import { describe, expect, it } from 'vitest'
import { startInProcessServer, type TranscriptRequest } from '../../test/conformance/in-process-server.ts'

const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps'
const configMap = (name: string, more: object = {}): object => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name },
  ...more,
})

function answers(request: TranscriptRequest): { status: number; causes?: unknown; warnings: readonly string[] } {
  const server = startInProcessServer()
  server.send({ method: 'POST', path: CONFIG_MAPS, body: configMap('there') })
  const { status, json, rawHeaders } = server.send(request)
  const details = (json as { details?: { causes?: readonly { reason: string; field: string }[] } }).details
  const causes = details?.causes?.map(({ reason, field }) => `${field} ${reason}`)
  return {
    status,
    ...(causes === undefined ? {} : { causes }),
    warnings: rawHeaders.filter((_, index) => rawHeaders[index - 1]?.toLowerCase() === 'warning'),
  }
}

describe('requests', () => {
  it('of built-in kinds are pruned with a warning, or refused', () => {
    const body = configMap('a', { dta: {} })
    const warned = answers({ method: 'POST', path: CONFIG_MAPS, body })
    expect(warned).toEqual({ status: 201, warnings: ['299 - "unknown field \\"dta\\""'] })
    const query = { fieldValidation: 'Strict' }
    expect(answers({ method: 'POST', path: CONFIG_MAPS, query, body }).status).toBe(400)
  })

  it('keep nulls only where a type holds any JSON', () => {
    const { json } = startInProcessServer().send({
      method: 'POST',
      path: '/apis/apps/v1/namespaces/default/controllerrevisions',
      body: {
        apiVersion: 'apps/v1',
        kind: 'ControllerRevision',
        metadata: { name: 'a', labels: null },
        data: { template: { creationTimestamp: null } },
        revision: 1,
      },
    })
    const { metadata, data } = json as { readonly metadata: object; readonly data: object }
    expect(metadata).not.toHaveProperty('labels')
    expect(data).toEqual({ template: { creationTimestamp: null } })
  })

  it('that run dry in part are invalid', () => {
    const refused = { status: 422, causes: ['dryRun FieldValueNotSupported'], warnings: [] }
    expect(answers({ method: 'POST', path: CONFIG_MAPS, query: { dryRun: 'Some' }, body: configMap('a') })).toEqual(
      refused,
    )
    expect(answers({ method: 'DELETE', path: `${CONFIG_MAPS}/there`, body: { dryRun: ['Some'] } })).toEqual(refused)
  })

  it('for what is not there yet are told to wait, of lists and of single objects', () => {
    const query = { resourceVersion: '999' }
    const refused = { status: 504, warnings: [] }
    expect(answers({ path: CONFIG_MAPS, query })).toMatchObject(refused)
    expect(answers({ path: `${CONFIG_MAPS}/there`, query })).toMatchObject(refused)
  })

  it('of a list take no options of a watch', () => {
    const causes = ['sendInitialEvents FieldValueForbidden']
    expect(answers({ path: CONFIG_MAPS, query: { sendInitialEvents: 'true' } })).toMatchObject({ status: 422, causes })
  })

  it('delete with DeleteOptions only, and no collection of namespaces', () => {
    expect(answers({ method: 'DELETE', path: `${CONFIG_MAPS}/there`, body: { kind: 'Other' } }).status).toBe(400)
    expect(answers({ method: 'DELETE', path: '/api/v1/namespaces' }).status).toBe(405)
    const body = { preconditions: { uid: 'other' } }
    expect(answers({ method: 'DELETE', path: CONFIG_MAPS, body }).status).toBe(409)
  })

  it('for logs find no container that has started', () => {
    const server = startInProcessServer()
    const path = '/api/v1/namespaces/default/pods'
    const spec = { containers: [{ name: 'a', image: 'x' }], nodeName: 'node' }
    server.send({ method: 'POST', path, body: { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' }, spec } })
    expect(server.send({ path: `${path}/none/log` }).status).toBe(404)
    const { status, text } = server.send({ path: `${path}/p/log` })
    expect({ status, text }).toMatchObject({ status: 400, text: expect.stringContaining('is waiting to start') })
  })

  it('may be YAML', () => {
    const bodyText = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: yaml\ndata: {a: b}\n'
    const headers = { 'Content-Type': 'application/yaml' }
    expect(answers({ method: 'POST', path: CONFIG_MAPS, headers, bodyText }).status).toBe(201)
  })
})
