/** What a fresh checkout runs before its packages are there may import none of them. */
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

const scripts = fileURLToPath(new URL('../../scripts', import.meta.url))

/** Specifiers of the static imports of a script and of all scripts that it imports. */
function importsOf(file: string, seen = new Set<string>()): readonly string[] {
  if (seen.has(file)) return []
  seen.add(file)
  const specifiers = [
    ...readFileSync(file, 'utf8').matchAll(/^(?:import|export)\b(?:[^'"=]*\bfrom)? ['"]([^'"]+)['"]/gm),
  ].map(([, specifier = '']) => specifier)
  return specifiers.flatMap((each) => (each.startsWith('.') ? importsOf(join(dirname(file), each), seen) : [each]))
}

it.each(['test.mjs', 'demo.mjs'])('scripts/%s loads without packages', (script) => {
  const imported = importsOf(join(scripts, script))
  expect(imported).toContain('node:path')
  expect(imported.filter((specifier) => !specifier.startsWith('node:'))).toEqual([])
})
