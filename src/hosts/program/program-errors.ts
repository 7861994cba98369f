/** What to say of a program that ends, prints or answers what it should not. */
import type { Program } from '#controller/program.ts'
import type { Ending } from './child.ts'
import type { ProgramMessage } from './messages.ts'

const LOG_LINES = 25

/** The program ended before it had told its controllers. */
export function endedAtStart(program: Program, ending: Ending, expected: string): Error {
  const where = `program ${program.name} (${program.command.join(' ')})`
  switch (ending.reason) {
    case 'not started':
      return new Error(`${where} could not be started: ${ending.detail}. Correct command or directory.`)
    case 'no answer':
      return new Error(
        `${where} sent no ${expected} for ${ending.detail}. Its main must call kamera.Main (or speak docs/host-protocol.md) before anything that waits.${logOf(ending)}`,
      )
    case 'not JSON':
      return new Error(`${where}: ${notJson(ending.detail)}${logOf(ending)}`)
    case 'exited':
      return new Error(`${where} ended with ${ending.detail} before it sent ${expected}.${logOf(ending)}`)
  }
}

/** The program ended in the middle of a step. */
export function endedInStep(program: Program, ending: Ending, step: string): string {
  const where = `program ${program.name}: ${step}`
  switch (ending.reason) {
    case 'no answer':
      return `${where}: nothing came from the process for ${ending.detail}, so it was killed. It probably loops or waits for ever.${logOf(ending)}`
    case 'not JSON':
      return `${where}: ${notJson(ending.detail)}${logOf(ending)}`
    default:
      return `${where}: the process ended with ${ending.detail}, and with it every controller in it (a panic outside the reconcile's goroutine, or os.Exit).${logOf(ending)}`
  }
}

/** A crash in a reconcile, in words that are the same every time: no addresses, no numbers of goroutines. */
export function crashMessage({ detail, log }: Ending): string {
  const cause = log.split('\n').find((line) => /^(panic|fatal error|FATAL|Error): /.test(line))
  return `the process ended with ${detail}, and with it every controller in it${cause === undefined ? ' (os.Exit, log.Fatal or a signal)' : `: ${cause}`}`
}

/** A message that does not belong here, or says that an order could not be carried out. */
export function unexpected(
  program: Program,
  message: ProgramMessage,
  { expected, step, log }: { readonly expected: string; readonly step: string; readonly log: string },
): Error {
  const where = `program ${program.name}: ${step}`
  if (message.type === 'unable' || message.type === 'stuck') {
    const hint = /no matches for kind|no kind is registered/.test(message.message)
      ? ' Add its CRD to crds of the scenario, and its types to the scheme.'
      : ''
    const at = message.site === undefined || message.site === '' ? '' : ` at ${message.site}`
    return new Error(`${where}: ${message.message}${at}${/[.!]$/.test(message.message) ? '' : '.'}${hint}`)
  }
  return new Error(
    `${where}: the process sent a message of type ${JSON.stringify(message.type)} where ${expected} was due. It does not keep to docs/host-protocol.md.${logOf({ log })}`,
  )
}

export function afterLateCalls(program: Program, late: readonly string[], step: string): string {
  return (
    `program ${program.name}: ${step}: a goroutine that the reconcile started was still there after its end and called ${late.join(', ')}. ` +
    'Nobody knows when such a call happens, so it is not simulated: wait for the goroutine, or do its work in the reconcile.'
  )
}

/** What `allowRandom` leaves out, said wherever it is on: whether code uses chance is not known of each of its runs. */
export function ofChance({ name }: Program): string {
  return `program ${name} may use chance (allowRandom: true), of which one choice stands for all: where it goes by the order of a map, a random number or select, what other choices lead to is not explored.`
}

/** For programs that cannot run in virtual time. */
export function onRealClock({ name }: Program): string {
  return `program ${name} runs on the real clock: sleeps take their time, what it reads of the clock is of today, and two runs may differ for that. What is found of it is to be looked at twice.`
}

function notJson(line: string): string {
  return `the process wrote a line to its standard output that is no message: ${JSON.stringify(line.slice(0, 200))}. Standard output belongs to the protocol: print to standard error, and nothing before the handshake.`
}

function logOf({ log }: { readonly log: string }): string {
  if (log === '') return ''
  return ` Its last words:\n${log.split('\n').slice(-LOG_LINES).join('\n')}`
}
