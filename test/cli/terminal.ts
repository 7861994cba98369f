/** A terminal that keeps what is written to it, with a clock and a Ctrl-C that tests move. */
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Terminal } from '#cli/terminal.ts'

export interface FakeTerminal extends Terminal {
  readonly outs: string[]
  readonly errors: string[]
  readonly exits: number[]
  passes(milliseconds: number): void
  interrupt(): void
}

export function fakeTerminal(
  options: { readonly interactive?: boolean; readonly columns?: number; readonly workingDirectory?: string } = {},
): FakeTerminal {
  let now = 0
  const listeners = new Set<() => void>()
  const terminal = {
    outs: [] as string[],
    errors: [] as string[],
    exits: [] as number[],
    out: (text: string) => void terminal.outs.push(text),
    error: (text: string) => void terminal.errors.push(text),
    colour: false,
    interactive: options.interactive ?? false,
    columns: options.columns,
    errorColumns: options.columns,
    workingDirectory: options.workingDirectory ?? mkdtempSync(join(tmpdir(), 'kamera-cli-')),
    wallClock: () => now,
    onInterrupt: (listener: () => void) => {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    exit: (status: number) => void terminal.exits.push(status),
    passes: (milliseconds: number) => {
      now += milliseconds
    },
    interrupt: () => {
      for (const listener of listeners) listener()
    },
  }
  return terminal
}
