/** The verb `import` and its options. */
import type { Command } from 'commander'
import type { ExitStatus, Terminal } from './terminal.ts'

interface ParsedImportOptions {
  readonly out?: string
  readonly format?: string
}

export function addImport(command: Command, terminal: Terminal, finish: (status: ExitStatus) => void): void {
  command
    .argument('<log>', 'JSON lines or a zap log of the Go Kamera, or an audit log of Kubernetes')
    .summary('read the log of another tool as a trace')
    .description(
      'Puts the calls of a log in order by their versions and writes them as a trace, which kamera analyze reads.',
    )
    .option('--format <format>', 'go-kamera or audit (default: what the lines look like)')
    .option('--out <file>', 'the trace; never written over (default: imported.jsonl)')
    .option('--debug', 'show the stack of an error')
    .addHelpText(
      'after',
      `
What cannot be read is named with the number of its line (docs/interchange.md).

Examples:
  kamera import sleeve.log --out trace.jsonl
  kamera import audit.log --format audit --out trace.jsonl

Exit status: 0 it was imported, 2 nothing in it can be, or nothing can be written there, 70 a fault of Kamera.`,
    )
    .action(async (log: string, { out = 'imported.jsonl', format }: ParsedImportOptions) => {
      const { importVerb } = await import('./import.ts')
      finish(importVerb({ log, out, ...(format === undefined ? {} : { format }) }, terminal))
    })
}
