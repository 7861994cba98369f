/**
 * Compiles `src/` into `dist/`: only what has changed, and without what has gone from `src/`.
 * Run as a script it is `npm run build`.
 */
import { chmodSync, copyFileSync, existsSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { root, run, tool } from './run.mjs'

/** Resolves to true when the build succeeded. Prints nothing unless it did not. */
export async function build() {
  removeStale()
  const { status, output } = await run('node', [tool('typescript/bin/tsc'), '-p', 'tsconfig.build.json'], {
    show: false,
  })
  if (status !== 0) process.stderr.write(output)
  const commandLine = join(root, 'dist/cli/main.js')
  if (existsSync(commandLine)) chmodSync(commandLine, 0o755)
  return status === 0 && (await buildPage())
}

/** The page of the web inspector: one script without imports, which goes into every HTML file that Kamera writes. */
async function buildPage() {
  const source = join(root, 'src/web-inspector')
  const folder = join(root, 'dist/web-inspector')
  try {
    // Not at the top: this module is loaded before the packages of a fresh checkout are there.
    const { build: bundle } = await import('esbuild')
    await bundle({
      entryPoints: [join(source, 'main.ts')],
      outfile: join(folder, 'page.js'),
      bundle: true,
      minify: true,
      format: 'iife',
      target: 'es2022',
      conditions: ['kamera-source'],
      logLevel: 'error',
    })
    copyFileSync(join(source, 'page.css'), join(folder, 'page.css'))
    return true
  } catch {
    return false
  }
}

/** The compiler never deletes: a file that lost its source would stay importable, and be published. */
function removeStale() {
  const dist = join(root, 'dist')
  if (!existsSync(dist)) return
  const files = new Set(readdirSync(dist, { recursive: true }))
  for (const declaration of files) {
    if (!declaration.endsWith('.d.ts')) continue
    const name = declaration.slice(0, -'.d.ts'.length)
    const isCompiled = files.has(`${name}.js`)
    if (!isCompiled || existsSync(join(root, 'src', `${name}.ts`))) continue
    for (const extension of ['.js', '.d.ts']) rmSync(join(dist, name + extension))
  }
}

if (process.argv[1] === import.meta.filename) {
  const built = await build()
  if (!built) console.error('the build failed: see the errors above')
  process.exitCode = built ? 0 : 1
}
