import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, it } from 'vitest'
import { findScenarios } from './find-scenarios.ts'

const folder = mkdtempSync(join(tmpdir(), 'kamera-find-'))
for (const file of [
  'zk/scenario.ts',
  'zk/scenario.js',
  'zk/crd.yaml',
  'corpus/one/faulty.ts',
  'corpus/one/fixed.ts',
  'corpus/one/shared.ts',
  'corpus/two/scenario.mjs',
  'corpus/node_modules/kamera/scenario.js',
  'corpus/.hidden/scenario.ts',
  'empty/readme.md',
]) {
  mkdirSync(join(folder, dirname(file)), { recursive: true })
  writeFileSync(join(folder, file), '')
}

it('finds the scenarios below a folder, in order, TypeScript before its compiled copy', () => {
  expect(findScenarios(['.'], folder)).toEqual([
    'corpus/one/faulty.ts',
    'corpus/one/fixed.ts',
    'corpus/two/scenario.mjs',
    'zk/scenario.ts',
  ])
})

it('takes each once, in the order of the arguments, and leaves modules as they are', () => {
  expect(findScenarios(['zk/scenario.js', 'corpus', 'corpus/two'], folder)).toEqual([
    'zk/scenario.js',
    'corpus/one/faulty.ts',
    'corpus/one/fixed.ts',
    'corpus/two/scenario.mjs',
  ])
})

it('says so when a folder has none', () => {
  expect(() => findScenarios(['empty'], folder)).toThrow('There is no scenario below empty.')
})
