/** The examples with their expected verdicts, and the real command line that they are run with. */
import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { ExploreReport } from 'kamera'

const root = fileURLToPath(new URL('../..', import.meta.url))
const commandLine = join(root, 'dist/cli/main.js')

export interface Expected {
  readonly verdict: string
  readonly oracles: readonly string[]
  readonly profiles: readonly string[]
  readonly outcomes: number
  readonly options?: readonly string[]
}

export interface Example {
  /** `corpus/AC08/faulty`. */
  readonly name: string
  readonly scenario: string
  readonly expected: Expected
}

/** Every scenario below `examples/` that an `expected.json` beside it speaks of. */
export function findExamples(): readonly Example[] {
  const files = readdirSync(join(root, 'examples'), { recursive: true, encoding: 'utf8' })
  return (
    files
      // Those in other languages have tests of their own, which are skipped where there is no Go and no Python.
      .filter((file) => file.endsWith('expected.json') && !/^(go|python-host)[\\/]/.test(file))
      .sort()
      .flatMap((file) => {
        const folder = dirname(file)
        const expected = JSON.parse(readFileSync(join(root, 'examples', file), 'utf8'))
        const variants: Readonly<Record<string, Expected>> = 'verdict' in expected ? { scenario: expected } : expected
        return Object.entries(variants).map(([variant, of]) => ({
          name: variant === 'scenario' ? folder : `${folder}/${variant}`,
          scenario: join(root, 'examples', folder, `${variant}.ts`),
          expected: of,
        }))
      })
  )
}

export interface Finished {
  readonly status: number
  readonly out: string
  readonly error: string
  /** Where it ran: `.kamera` is there. */
  readonly folder: string
}

const folders = mkdtempSync(join(tmpdir(), 'kamera-examples-'))
let runs = 0
process.once('exit', () => rmSync(folders, { recursive: true, force: true }))

/** Two at a time: the rest waits. */
const waiting: (() => void)[] = []
let free = 2

/** Runs `kamera …`, in `folder` or a new one. */
export async function kamera(args: readonly string[], folder = join(folders, String(runs++))): Promise<Finished> {
  mkdirSync(folder, { recursive: true })
  if (free === 0) await new Promise<void>((resolve) => waiting.push(resolve))
  else free--
  try {
    return await new Promise((resolve) => {
      const options = { cwd: folder, maxBuffer: 1 << 28, env: { ...process.env, NO_COLOR: '1' } }
      execFile('node', [commandLine, ...args], options, (error, out, errors) => {
        const status = error === null ? 0 : Number(error.code ?? -1)
        resolve({ status, out, error: errors, folder })
      })
    })
  } finally {
    const next = waiting.shift()
    if (next === undefined) free++
    else next()
  }
}

/** The reports of `kamera explore … --json`, one a scenario. */
export async function explored(
  ...args: readonly string[]
): Promise<{ readonly reports: readonly ExploreReport[]; readonly run: Finished }> {
  const run = await kamera(['explore', ...args, '--json'])
  if (run.status > 1) throw new Error(`kamera explore ${args.join(' ')} ended with ${run.status}:\n${run.error}`)
  const lines = run.out.split('\n').filter((line) => line !== '')
  return { reports: lines.map((line) => JSON.parse(line)), run }
}
