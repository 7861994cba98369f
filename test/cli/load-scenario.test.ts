import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, realpathSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

// Node, and not the test runner, has to import the scenarios: its own loader would understand everything.
function load(files: Readonly<Record<string, string>>, paths = Object.keys(files)): readonly Record<string, unknown>[] {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'kamera-load-')))
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(join(folder, dirname(name)), { recursive: true })
    writeFileSync(join(folder, name), content)
  }
  const words = [
    '--conditions=kamera-source',
    '--import',
    import.meta.resolve('tsx'),
    fileURLToPath(new URL('./load-scenarios.ts', import.meta.url)),
    ...paths,
  ]
  const child = spawnSync(process.execPath, words, { cwd: folder, encoding: 'utf8' })
  if (child.status !== 0) throw new Error(child.stderr)
  return JSON.parse(child.stdout.replaceAll(folder, '.'))
}

const head = "import { ApiError, defineScenario } from 'kamera'\n"
const scenario = (name: string) =>
  `${head}export default { ...defineScenario({ name: '${name}', controllers: [] }), thrown: ApiError }\n`

describe('a scenario outside of the package', () => {
  it('shares its classes, as TypeScript, JavaScript, and in a project of CommonJS modules', () => {
    const results = load(
      {
        'scenario.ts': scenario('ts'),
        'scenario.mjs': scenario('mjs'),
        'other.js': scenario('js'),
        'project/package.json': '{"name":"operator","version":"1.0.0"}',
        'project/reconciler.ts': "export const format = typeof module === 'undefined' ? 'ES module' : 'CommonJS'\n",
        'project/errors.ts': "import {\n  ApiError,\n} from 'kamera'\nexport { ApiError }\n",
        'project/scenario.ts':
          "import { defineScenario } from 'kamera'\nimport { ApiError } from './errors'\nimport { format } from './reconciler'\n" +
          "export default { ...defineScenario({ name: 'with ' + format, controllers: [] }), thrown: ApiError }\n",
        'node_modules/kamera/package.json':
          '{"name":"kamera","version":"0.0.1","type":"module","exports":"./index.js"}',
        'node_modules/kamera/index.js':
          "export class ApiError extends Error {}\nexport const defineScenario = () => ({ name: 'another copy' })\n",
      },
      ['scenario.ts', 'scenario.mjs', 'other.js', 'project/scenario.ts'],
    )
    expect(results).toEqual([
      { name: 'ts', sameApiError: true },
      { name: 'mjs', sameApiError: true },
      { name: 'js', sameApiError: true },
      { name: 'with CommonJS', sameApiError: true },
    ])
  })

  it('may be a function, also an async one, and may await', () => {
    const results = load({
      'function.ts': `${head}export default async ({ n = 1 }) => defineScenario({ name: 'n' + n, controllers: [] })\n`,
      'await.ts': `${head}export default await Promise.resolve(defineScenario({ name: 'awaited', controllers: [] }))\n`,
    })
    expect(results.map(({ name }) => name)).toEqual(['n1', 'awaited'])
  })
})

