/** `kamera record`: a recording proxy before an API server, until it is interrupted. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, relative, resolve } from 'node:path'
import { writeDump } from './dump-files.ts'
import { ExitStatus, type Terminal } from './terminal.ts'
import { dumpOfTrace } from './trace-dump.ts'
import { UsageError } from './usage-error.ts'
import type { Verbs } from './verbs.ts'

export interface RecordArguments {
  readonly upstream: string
  readonly context?: string
  readonly host: string
  readonly port: number
  readonly tls: boolean
  readonly clients: readonly string[]
  /** File, `s3://BUCKET/KEY`, `otlp+http://HOST`, or `-` for stdout. */
  readonly out: string
  readonly rotateBytes?: number
  readonly filesMax?: number
  readonly redact: boolean
  /** File of the kubeconfig for recorded programs; those of `clients` lie beside it. */
  readonly kubeconfig: string
  /** File for a dump of the recording, too, when it ends. */
  readonly dump?: string
  readonly json: boolean
}

export async function recordVerb(given: RecordArguments, terminal: Terminal, verbs: Verbs): Promise<ExitStatus> {
  const { workingDirectory } = terminal
  const { context, host, port, tls, clients, rotateBytes, filesMax, redact, out } = given
  if (given.dump !== undefined) mustBeFile(out, given.dump)
  const record = await verbs.record()
  const recorder = await record({
    upstream: resolve(workingDirectory, given.upstream),
    ...(context === undefined ? {} : { context }),
    host,
    port,
    tls,
    clients,
    out: out === '-' || out.includes('://') ? out : resolve(workingDirectory, out),
    ...(rotateBytes === undefined ? {} : { rotateBytes }),
    ...(filesMax === undefined ? {} : { filesMax }),
    redact,
    onFault: (message) => terminal.error(`${message}\n`),
  })
  const file = resolve(workingDirectory, given.kubeconfig)
  const files = new Map([['', file], ...clients.map((name) => [name, besides(file, name)] as const)])
  for (const [name, path] of files)
    writeKubeconfig(path, name === '' ? recorder.kubeconfig : (recorder.kubeconfigs.get(name) as string))
  const shown = (path: string): string => {
    const short = relative(workingDirectory, path)
    return short.startsWith('..') ? path : short
  }
  const started = given.json
    ? `${JSON.stringify({ formatVersion: 1, url: recorder.url, trace: out, kubeconfig: file, kubeconfigs: Object.fromEntries([...files].filter(([name]) => name !== '')) })}\n`
    : `Recording at ${recorder.url} into ${out === '-' ? 'stdout' : out}\n${[...files].map(([name, path]) => `  export KUBECONFIG=${shown(path)}${name === '' ? '' : `   # ${name}`}\n`).join('')}Ctrl-C ends it.\n`
  if (out === '-') terminal.error(started)
  else terminal.out(started)
  await interrupted(terminal)
  await recorder.close()
  const dropped = recorder.dropped()
  if (dropped > 0) terminal.error(`${dropped} events were dropped, since the trace could not be written fast enough.\n`)
  if (given.dump !== undefined) writeDump(given.dump, dumpOfTrace(recorder.files(), terminal), terminal)
  return ExitStatus.holds
}

/** A dump is made of the files of the trace. Throws a `UsageError`. */
function mustBeFile(out: string, dump: string): void {
  if (out !== '-' && !out.includes('://')) return
  throw new UsageError({
    what: `--dump ${dump} cannot be written of a recording that goes to ${out === '-' ? 'stdout' : out}.`,
    why: 'A dump is made at the end, of the files of the trace.',
    fix: 'Give a file with --out, or fetch the trace later: kamera inspect TRACE --dump FILE.',
  })
}

/** `.kamera/recorded.kubeconfig` and `operator` make `.kamera/operator.kubeconfig`. */
function besides(file: string, name: string): string {
  return resolve(dirname(file), `${name}.kubeconfig`)
}

function writeKubeconfig(file: string, text: string): void {
  try {
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, text, { mode: 0o600 })
  } catch (error) {
    throw new UsageError({
      what: `The kubeconfig cannot be written to ${file}: ${(error as Error).message}.`,
      why: 'The folder cannot be written, or a folder has that name.',
      fix: 'Name another file with --kubeconfig.',
      cause: error,
    })
  }
}

function interrupted(terminal: Terminal): Promise<void> {
  return new Promise((resolve) => {
    const stop = terminal.onInterrupt(() => {
      stop()
      resolve()
    })
  })
}
