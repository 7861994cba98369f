import { describe, expect, it } from 'vitest'
import { createScheme } from '../scheme.ts'
import { mergeTypeOf } from './merge-types.ts'
import { applyStrategicMergePatch } from './strategic-merge-patch.ts'

const pod = mergeTypeOf(
  createScheme().byKind('v1', 'Pod') as NonNullable<ReturnType<ReturnType<typeof createScheme>['byKind']>>,
)
const patched = (spec: object, patch: object): unknown => {
  const result = applyStrategicMergePatch({ spec }, { spec: patch }, pod)
  return result.type === 'ok' ? (result.value as { readonly spec: unknown }).spec : result.message
}
const named = (...names: readonly string[]): readonly object[] => names.map((name) => ({ name }))

describe('strategic merge patch', () => {
  it('merges containers by name and their environment by name, leaving the rest', () => {
    const spec = { containers: [{ name: 'a', image: 'a:1', env: [{ name: 'X', value: '1' }] }, { name: 'b' }] }
    const patch = { containers: [{ name: 'a', env: [{ name: 'Y', value: '2' }] }] }
    expect(patched(spec, patch)).toEqual({
      containers: [
        {
          name: 'a',
          image: 'a:1',
          env: [
            { name: 'Y', value: '2' },
            { name: 'X', value: '1' },
          ],
        },
        { name: 'b' },
      ],
    })
  })

  it('replaces lists without a patch strategy', () => {
    expect(patched({ tolerations: [{ key: 'a' }] }, { tolerations: [{ key: 'b' }] })).toEqual({
      tolerations: [{ key: 'b' }],
    })
  })

  it('orders elements as $setElementOrder says, those that it does not name before what they were before', () => {
    const patch = { '$setElementOrder/containers': named('c', 'a'), containers: [{ name: 'c', image: 'c:2' }] }
    expect(patched({ containers: named('a', 'b', 'c') }, patch)).toEqual({
      containers: [{ name: 'b' }, { name: 'c', image: 'c:2' }, { name: 'a' }],
    })
  })

  it('refuses an order that does not name a patched element', () => {
    const patch = { '$setElementOrder/containers': named('a'), containers: named('b') }
    expect(patched({ containers: named('a', 'b') }, patch)).toContain("doesn't match $setElementOrder")
  })

  it('deletes an object, an element and primitives by directive', () => {
    expect(patched({ affinity: { nodeAffinity: { x: 1 } } }, { affinity: { $patch: 'delete' } })).toEqual({
      affinity: {},
    })
    expect(patched({ containers: named('a', 'b') }, { containers: [{ name: 'a', $patch: 'delete' }] })).toEqual({
      containers: named('b'),
    })
    const meta = applyStrategicMergePatch(
      { metadata: { finalizers: ['x/a', 'x/b'] } },
      { metadata: { '$deleteFromPrimitiveList/finalizers': ['x/a'] } },
      pod,
    )
    expect(meta).toEqual({ type: 'ok', value: { metadata: { finalizers: ['x/b'] } } })
  })

  it('keeps no directive and no null in what it adds', () => {
    const patch = {
      containers: [{ name: 'a', image: null, $retainKeys: ['name'] }],
      affinity: { $patch: 'replace', a: 1 },
    }
    expect(patched({}, patch)).toEqual({ containers: named('a'), affinity: { a: 1 } })
  })

  it('clears what $retainKeys does not name, and refuses a patch beyond it', () => {
    const spec = { volumes: [{ name: 'v', emptyDir: {} }] }
    expect(
      patched(spec, { volumes: [{ name: 'v', $retainKeys: ['name', 'hostPath'], hostPath: { path: '/' } }] }),
    ).toEqual({
      volumes: [{ name: 'v', hostPath: { path: '/' } }],
    })
    expect(patched(spec, { volumes: [{ name: 'v', $retainKeys: ['name'], hostPath: {} }] })).toContain('$retainKeys')
  })

  it('says which element lacks its merge key', () => {
    expect(patched({ containers: named('a') }, { containers: [{ image: 'x' }] })).toContain('declared merge key: name')
  })

  it('treats names of the prototype as any other field', () => {
    const patch = JSON.parse('{"__proto__": {"polluted": true}, "constructor": null}') as object
    expect(JSON.stringify(patched({}, patch))).toBe('{"__proto__":{"polluted":true}}')
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined()
  })
})
