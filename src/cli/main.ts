#!/usr/bin/env node
/** The program `kamera`: makes a `Terminal` of the process and runs the command line in it. */
import { readFileSync } from 'node:fs'
import type { Terminal } from './terminal.ts'

// Kept from before a search, in which they are those of the reconcile that runs.
const endProcess = process.exit.bind(process)
const later = setTimeout
let waits = 0
let lastWaitMs = 0

const words = process.argv.slice(2)
if (words[0] === '--version' || words[0] === '-V') {
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    readonly version: string
  }
  process.stdout.write(`${version}\n`)
} else {
  // A reader that went away (`kamera explain | head`) is no error.
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EPIPE') process.exit()
      throw error
    })
  }
  const { runCommandLine } = await import('./command-line.ts')
  const { verbs } = await import('./load-verbs.ts')
  // Where nothing is left to wait for and the verb has not ended, Node would end without a word.
  process.on('beforeExit', reportEndlessWait)
  process.exitCode = await runCommandLine(words, processTerminal(), verbs)
  process.off('beforeExit', reportEndlessWait)
  // Controllers may have left timers and sockets open: what is written is waited for, they are not.
  await Promise.all(
    [process.stdout, process.stderr].map((stream) => new Promise((resolve) => stream.write('', resolve))),
  )
  process.exit()
}

function processTerminal(): Terminal {
  const isPlain = process.env.TERM === 'dumb'
  return {
    out: (text) => void process.stdout.write(text),
    error: (text) => void process.stderr.write(text),
    colour: process.stdout.isTTY === true && !isPlain && (process.env.NO_COLOR ?? '') === '',
    interactive: process.stderr.isTTY === true && !isPlain,
    columns: widthOf(process.stdout),
    errorColumns: widthOf(process.stderr),
    workingDirectory: process.cwd(),
    wallClock: () => performance.now(),
    onInterrupt: (listener) => {
      process.on('SIGINT', listener)
      process.on('SIGTERM', listener)
      return () => {
        process.off('SIGINT', listener)
        process.off('SIGTERM', listener)
      }
    },
    exit: endProcess,
  }
}

/** Called when nothing is left to wait for. A message of the watchdog's thread may still be on its way. */
function reportEndlessWait(): void {
  const now = performance.now()
  if (now - lastWaitMs > 1000) waits = 0
  lastWaitMs = now
  if (waits++ < 5) return void later(() => {}, 50)
  process.stderr.write(
    'kamera: The scenario waits for something that never comes.\n' +
      'why: Usually a mapping function or the scenario itself awaits a promise that nothing settles.\n' +
      'do:  Let them await the given readers only, and whatever else before the scenario is exported.\n',
  )
  endProcess(2)
}

/** A terminal of unknown size says 0. */
function widthOf(stream: NodeJS.WriteStream): number | undefined {
  return stream.isTTY === true && stream.columns > 0 ? stream.columns : undefined
}
