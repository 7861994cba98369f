/** What users get: the package as npm would publish it, installed in an empty project. */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))
const installTimeoutMs = 180_000

/** `skipLibCheck: false` looks into the package's own declarations too. */
const compilerOptions = {
  module: 'NodeNext',
  target: 'ES2023',
  lib: ['ES2023', 'DOM'],
  types: [],
  strict: true,
  noEmit: true,
  skipLibCheck: false,
}

let project: string
let packed: readonly string[]

beforeAll(() => {
  if (!existsSync(join(root, 'dist/index.js'))) throw new Error('dist/ is missing: run `npm run build` first')
  project = mkdtempSync(join(tmpdir(), 'kamera-package-'))
  const report = command('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', project], root)
  packed = JSON.parse(report)[0].files.map((file: { readonly path: string }) => file.path)
  const tarball = readdirSync(project).find((name) => name.endsWith('.tgz')) ?? ''
  writeFileSync(join(project, 'package.json'), JSON.stringify({ name: 'empty', private: true, type: 'module' }))
  command('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline', `./${tarball}`])
}, installTimeoutMs)

afterAll(() => rmSync(project, { recursive: true, force: true }))

describe('the package', () => {
  it('has what users need, and neither tests nor sources', () => {
    expect(packed).toContain('dist/index.js')
    expect(packed).toContain('dist/index.d.ts')
    expect(packed).toContain('dist/cli/main.js')
    expect(packed).toContain('LICENSE')
    expect(
      packed.filter((path) => /\.(test|conformance)\.|\/test-support\.|^(src|test|scripts)\/|tsbuildinfo/.test(path)),
    ).toEqual([])
  })

  it('can be imported', () => {
    writeFileSync(
      join(project, 'import.js'),
      "import * as kamera from 'kamera'\nconsole.log(Object.keys(kamera).join(' '))\n",
    )
    expect(command('node', ['import.js'])).toContain('defineScenario')
  })

  it('has types that resolve as Node resolves modules', () => {
    writeFileSync(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['types.ts'] }))
    // Types that did not resolve would be `any`, which takes a number without complaint.
    const source = [
      "import { defineScenario, type Scenario } from 'kamera'",
      'export const define: (definition: Parameters<typeof defineScenario>[0]) => Scenario = defineScenario',
      '// @ts-expect-error a number is no scenario',
      'defineScenario(1)',
    ]
    writeFileSync(join(project, 'types.ts'), source.join('\n'))
    expect(command('node', [join(root, 'node_modules/typescript/bin/tsc'), '-p', 'tsconfig.json'])).toBe('')
  })

  it('brings a command that explains itself', () => {
    expect(command('npx', ['--no-install', 'kamera', '--help'])).toContain('explore')
  })
})

/** Standard output; a status other than 0 throws, with all that was printed. */
function command(name: string, args: readonly string[], folder = project): string {
  try {
    return execFileSync(name, args, { cwd: folder, encoding: 'utf8', stdio: 'pipe', env: environment() })
  } catch (error) {
    const { stdout, stderr } = error as { readonly stdout: string; readonly stderr: string }
    throw new Error(`${name} ${args.join(' ')} failed:\n${stdout}${stderr}`)
  }
}

/** npm hands its settings, such as silence, down to what it starts: not to these commands. */
function environment(): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^npm_(config_loglevel|config_prefix|package|lifecycle)/.test(name),
  )
  return Object.fromEntries(inherited)
}
