/** Expected values are what Go's types of k8s.io/api v0.35.0 made of the same JSON. */
import { describe, expect, it } from 'vitest'
import { deepFreeze } from '../clone.ts'
import { canonicalQuantity } from '../structural-schema/quantity-text.ts'
import { decodeBuiltIn } from './decode-built-in.ts'
import { builtInType, type MergeType } from './merge-types.ts'

const typeOf = (kind: string): MergeType => builtInType(kind) as MergeType
const decodePod = (spec: unknown) => decodeBuiltIn(typeOf('/v1/Pod'), { apiVersion: 'v1', kind: 'Pod', spec })

describe('objects of built-in kinds, decoded', () => {
  it('are themselves when there is nothing to change', () => {
    const pod = deepFreeze({
      metadata: { name: 'a', creationTimestamp: '2024-01-01T00:00:00Z' },
      spec: { containers: [{ name: 'a', resources: { limits: { cpu: '500m' } }, ports: [{ containerPort: 80 }] }] },
    })
    expect(decodeBuiltIn(typeOf('/v1/Pod'), pod).value).toBe(pod)
  })

  it('lose what nobody declared, and it is named', () => {
    const { value, unknown } = decodePod({ containers: [{ name: 'a', extra: 1 }, { name: 'b' }], other: {} })
    expect(value).toEqual({ apiVersion: 'v1', kind: 'Pod', spec: { containers: [{ name: 'a' }, { name: 'b' }] } })
    expect(unknown).toEqual(['spec.containers[0].extra', 'spec.other'])
  })

  it('keep any key of a map, and what is of any shape', () => {
    const data = { anything: [1, { a: null }] }
    const revision = { data, revision: 1 }
    expect(decodeBuiltIn(typeOf('apps/v1/ControllerRevision'), revision)).toEqual({ value: revision, unknown: [] })
    const pod = { nodeSelector: { 'a/b': 'c', ['__proto__']: 'd' } }
    expect(decodePod(pod).unknown).toEqual([])
  })

  it('have no null: an absent field, an empty item, an empty value of a map', () => {
    const { value } = decodePod({ hostNetwork: null, containers: [null], nodeSelector: { a: null } })
    expect(value).toEqual({ apiVersion: 'v1', kind: 'Pod', spec: { containers: [{}], nodeSelector: { a: '' } } })
  })

  it.each([
    [
      { containers: [{ name: 1 }] },
      'cannot unmarshal number into Go struct field Container.spec.containers.name of type string',
    ],
    [
      { containers: 'x' },
      'cannot unmarshal string into Go struct field PodSpec.spec.containers of type []v1.Container',
    ],
    [
      { containers: [{ ports: [{ containerPort: 'x' }] }] },
      'cannot unmarshal string into Go struct field ContainerPort.spec.containers.ports.containerPort of type int32',
    ],
    [
      { nodeSelector: { a: 1 } },
      'cannot unmarshal number into Go struct field PodSpec.spec.nodeSelector of type string',
    ],
    [
      { nodeSelector: [] },
      'cannot unmarshal array into Go struct field PodSpec.spec.nodeSelector of type map[string]string',
    ],
    [{ hostNetwork: 'x' }, 'cannot unmarshal string into Go struct field PodSpec.spec.hostNetwork of type bool'],
    ['x', 'cannot unmarshal string into Go struct field Pod.spec of type v1.PodSpec'],
  ])('are refused with a value of another type: %j', (spec, fault) => {
    expect(decodePod(spec).fault).toBe(`json: ${fault}`)
  })

  it('are refused with times and quantities that are none', () => {
    expect(decodePod({ containers: [{ resources: { requests: { cpu: 'x' } } }] }).fault).toMatch(
      /^quantities must match/,
    )
    expect(decodeBuiltIn(typeOf('coordination.k8s.io/v1/Lease'), { spec: { renewTime: 'x' } }).fault).toMatch(
      /^parsing time "x"/,
    )
  })

  it('have times in UTC, with six decimals or none', () => {
    const spec = { renewTime: '2024-01-02T03:04:05+01:00', acquireTime: '2024-01-02T03:04:05.123Z' }
    expect(decodeBuiltIn(typeOf('coordination.k8s.io/v1/Lease'), { spec }).value).toEqual({
      spec: { renewTime: '2024-01-02T02:04:05.000000Z', acquireTime: '2024-01-02T03:04:05.123000Z' },
    })
    const event = { firstTimestamp: '2024-01-02T03:04:05.9Z' }
    expect(decodeBuiltIn(typeOf('/v1/Event'), event).value).toEqual({ firstTimestamp: '2024-01-02T03:04:05Z' })
  })
})

describe('the text of a quantity', () => {
  it.each([
    ['0.5', '500m'],
    ['1024Mi', '1Gi'],
    ['1000m', '1'],
    ['1e3', '1e3'],
    ['0.1Gi', '107374182400m'],
    ['1.5Gi', '1536Mi'],
    ['1500Mi', '1500Mi'],
    ['1000000', '1M'],
    ['12e6', '12e6'],
    ['+1', '+1'],
    ['0.0001n', '1n'],
    ['1024', '1024'],
    ['0.5Ki', '512'],
    ['0.00', '0'],
    ['1.0', '1'],
    ['-1', '-1'],
    ['1500m', '1500m'],
  ])('%s is answered as %s', (text, canonical) => {
    expect(canonicalQuantity(text)).toBe(canonical)
  })

  it.each(['', 'x', '1x', '1 Gi', '1'.repeat(300)])('%j is none', (text) => {
    expect(canonicalQuantity(text)).toBeUndefined()
  })
})
