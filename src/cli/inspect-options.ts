/** The verb `inspect` and its options. */
import { type Command, Option } from 'commander'
import type { InspectArguments } from './inspect.ts'
import { wholeNumber } from './option-values.ts'
import type { ExitStatus, Terminal } from './terminal.ts'

export function addInspect(command: Command, terminal: Terminal, finish: (status: ExitStatus) => void): void {
  command
    .argument('<file>', 'a dump, which --dump wrote, or a trace of simulate or record')
    .argument('[other]', 'another one, to be shown beside the first with what differs')
    .summary('look at what was found, step by step')
    .description(
      'Opens a dump or a trace in the terminal: findings and outcomes, their paths, and of each step why it ran, what it read and what was true then, what it wrote. Of two files also what differs between them.',
    )
    .option('--html <file>', 'write it as one page for browsers instead, which needs no network')
    .option('--dump <file>', 'write a trace as a dump instead: smaller, and opened in part')
    .option('--web', 'serve it for browsers on this machine instead, until Ctrl-C')
    .addOption(new Option('--port <n>', 'of --web (default: any that is free)').argParser(wholeNumber('--port')))
    .option('--debug', 'show the stack of an error')
    .addHelpText(
      'after',
      `
Example:
  kamera explore scenario.ts --dump search.dump
  kamera inspect search.dump
  kamera inspect search.dump --html report.html
  kamera inspect search.dump --web
  kamera inspect .kamera/trace.jsonl
  kamera inspect before.dump after.dump

Exit status: 0 when it is left, 2 when the file is no sound dump or trace, 70 a fault of Kamera.`,
    )
    .action(async (file: string, other: string | undefined, parsed: Omit<InspectArguments, 'file' | 'other'>) => {
      const { inspectVerb } = await import('./inspect.ts')
      finish(await inspectVerb({ file, other, ...parsed }, terminal))
    })
}
