import { describe, expect, it } from 'vitest'
import { matchesFields, parseFieldSelector } from './field-selectors.ts'
import type { KubernetesObject } from './object.ts'
import { compileLabelSelector, formatLabelSelector, SelectorSyntaxError } from './selectors.ts'

const object = (labels?: Record<string, string>): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'X',
  metadata: labels === undefined ? {} : { labels },
})
const web = { app: 'web', tier: 'front', n: '5', empty: '' }

describe('compileLabelSelector', () => {
  it.each([
    ['', true],
    ['app=web', true],
    ['app==web,tier=front', true],
    ['app = web , tier = front', true],
    ['app!=web', false],
    ['other!=web', true],
    ['app in (db, web)', true],
    ['app in (db)', false],
    ['app notin (db,cache)', true],
    ['other notin (db)', true],
    ['app', true],
    ['other', false],
    ['!other', true],
    ['! app', false],
    ['empty=', true],
    ['empty in ()', true],
    ['n>4', true],
    ['n<5', false],
    ['app>1', false],
    ['ex.test/app', false],
    ['in in (a)', false],
  ])('%j on labels is %j', (selector, expected) => {
    expect(compileLabelSelector(selector)(object(web))).toBe(expected)
  })

  it.each([
    'app in (',
    'app in',
    'app web',
    ',',
    'app=,=',
    'a b',
    '=x',
    'app in (a',
    '!a=b',
    'bad key!=x',
    'app=bad/value',
    'n>x',
    'a,',
  ])('cannot read %j', (selector) => {
    expect(() => compileLabelSelector(selector)).toThrow(SelectorSyntaxError)
  })

  it('reads LabelSelector objects; an object without labels matches only what asks for nothing', () => {
    const selector = {
      matchLabels: { app: 'web' },
      matchExpressions: [
        { key: 'tier', operator: 'In', values: ['front'] },
        { key: 'gone', operator: 'DoesNotExist' },
      ],
    }
    expect(compileLabelSelector(selector)(object(web))).toBe(true)
    expect(compileLabelSelector(selector)(object())).toBe(false)
    expect(compileLabelSelector({})(object())).toBe(true)
    expect(() => compileLabelSelector({ matchExpressions: [{ key: 'a', operator: 'In' }] })).toThrow(
      SelectorSyntaxError,
    )
    expect(() => compileLabelSelector({ matchExpressions: [{ key: 'a', operator: 'Like', values: ['b'] }] })).toThrow(
      SelectorSyntaxError,
    )
  })

  it('is not fooled by names that every object inherits', () => {
    expect(compileLabelSelector('constructor')(object(web))).toBe(false)
  })
})

describe('formatLabelSelector', () => {
  it('writes the string form with sorted keys, which reads back the same', () => {
    const selector = {
      matchLabels: { b: '1', a: '2' },
      matchExpressions: [
        { key: 'c', operator: 'NotIn', values: ['y', 'x'] },
        { key: 'd', operator: 'DoesNotExist' },
      ],
    }
    expect(formatLabelSelector(selector)).toBe('a=2,b=1,c notin (x,y),!d')
    expect(compileLabelSelector(formatLabelSelector(selector))(object({ a: '2', b: '1', c: 'z' }))).toBe(true)
  })
})

describe('field selectors', () => {
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'p' },
    spec: { nodeName: '' },
    status: { phase: 'Running' },
  }
  it.each([
    ['metadata.name=p', true],
    ['metadata.name==p,status.phase!=Failed', true],
    ['spec.nodeName=', true],
    ['spec.unknown!=x', true],
    ['status.phase!=Running', false],
    ['', true],
  ])('%j is %j', (text, expected) => {
    const requirements = parseFieldSelector(text)
    expect(typeof requirements !== 'string' && matchesFields(requirements, pod)).toBe(expected)
  })

  it('unescapes values and refuses terms without an operator', () => {
    expect(parseFieldSelector('a=x\\,y\\=z')).toEqual([{ field: 'a', equal: true, value: 'x,y=z' }])
    expect(parseFieldSelector('nonsense')).toContain("can't understand 'nonsense'")
  })
})
