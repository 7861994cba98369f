import { expect, it } from 'vitest'
import { redactSecrets } from './redact.ts'

it('numbers equal data of Secrets alike, in objects and in differences', () => {
  const secret = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 's' },
    type: 'Opaque',
    data: { a: 'eA==', b: 'eQ==' },
    stringData: { c: 'eA==' },
  }
  expect(
    redactSecrets({
      list: [secret],
      fork: [{ object: 'Secret default/s', path: 'data.a', left: 'eA==', right: undefined }],
    }),
  ).toEqual({
    list: [{ ...secret, data: { a: '(redacted 1)', b: '(redacted 2)' }, stringData: { c: '(redacted 1)' } }],
    fork: [{ object: 'Secret default/s', path: 'data.a', left: '(redacted 1)', right: undefined }],
  })
})

it('does not copy what holds no Secret', () => {
  const report = { path: [{ apiVersion: 'v1', kind: 'ConfigMap', data: { a: '1' } }] }
  expect(redactSecrets(report)).toBe(report)
})