describe('a scenario that cannot be used', () => {
  const broken: Readonly<Record<string, readonly [content: string, what: RegExp]>> = {
    'syntax.ts': [
      'const a = 1\nconst b = = 2\n',
      /^The scenario syntax\.ts does not parse: \.\/syntax\.ts:2: Unexpected "="$/,
    ],
    'nested.ts': ["import './syntax.ts'\n", /^The scenario nested\.ts does not parse: \.\/syntax\.ts:2: /],
    'syntax.mjs': [
      'const a = 1\nconst b = = 2\n',
      /^The scenario syntax\.mjs does not parse: \.\/syntax\.mjs:2: Unexpected token '='$/,
    ],
    'nested.mjs': ["import './syntax.mjs'\n", /^The scenario nested\.mjs does not parse: \.\/syntax\.mjs:2: /],
    'export.ts': [
      "import { defineScenery } from 'kamera'\nexport default defineScenery\n",
      /^The scenario export\.ts does not parse: .*does not provide an export named 'defineScenery'$/,
    ],
    'file.ts': ["import './nothing.ts'\n", /^The scenario file\.ts imports something that is not there: .*nothing\.ts/],
    'package.mjs': [
      "import 'no-such-package'\n",
      /^The scenario package\.mjs imports something that is not there: .*no-such-package/,
    ],
    'throws.ts': [
      'const a: any = {}\n\nexport default a.b.c\n',
      /^The scenario throws\.ts failed while it was loaded: \.\/throws\.ts:3: TypeError: Cannot read/,
    ],
    'call.ts': [
      "export default () => {\n  throw new Error('bad n')\n}\n",
      /^The scenario call\.ts failed when it was called with \{\}: \.\/call\.ts:2: Error: bad n$/,
    ],
    'none.ts': ['export const scenario = 1\n', /^The module none\.ts has no default export\.$/],
    'number.ts': ['export default 42\n', /^The default export of number\.ts is not a scenario\.$/],
    'plain.ts': [
      "export default { name: 'a', controllers: [] }\n",
      /^The default export of plain\.ts is not a scenario, but looks like the definition of one\.$/,
    ],
    'nameless.ts': [
      `${head}export default defineScenario({ controllers: [] } as any)\n`,
      /^The scenario nameless\.ts has no name\.$/,
    ],
    'controllers.ts': [
      `${head}export default defineScenario({ name: 'a', controllers: [[]] } as any)\n`,
      /controllers\[0\] that is not a controller\.$/,
    ],
    'list.ts': [
      `${head}export default defineScenario({ name: 'a', controllers: [], objects: {} } as any)\n`,
      /has objects that are not a list\.$/,
    ],
    'object.ts': [
      `${head}export default defineScenario({ name: 'a', controllers: [], objects: [{ apiVersion: 'v1', kind: 'Pod', metadata: {} }] })\n`,
      /^The object at object\.ts, objects\[0\] \(Pod\) has no name\.$/,
    ],
    'data.ts': [
      `${head}export default defineScenario({ name: 'a', controllers: [], objects: [{ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' }, spec: { run() {} } }] })\n`,
      /^The object at data\.ts, objects\[0\] \(Pod p\) has a function in the field run, which is not JSON\.$/,
    ],
    'crd.ts': [
      `${head}export default defineScenario({ name: 'a', controllers: [], crds: [{ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' } }] })\n`,
      /^The object at crd\.ts, crds\[0\] \(Pod p\) is not a CustomResourceDefinition\.$/,
    ],
    'action.ts': [
      `${head}export default defineScenario({ name: 'a', controllers: [], actions: [{ type: 'delete' }] } as any)\n`,
      /^action\.ts, actions\[0\] is not a user action/,
    ],
    'target.ts': [
      `${head}export default defineScenario({ name: 'a', controllers: [], actions: [{ type: 'remove', target: { kind: 'Pod' } }] } as any)\n`,
      /actions\[0\] \(remove Pod\) names no object\.$/,
    ],
    'manifest.ts': [
      `${head}export default defineScenario({ name: 'a', controllers: [], objects: ['./bad.yaml'] })\n`,
      /^bad\.yaml:4 is not a manifest/,
    ],
  }

  const results = load(
    {
      ...Object.fromEntries(Object.entries(broken).map(([name, [content]]) => [name, content])),
      'bad.yaml': 'apiVersion: v1\nkind: Pod\nmetadata: {name: a\n',
    },
    Object.keys(broken),
  )

  it.each(Object.entries(broken).map(([name, [, what]], index) => ({ name, what, result: results[index] })))(
    '$name is refused by name',
    ({ what, result }) => {
      expect(result).toEqual({ what: expect.stringMatching(what), code: 2 })
    },
  )
})
