import { describe, expect, it } from 'vitest'
import type { ResourceInfo } from '../resource.ts'
import { createScheme } from '../scheme.ts'
import {
  applyConfiguration,
  conflictMessage,
  decodeManagedFields,
  encodeManagedFields,
  type ManagedEntry,
  managedAfterUpdate,
} from './managed-fields.ts'
import { mergeTypeOf } from './merge-types.ts'
import { applyFault } from './typed-value.ts'

const deployments = createScheme().byKind('apps/v1', 'Deployment') as ResourceInfo
const type = mergeTypeOf(deployments)
const time = '2024-01-01T00:00:00Z'
const pod = (spec: object): object => ({ spec: { template: { spec } } })
const manager = (name: string) => ({ name, operation: 'Apply', apiVersion: 'apps/v1' }) as const

interface State {
  readonly value: unknown
  readonly managed: readonly ManagedEntry[]
}
const apply = (state: State, name: string, applied: object, force = false): State & { readonly message?: string } => {
  const { value: live, managed } = state
  const result = applyConfiguration({ type, live, applied, managed, manager: manager(name), force, time, ignored: [] })
  return 'conflicts' in result ? { ...state, message: conflictMessage(result.conflicts) } : result
}
const EMPTY: State = { value: {}, managed: [] }

describe('server-side apply of built-in kinds', () => {
  it('merges containers by name, ports by number and protocol, and their environment', () => {
    const first = apply(EMPTY, 'a', pod({ containers: [{ name: 'main', ports: [{ containerPort: 80 }] }] }))
    const second = apply(
      first,
      'b',
      pod({ containers: [{ name: 'main', ports: [{ containerPort: 80, protocol: 'UDP' }], env: [{ name: 'X' }] }] }),
    )
    expect(second.value).toEqual(
      pod({
        containers: [
          {
            name: 'main',
            ports: [{ containerPort: 80 }, { containerPort: 80, protocol: 'UDP' }],
            env: [{ name: 'X' }],
          },
        ],
      }),
    )
    expect(JSON.stringify(encodeManagedFields(first.managed))).toContain(
      String.raw`k:{\"containerPort\":80,\"protocol\":\"TCP\"}`,
    )
  })

  it('takes atomic parts as one value', () => {
    const first = apply(EMPTY, 'a', { spec: { selector: { matchLabels: { app: 'x' } } } })
    const second = apply(first, 'b', { spec: { selector: { matchLabels: { app: 'y' } } } })
    expect(second.message).toBe('Apply failed with 1 conflict: conflict with "a": .spec.selector')
    expect(apply(first, 'b', { spec: { selector: { matchLabels: { b: 'y' } } } }, true).value).toEqual({
      spec: { selector: { matchLabels: { b: 'y' } } },
    })
  })

  it('lists several conflicts by manager', () => {
    const a = apply(EMPTY, 'a', { spec: { replicas: 1 } })
    const b = apply(a, 'b', { spec: { paused: true } })
    expect(apply(b, 'c', { spec: { replicas: 2, paused: false } }).message).toBe(
      'Apply failed with 2 conflicts: conflicts with "a":\n- .spec.replicas\nconflicts with "b":\n- .spec.paused',
    )
  })

  it('keeps a removed element that another manager put fields into', () => {
    const a = apply(
      EMPTY,
      'a',
      pod({
        containers: [
          { name: 'x', image: 'x:1' },
          { name: 'y', image: 'y:1' },
        ],
      }),
    )
    const b = apply(a, 'b', pod({ containers: [{ name: 'x', tty: true }] }))
    expect(apply(b, 'a', pod({ containers: [] })).value).toEqual(pod({ containers: [{ name: 'x', tty: true }] }))
  })

  it('keeps live elements where they are, and new ones behind what they follow', () => {
    const container = (name: string): object => ({ name })
    const live = apply(EMPTY, 'a', pod({ containers: ['a', 'b', 'c'].map(container) }))
    const next = apply(live, 'b', pod({ containers: ['c', 'd'].map(container) }))
    expect(next.value).toEqual(pod({ containers: ['a', 'b', 'c', 'd'].map(container) }))
  })

  it('keeps what a live list repeats', () => {
    const env = [
      { name: 'X', value: '1' },
      { name: 'X', value: '2' },
    ]
    const live = { value: pod({ containers: [{ name: 'a', env }] }), managed: [] }
    const next = apply(live, 'b', pod({ containers: [{ name: 'a', env: [{ name: 'Y' }] }] }))
    expect(next.value).toEqual(pod({ containers: [{ name: 'a', env: [...env, { name: 'Y' }] }] }))
  })

  it('names what cannot be applied', () => {
    expect(applyFault(type, { spec: { nope: 1 } })).toBe('.spec.nope: field not declared in schema')
    expect(applyFault(type, { spec: { replicas: 'x' } })).toContain('.spec.replicas: expected numeric')
    expect(applyFault(type, pod({ containers: [{ name: 'a' }, { name: 'a' }] }))).toContain('duplicate entries')
    expect(applyFault(type, pod({ containers: [{ image: 'a' }] }))).toContain('omits key field "name"')
    expect(
      applyFault(type, pod({ containers: [{ name: 'a', resources: { limits: { cpu: 1, memory: '1Gi' } } }] })),
    ).toBeUndefined()
  })
})

describe('managedFields', () => {
  it('are the same after decoding and encoding', () => {
    const fieldsV1 = {
      'f:metadata': { 'f:labels': { '.': {}, 'f:a.b/c': {} } },
      'f:spec': { 'f:list': { 'k:{"name":"x"}': { '.': {}, 'f:name': {} }, 'v:1': {} } },
    }
    const entries = [{ manager: 'a', operation: 'Update', apiVersion: 'v1', time, fieldsType: 'FieldsV1', fieldsV1 }]
    expect(encodeManagedFields(decodeManagedFields(entries))).toEqual(entries)
  })

  it('that cannot be read count as none', () => {
    expect(decodeManagedFields([{ manager: 'a', operation: 'Apply', fieldsV1: { x: {} } }])).toEqual([])
    expect(decodeManagedFields('x')).toEqual([])
    expect(decodeManagedFields([{ manager: 'a', operation: 'Apply', fieldsV1: { 'k:{': {} } }])).toEqual([])
  })

  it('give a plain update what it changed, and take that from others', () => {
    const { value, managed } = apply(EMPTY, 'a', { spec: { replicas: 1, paused: true } })
    const after = managedAfterUpdate({
      type,
      old: value,
      next: { spec: { replicas: 2, paused: true } },
      managed,
      manager: { name: 'b', operation: 'Update', apiVersion: 'apps/v1' },
      time,
      ignored: [],
    })
    expect(
      after.map(({ name, fields }) => [name, [...(fields.children.get('f:spec')?.children.keys() ?? [])]]),
    ).toEqual([
      ['a', ['f:paused']],
      ['b', ['f:replicas']],
    ])
  })
})
