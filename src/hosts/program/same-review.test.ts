import { describe, expect, it } from 'vitest'
import { isSameReview } from './same-review.ts'

const request = { object: { metadata: {}, spec: { list: ['a'] } } }

function patched(...operations: readonly object[]) {
  const patch = Buffer.from(JSON.stringify(operations)).toString('base64')
  return { response: { uid: 'u', allowed: true, patchType: 'JSONPatch', patch } }
}

const labels = { op: 'add', path: '/metadata/labels', value: { a: '1' } }
const replicas = { op: 'add', path: '/spec/replicas', value: 1 }
const first = { op: 'add', path: '/spec/list/0', value: 'b' }
const second = { op: 'add', path: '/spec/list/0', value: 'c' }

describe('two answers of a webhook', () => {
  it('are the same with the operations in another order', () => {
    expect(isSameReview(request, patched(labels, replicas), patched(replicas, labels))).toBe(true)
  })

  it('are two where the order matters, or what is written does', () => {
    expect(isSameReview(request, patched(first, second), patched(second, first))).toBe(false)
    expect(isSameReview(request, patched(labels), patched(labels, replicas))).toBe(false)
  })

  it('are compared as they are where nothing can be patched', () => {
    const odd = patched({ op: 'remove', path: '/nowhere' })
    expect(isSameReview(request, odd, odd)).toBe(true)
    expect(isSameReview(request, { failed: 'x' }, { failed: 'x' })).toBe(true)
    expect(isSameReview(request, { failed: 'x' }, { response: { allowed: true } })).toBe(false)
  })
})
