/**
 * Imports a scenario's module: TypeScript through tsx, JavaScript as it is, and `kamera` in it is this package.
 */
import { realpathSync } from 'node:fs'
import { createRequire, register } from 'node:module'
import { extname } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const TYPESCRIPT = ['.ts', '.mts', '.cts', '.tsx']
const JAVASCRIPT = ['.js', '.mjs', '.cjs']

/** The file name extensions of modules that can be imported. */
export const moduleExtensions: readonly string[] = [...TYPESCRIPT, ...JAVASCRIPT]

const indexUrl = import.meta.resolve('#index.ts')

let isTypeScriptRegistered = false
let isPackageRegistered = false

/** What a module exports, by name. */
export type ModuleExports = Readonly<Record<string, unknown>>

/** Throws whatever the import throws. */
export async function importModule(file: string): Promise<ModuleExports> {
  const isTypeScript = TYPESCRIPT.includes(extname(file))
  if (isTypeScript) await registerTypeScript()
  if (isTypeScript || isTypeScriptRegistered || !resolvesToThisPackage(file)) registerPackage()
  return importAlone(pathToFileURL(file).href)
}

/** A failed import may reject twice (tsx preloads CommonJS); the second time nobody waits for it. */
async function importAlone(url: string): Promise<ModuleExports> {
  const rejections: unknown[] = []
  const collect = (reason: unknown) => rejections.push(reason)
  process.on('unhandledRejection', collect)
  try {
    const exports: ModuleExports = await import(url)
    await new Promise(setImmediate)
    if (rejections.length > 0) throw rejections[0]
    return exports
  } finally {
    await new Promise(setImmediate)
    process.off('unhandledRejection', collect)
  }
}

/** Without a namespace: with one, tsx would load a second copy of this package. */
async function registerTypeScript(): Promise<void> {
  if (isTypeScriptRegistered) return
  isTypeScriptRegistered = true
  const tsx = await import('tsx/esm/api')
  tsx.register()
}

function resolvesToThisPackage(file: string): boolean {
  try {
    return realpathSync(createRequire(file).resolve('kamera')) === realpathSync(fileURLToPath(indexUrl))
  } catch {
    return false
  }
}

function registerPackage(): void {
  if (isPackageRegistered) return
  isPackageRegistered = true
  register('#cli/resolve-kamera.ts', import.meta.url, { data: { indexUrl } })
}
