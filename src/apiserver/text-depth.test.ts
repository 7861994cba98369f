import { expect, it } from 'vitest'
import { isJsonTooDeep, isYamlTooDeep } from './text-depth.ts'
import { parseYaml } from './yaml-text.ts'

it('counts brackets of JSON outside its strings', () => {
  expect(isJsonTooDeep('['.repeat(1000))).toBe(false)
  expect(isJsonTooDeep('['.repeat(1001))).toBe(true)
  expect(isJsonTooDeep('{"a":['.repeat(501))).toBe(true)
  expect(isJsonTooDeep(`"\\"${'['.repeat(5000)}"`)).toBe(false)
  expect(isJsonTooDeep(`[${'[],'.repeat(5000)}]`)).toBe(false)
})

it('counts all that can nest in YAML', () => {
  expect(isYamlTooDeep('- '.repeat(5000))).toBe(true)
  expect(isYamlTooDeep('? '.repeat(5000))).toBe(true)
  expect(isYamlTooDeep('['.repeat(5000))).toBe(true)
  expect(isYamlTooDeep(`${'a:\n  - b: [c]\n'.repeat(5000)}`)).toBe(false)
})

it('lets through only what can be parsed', () => {
  const deepest = ['- '.repeat(250), `${'['.repeat(250)}${']'.repeat(250)}`]
  deepest.push(Array.from({ length: 500 }, (_, depth) => `${' '.repeat(depth)}a:`).join('\n'))
  for (const text of deepest) {
    expect(isYamlTooDeep(text)).toBe(false)
    expect(() => parseYaml(text)).not.toThrow()
  }
})
