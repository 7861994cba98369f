/** An error as a user sees it: what happened, why it usually happens, what to do. No stack unless asked for. */
import { plainText, wrap } from '#inspect/plain-text.ts'
import { userPlace } from './import-error.ts'
import { ExitStatus, type Terminal } from './terminal.ts'
import { UsageError } from './usage-error.ts'

/** Errors of the layers below that blame what the user gave; everything else is a fault of ours. */
const USER_ERRORS: readonly string[] = ['UsageError', 'ScenarioError', 'HostError', 'TraceError', 'DumpError']

/** Prints it to `terminal.error` and gives the exit status. */
export function printError(error: unknown, terminal: Terminal, debug: boolean): ExitStatus {
  const isOurs = !(error instanceof Error && USER_ERRORS.includes(error.name))
  const width = (terminal.errorColumns ?? 100) - 6
  const [what = '', ...rest] = isOurs ? internalError(error) : userError(error as Error)
  // After a colon comes what somebody else said: a compiler, a program's last words.
  const labels = what.endsWith(':') ? [] : ['why: ', 'do:  ']
  const labelled = rest.map((text, index) => indented(labels[index] ?? '     ', text, width))
  terminal.error(`${[indented(`kamera: `, what, width), ...labelled].join('\n')}\n`)
  if (debug) terminal.error(`\n${stacks(error)}\n`)
  return isOurs ? ExitStatus.internal : ExitStatus.usage
}

function userError(error: Error): readonly string[] {
  if (error instanceof UsageError) return [error.what, error.why, error.fix]
  const place = error.cause instanceof Error ? userPlace(error.cause) : undefined
  const [what = '', ...rest] = error.message.split('\n')
  return [place === undefined ? what : `${what} (${place})`, ...rest]
}

function internalError(error: unknown): readonly string[] {
  const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
  return [
    `internal error: ${message}`,
    'This is a fault of Kamera, not of your scenario.',
    'Please report it with the output of the same command with --debug added.',
  ]
}

function indented(label: string, text: string, width: number): string {
  const lines = wrap(plainText(text), width)
  return lines.map((line, index) => (index === 0 ? `${label}${line}` : `     ${line}`)).join('\n')
}

function stacks(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const cause = error.cause === undefined ? '' : `\ncaused by: ${stacks(error.cause)}`
  return `${error.stack ?? error.message}${cause}`
}
