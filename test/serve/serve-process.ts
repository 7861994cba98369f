/** Starts `kamera serve` as a user does: the built program, in a folder of its own. */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const program = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url))

export interface ServerProcess {
  readonly url: string
  readonly kubeconfig: string
  readonly child: ChildProcess
  /** What it wrote to stderr so far. */
  errors(): string
  /** Ends it by SIGTERM; its exit status. */
  stop(): Promise<number | null>
}

/** Starts a server on a free port and waits until it serves. */
export async function startServer(words: readonly string[], directory?: string): Promise<ServerProcess> {
  const folder = directory ?? mkdtempSync(join(tmpdir(), 'kamera-serve-'))
  const child = spawn(process.execPath, [program, 'serve', '--port', '0', '--json', ...words], { cwd: folder })
  let out = ''
  let errors = ''
  child.stderr?.on('data', (chunk: Buffer) => (errors += chunk.toString()))
  const started = await new Promise<{ readonly url: string; readonly kubeconfig: string }>((resolve, reject) => {
    child.once('exit', (status) => reject(new Error(`kamera serve ended with ${status}: ${errors}`)))
    child.stdout?.on('data', (chunk: Buffer) => {
      out += chunk.toString()
      if (out.includes('\n')) resolve(JSON.parse(out) as { url: string; kubeconfig: string })
    })
  })
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve))
  return {
    ...started,
    child,
    errors: () => errors,
    stop: async () => {
      child.kill('SIGTERM')
      const status = await ended
      if (directory === undefined) rmSync(folder, { recursive: true, force: true })
      return status
    },
  }
}

/** Runs a program to its end. */
export function runProgram(
  file: string,
  words: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<{ readonly status: number | null; readonly out: string; readonly error: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, words, { env: { ...process.env, ...environment } })
    let out = ''
    let error = ''
    child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()))
    child.stderr.on('data', (chunk: Buffer) => (error += chunk.toString()))
    child.once('error', reject)
    child.once('close', (status) => resolve({ status, out, error }))
  })
}
