/** The verb `inspect` and its options. */
import type { Command } from 'commander'
import type { ExitStatus, Terminal } from './terminal.ts'

export function addInspect(command: Command, terminal: Terminal, finish: (status: ExitStatus) => void): void {
  command
    .argument('<file>', 'a dump, which --dump wrote')
    .summary('look at what was found, step by step')
    .description(
      'Opens a dump in the terminal: findings and outcomes, their paths, and of each step why it ran, what it read and what was true then, what it wrote.',
    )
    .option('--html <file>', 'write it as one page for browsers instead, which needs no network')
    .option('--debug', 'show the stack of an error')
    .addHelpText(
      'after',
      `
Example:
  kamera explore scenario.ts --dump search.dump
  kamera inspect search.dump
  kamera inspect search.dump --html report.html

Exit status: 0 when it is left, 2 when the file is no sound dump, 70 a fault of Kamera.`,
    )
    .action(async (file: string, { html }: { readonly html?: string }) => {
      const { inspectVerb } = await import('./inspect.ts')
      finish(await inspectVerb({ file, ...(html === undefined ? {} : { html }) }, terminal))
    })
}
