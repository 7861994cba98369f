import { expect, it } from 'vitest'
import { fakeTerminal } from '../../test/cli/terminal.ts'
import { progressDisplay } from './progress.ts'

const progress = {
  level: 'lagging, 1 fault',
  statesDistinct: 12345,
  statesGenerated: 20000,
  statesOnQueue: 77,
  depth: 9,
  elapsedMs: 1500,
  statesPerSecond: 8230,
  findings: 1,
}

it('overwrites one line in a terminal, and takes it away at the end', () => {
  const terminal = fakeTerminal({ interactive: true, columns: 60 })
  const display = progressDisplay('zk', terminal)
  display.report(progress)
  terminal.passes(100)
  display.report(progress)
  display.clear()
  expect(terminal.errors).toEqual([
    '\r\u001b[Kzk: lagging, 1 fault · 12,345 distinct states · 20,000 gen…',
    '\r\u001b[K',
  ])
})

it('prints a line every five seconds where it cannot overwrite, without cursor tricks', () => {
  const terminal = fakeTerminal({ interactive: false })
  const display = progressDisplay('zk', terminal)
  for (let second = 0; second < 11; second++) {
    terminal.passes(1000)
    display.report(progress)
  }
  display.clear()
  const line =
    'zk: lagging, 1 fault · 12,345 distinct states · 20,000 generated · 77 on queue · depth 9 · 8,230/s · 1.5 s · 1 finding\n'
  expect(terminal.errors).toEqual([line, line])
})
