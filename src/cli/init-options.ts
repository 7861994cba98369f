/** The options of `init`. */
import type { Command } from 'commander'
import { suggestion } from './suggest.ts'
import type { ExitStatus, Terminal } from './terminal.ts'
import { UsageError } from './usage-error.ts'

const LANGUAGES: readonly string[] = ['go']

interface Parsed {
  readonly force?: boolean
  readonly dryRun?: boolean
}

export function addInit(command: Command, terminal: Terminal, finish: (status: ExitStatus) => void): void {
  command
    .argument('<language>', 'go')
    .argument('[directory]', 'the folder of the operator (default: this one)')
    .summary('write what is needed to explore an operator in Go')
    .description(
      'Writes kamera/main.go, kamera/go.mod and kamera/scenario.ts into the folder of an operator, from what its main and config/ say. Changes nothing else.',
    )
    .option('--force', 'replace files that are there')
    .option('--dry-run', 'print the files instead of writing them')
    .option('--debug', 'show the stack of an error')
    .addHelpText(
      'after',
      `
Examples:
  kamera init go
  kamera init go ../my-operator --dry-run`,
    )
    .action(async (language: string, directory: string | undefined, { force = false, dryRun = false }: Parsed) => {
      if (!LANGUAGES.includes(language))
        throw new UsageError({
          what: `kamera init knows no ${language}${suggestion(language, LANGUAGES)}.`,
          why: 'Reconcilers in TypeScript need no such files, and other languages write them by hand (docs/host-protocol.md).',
          fix: 'Write kamera init go.',
        })
      const { initGoVerb } = await import('./init-go.ts')
      finish(initGoVerb({ directory: directory ?? '.', force, dryRun }, terminal))
    })
}
