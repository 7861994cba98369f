/** The verb `analyze` and its options. */
import type { Command } from 'commander'
import type { ExitStatus, Terminal } from './terminal.ts'

interface ParsedAnalyzeOptions {
  readonly json?: boolean
  readonly index?: boolean
}

export function addAnalyze(command: Command, terminal: Terminal, finish: (status: ExitStatus) => void): void {
  command
    .argument('<what>', 'summary, lifecycle, provenance, staleness, why, or diff')
    .argument('<trace>', 'a file that simulate --trace, record or import wrote; diff: also explore --dump or --json')
    .argument('[name]', "the object ('Pod default/web-0') or reconcile ('#3'), or the other trace or search")
    .summary('say what a trace tells')
    .description(
      'Reads a trace and says what controllers did in it (summary), what became of an object (lifecycle), where its changes came from and what else that caused (provenance), how far behind the view of a reconcile was (staleness), why it ran (why), where two traces end differently or two searches found different things (diff).',
    )
    .option('--json', 'print the result as JSON')
    .option('--index', 'lifecycle: keep an index beside the trace (default: of 64 MiB or more)')
    .option('--no-index', 'lifecycle: read the trace alone')
    .option('--debug', 'show the stack of an error')
    .addHelpText(
      'after',
      `
Lines that are cut off, repeated, out of order or not understood are named with their numbers (docs/analyses.md).

Examples:
  kamera simulate scenario.ts --trace trace.jsonl
  kamera analyze summary trace.jsonl
  kamera analyze lifecycle trace.jsonl 'Pod default/web-0'
  kamera analyze why trace.jsonl '#3'

Exit status: 0 it was analyzed, 1 the two traces or searches differ, 2 the file is no trace or has nothing of that name, 70 a fault of Kamera.`,
    )
    .action(async (what: string, trace: string, subject: string | undefined, parsed: ParsedAnalyzeOptions) => {
      const { analyzeVerb } = await import('./analyze.ts')
      const { json = false, index } = parsed
      finish(await analyzeVerb({ what, trace, subject, json, index }, terminal))
    })
}
