/**
 * A module hook: `import 'kamera'` in a scenario is this very package, wherever the scenario lies and whatever
 * is installed there. Two copies would have two `ApiError` classes, and `instanceof` would fail between them.
 * Runs in Node's hooks thread (`module.register`), before tsx.
 */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

interface Resolution {
  readonly url: string
  readonly format?: string | null
}
type NextResolve = (specifier: string, context: object) => Promise<Resolution>

let indexUrl = ''

export function initialize(data: { readonly indexUrl: string }): void {
  indexUrl = data.indexUrl
}

export async function resolve(specifier: string, context: object, nextResolve: NextResolve): Promise<object> {
  if (specifier === 'kamera') return { url: indexUrl, format: 'module', shortCircuit: true }
  // A subpath (`kamera/vitest`) is resolved from inside the package, which may refer to itself.
  if (specifier.startsWith('kamera/')) return nextResolve(specifier, { ...context, parentURL: indexUrl })
  const resolution = await nextResolve(specifier, context)
  // tsx marks what it takes for CommonJS by a query.
  const url = resolution.url.replace(/(?:%3F|\?)tsx-commonjs.*$/, '')
  return importsKamera(url, resolution.format) ? { ...resolution, url, format: 'module' } : resolution
}

/**
 * In a folder whose package.json does not say `"type": "module"`, tsx makes CommonJS of a file with `import`
 * statements; its `require('kamera')` would load a second copy. What imports kamera is an ES module.
 */
function importsKamera(url: string, format: string | null | undefined): boolean {
  if (format === 'module' || !url.startsWith('file:') || url.includes('/node_modules/')) return false
  if (!/\.(?:ts|tsx|js)(?:\?|$)/.test(url)) return false
  try {
    return /^\s*(?:import|export)\b[^;]*?['"]kamera(?:\/[\w-]+)?['"]/m.test(readFileSync(fileURLToPath(url), 'utf8'))
  } catch {
    return false
  }
}
