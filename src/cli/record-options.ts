/** The options of `record`. */
import { homedir } from 'node:os'
import { join } from 'node:path'
import type { Command } from 'commander'
import type { OptionParser } from './option-values.ts'
import { wholeNumber } from './option-values.ts'
import type { RecordArguments } from './record.ts'
import type { ExitStatus, Terminal } from './terminal.ts'
import { UsageError } from './usage-error.ts'
import type { Verbs } from './verbs.ts'

interface Parsed {
  readonly upstream?: string
  readonly context?: string
  readonly listen?: { readonly host: string; readonly port: number }
  readonly tls?: boolean
  readonly client?: readonly string[]
  readonly out?: string
  readonly rotate?: number
  readonly keep?: number
  readonly showSecrets?: boolean
  readonly kubeconfig?: string
  readonly dump?: string
  readonly json?: boolean
}

export function addRecord(
  command: Command,
  terminal: Terminal,
  verbs: Verbs,
  finish: (status: ExitStatus) => void,
): void {
  command
    .summary('record what controllers do in a live cluster')
    .description(
      'A proxy before an API server: what its clients ask, are answered and are told goes into a trace, until Ctrl-C.',
    )
    .option('--upstream <kubeconfig>', 'leads to the API server (default: $KUBECONFIG, then ~/.kube/config)')
    .option('--context <name>', 'of that kubeconfig (default: its current one)')
    .option('--listen <address>', 'HOST:PORT, or PORT (default: 127.0.0.1:0, any free port)', address)
    .option('--no-tls', 'serve plain http, over which client-go sends no credentials (default: https)')
    .option('--client <name>', 'write a kubeconfig for a program, to tell it apart; repeatable', clientNames)
    .option(
      '--out <file>',
      'the trace: a file, s3://BUCKET/KEY, otlp+http://HOST:4318 (spans alone), or - for stdout (default: .kamera/trace.jsonl)',
    )
    .option('--rotate <megabytes>', 'begin another file at this size (default: 256)', wholeNumber('--rotate', 1))
    .option('--keep <n>', 'keep the newest n files (default: all)', wholeNumber('--keep', 1))
    .option('--dump <file>', 'at the end also write what was recorded to a file for kamera inspect')
    .option('--show-secrets', 'write the data of Secrets, too')
    .option('--kubeconfig <file>', 'where to write the kubeconfig (default: .kamera/recorded.kubeconfig)')
    .option('--json', 'print the addresses as JSON')
    .option('--debug', 'show the stack of an error')
    .addHelpText(
      'after',
      `
Run the programs with the kubeconfig that it writes; docs/recording.md says what is recorded.

Examples:
  kamera record --upstream ~/.kube/config --client operator --client backup
  KUBECONFIG=.kamera/operator.kubeconfig ./operator
  AWS_ENDPOINT_URL=https://minio:9000 kamera record --out s3://traces/`,
    )
    .action(async (parsed: Parsed) => {
      const { recordVerb } = await import('./record.ts')
      finish(await recordVerb(completed(parsed), terminal, verbs))
    })
}

function completed(parsed: Parsed): RecordArguments {
  const { listen = { host: '127.0.0.1', port: 0 }, context, rotate, keep } = parsed
  return {
    upstream: parsed.upstream ?? process.env['KUBECONFIG'] ?? join(homedir(), '.kube', 'config'),
    ...(context === undefined ? {} : { context }),
    ...listen,
    tls: parsed.tls ?? true,
    clients: parsed.client ?? [],
    out: parsed.out ?? '.kamera/trace.jsonl',
    ...(rotate === undefined ? {} : { rotateBytes: rotate * 1024 * 1024 }),
    ...(keep === undefined ? {} : { filesMax: keep }),
    redact: parsed.showSecrets !== true,
    kubeconfig: parsed.kubeconfig ?? '.kamera/recorded.kubeconfig',
    ...(parsed.dump === undefined ? {} : { dump: parsed.dump }),
    json: parsed.json ?? false,
  }
}

const address: OptionParser<{ readonly host: string; readonly port: number }> = (text) => {
  const [, bracketed, plain, port] = /^(?:(?:\[([^\]]+)\]|([^:]+)):)?(\d+)$/.exec(text) ?? []
  if (port !== undefined && Number(port) <= 65535)
    return { host: bracketed ?? plain ?? '127.0.0.1', port: Number(port) }
  throw new UsageError({
    what: `--listen ${text} is no address.`,
    why: 'An address is HOST:PORT or PORT, and ports go up to 65535.',
    fix: 'Write --listen 127.0.0.1:8001, or --listen 0 for any free port.',
  })
}

const clientNames: OptionParser<readonly string[]> = (text, previous = []) => {
  if (/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(text)) return [...new Set([...previous, text])]
  throw new UsageError({
    what: `--client ${text} is no name.`,
    why: 'A file is called by it.',
    fix: 'Use letters, digits, - and _: --client operator.',
  })
}
