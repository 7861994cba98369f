/** The verb `export` and its options. */
import type { Command } from 'commander'
import type { ExitStatus, Terminal } from './terminal.ts'

export function addExport(command: Command, terminal: Terminal, finish: (status: ExitStatus) => void): void {
  command
    .argument('<trace>', 'a file that simulate --trace, record or import wrote')
    .requiredOption('--format <format>', 'otlp (Jaeger and other viewers of OpenTelemetry) or perfetto')
    .summary('write a trace in the format of another tool')
    .description('Writes reconciles and calls as spans, with links from each reconcile to the writes that woke it.')
    .option('--out <file>', 'the file; - for stdout (default: TRACE.otlp.json, TRACE.perfetto.json)')
    .option('--debug', 'show the stack of an error')
    .addHelpText(
      'after',
      `
Examples:
  kamera export trace.jsonl --format otlp
  kamera export trace.jsonl --format perfetto --out view.json

Exit status: 0 it was written, 2 the file is no trace or nothing can be written there, 70 a fault of Kamera.`,
    )
    .action(async (trace: string, parsed: { readonly format: string; readonly out?: string }) => {
      const { exportVerb } = await import('./export.ts')
      const { format, out } = parsed
      finish(exportVerb({ trace, format, ...(out === undefined ? {} : { out }) }, terminal))
    })
}
