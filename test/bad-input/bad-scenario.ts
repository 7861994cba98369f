/** Runs the real command line on a scenario with something wrong in it, and checks what must be true of any answer. */
import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, expect } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))
const commandLine = join(root, 'dist/cli/main.js')

/** What every scenario here begins with. */
const head = `import { always, apply, create, defineController, defineScenario, patch } from 'kamera'
const foo = { apiVersion: 'example.com/v1', kind: 'Foo' }
const object = { ...foo, metadata: { namespace: 'default', name: 'a' }, spec: { size: 1 } }
const idle = defineController({ name: 'idle', for: foo, reconciler: () => ({ async reconcile() {} }) })
`

export interface Answer {
  readonly status: number
  /** What is printed on stderr, with its lines joined. */
  readonly error: string
  /** What is printed on stdout, with its lines joined. */
  readonly report: string
}

const folders: string[] = []

/** To be called once a file: removes the folders of its scenarios. */
export function removeFolders(): void {
  afterAll(() => {
    for (const folder of folders) rmSync(folder, { recursive: true, force: true })
  })
}

/** A scenario of the given fields of its definition. */
export function scenarioOf(fields: string): string {
  return `${head}export default defineScenario({ name: 'bad', ${fields} })\n`
}

/** A scenario of one controller, foo-operator, whose reconcile has the given body. */
export function reconcilerOf(body: string, imports = ''): string {
  const controller = `defineController({ name: 'foo-operator', for: foo, reconciler: ({ client, apiReader }) => ({
async reconcile(request) {
${body}
} }) })`
  return `${imports}${scenarioOf(`kinds: [foo], objects: [object], controllers: [${controller}]`)}`
}

/** As written, after the common head. */
export function moduleOf(source: string): string {
  return `${head}${source}\n`
}

/** As `explore`, for `kamera simulate`. */
export function simulate(
  source: string,
  files: Readonly<Record<string, string>>,
  options: readonly string[],
): Promise<Answer> {
  return answerTo('simulate', source, files, options)
}

/**
 * Explores `scenario.ts` with `source` (and other files beside it) in a folder of its own inside the checkout. Whatever
 * comes of it, it is quick, is no fault of Kamera's, and shows no stack.
 */
export function explore(
  source: string,
  files: Readonly<Record<string, string>> = {},
  options: readonly string[] = [],
): Promise<Answer> {
  return answerTo('explore', source, files, options)
}

async function answerTo(
  verb: 'explore' | 'simulate',
  source: string,
  files: Readonly<Record<string, string>>,
  options: readonly string[],
): Promise<Answer> {
  const folder = newFolder()
  for (const [name, content] of Object.entries({ 'scenario.ts': source, ...files })) {
    writeFileSync(join(folder, name), content)
  }
  const begin = performance.now()
  const { status, stdout, stderr } = await run(folder, [verb, 'scenario.ts', ...options])
  const shown = `${stdout}${stderr}`
  expect(performance.now() - begin).toBeLessThan(40_000)
  expect([0, 1, 2, 3], shown).toContain(status)
  expect(shown.split('\n').filter((line) => /^\s+at /.test(line))).toEqual([])
  return { status, error: joined(withoutProgress(stderr)), report: joined(stdout) }
}

/** Below `.kamera`, which git does not see; a path with `node_modules` in it would not count as the user's code. */
function newFolder(): string {
  const parent = join(root, '.kamera')
  mkdirSync(parent, { recursive: true })
  const folder = realpathSync(mkdtempSync(join(parent, 'bad-input-')))
  folders.push(folder)
  return folder
}

interface Ended {
  readonly status: number
  readonly stdout: string
  readonly stderr: string
}

function run(folder: string, words: readonly string[]): Promise<Ended> {
  return new Promise((resolve) => {
    const options = { cwd: folder, encoding: 'utf8', timeout: 45_000, killSignal: 'SIGKILL' } as const
    execFile(process.execPath, [commandLine, ...words], options, (error, stdout, stderr) => {
      const status = error === null ? 0 : typeof error.code === 'number' ? error.code : -1
      resolve({ status, stdout, stderr })
    })
  })
}

/** How far a search is, is told every five seconds: on a busy machine a small one may take as long. */
function withoutProgress(text: string): string {
  return text.replace(/^.* distinct states · .* on queue · .*$/gm, '')
}

/** Lines are broken where the width asks for it: sentences are compared without them. */
function joined(text: string): string {
  return text.replace(/\s+/g, ' ').trim()
}
