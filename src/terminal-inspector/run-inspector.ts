/** Gives the inspector a terminal: raw mode and the alternate screen, which are undone however it ends. */
import { copyFileSync } from 'node:fs'
import { resolve } from 'node:path'
import picocolors from 'picocolors'
import { openDumpFile } from '#dump/dump-file.ts'
import { plainData } from '#inspect/plain-text.ts'
import { keysIn } from './keys.ts'
import type { Line, Tone } from './lines.ts'
import { createInspector, type InspectorModel } from './model.ts'
import { stateKey } from './states.ts'
import { update, withPath, withState } from './update.ts'
import { view } from './view.ts'

export interface InspectorOptions {
  readonly colour: boolean
  readonly workingDirectory: string
  /** How it calls the file. */
  readonly name: string
}

const ENTER = '\u001b[?1049h\u001b[?25l'
const LEAVE = '\u001b[?25h\u001b[?1049l'

/** Resolves when the reader quits. Throws `DumpError` before the screen is touched. */
export async function runInspector(file: string, options: InspectorOptions): Promise<void> {
  const dump = await openDumpFile(file, options.name)
  const { stdin, stdout } = process
  let model = createInspector(options.name, plainData(dump.reports), plainData(dump.graphs), plainData(dump.comparison))
  let isOpen = true
  const size = () => ({ width: stdout.columns || 80, height: stdout.rows || 24 })
  const restore = () => {
    if (!isOpen) return
    isOpen = false
    stdout.write(LEAVE)
    if (stdin.isTTY) stdin.setRawMode(false)
    stdin.pause()
  }
  const ended = () => {
    restore()
    process.exit(130)
  }
  const draw = () => {
    if (isOpen) stdout.write(painted(view(model, size()), options.colour))
  }
  const signals = ['SIGTERM', 'SIGHUP', 'SIGINT'] as const
  process.once('exit', restore)
  for (const signal of signals) process.once(signal, ended)
  stdout.on('resize', draw)
  try {
    stdout.write(ENTER)
    stdin.setRawMode(true)
    stdin.setEncoding('utf8')
    draw()
    for await (const text of stdin as AsyncIterable<string>) {
      for (const key of keysIn(text)) {
        model = await carriedOut(update(model, key, size()), dump, file, options)
        if (model.wanted?.type === 'quit') return
      }
      draw()
    }
  } finally {
    restore()
    process.off('exit', restore)
    for (const signal of signals) process.off(signal, ended)
    stdout.off('resize', draw)
    await dump.close()
  }
}

async function carriedOut(
  model: InspectorModel,
  dump: Awaited<ReturnType<typeof openDumpFile>>,
  file: string,
  options: InspectorOptions,
): Promise<InspectorModel> {
  const { wanted } = model
  switch (wanted?.type) {
    case 'read':
      try {
        const next = withPath(model, wanted.path.$path, plainData(await dump.path(wanted.path)))
        return await carriedOut(next, dump, file, options)
      } catch (error) {
        return { ...model, screen: 'entries', message: (error as Error).message.split('\n')[0] ?? '' }
      }
    case 'state':
      try {
        const state = await dump.state(wanted.graph, wanted.number)
        return await carriedOut(withState(model, stateKey(wanted.graph, wanted.number), state), dump, file, options)
      } catch (error) {
        return { ...model, screen: 'entries', message: (error as Error).message.split('\n')[0] ?? '' }
      }
    case 'copy':
      // OSC 52: the terminal's own clipboard, over ssh too.
      process.stdout.write(`\u001b]52;c;${Buffer.from(wanted.text).toString('base64')}\u0007`)
      return model
    case 'save':
      try {
        copyFileSync(file, resolve(options.workingDirectory, wanted.file))
        return { ...model, message: `Saved as ${wanted.file}` }
      } catch (error) {
        return { ...model, message: `Not saved: ${(error as Error).message}` }
      }
    default:
      return model
  }
}

function painted(lines: readonly Line[], colour: boolean): string {
  const colours = picocolors.createColors(colour)
  const tones: Readonly<Record<Tone, (text: string) => string>> = {
    plain: (text) => text,
    title: colours.bold,
    selected: (text) => colours.inverse(text),
    dim: colours.dim,
    bad: colours.red,
    good: colours.green,
    odd: colours.yellow,
    bar: colours.inverse,
  }
  return `\u001b[H${lines.map(({ text, tone }) => `${tones[tone](text)}\u001b[K`).join('\r\n')}`
}
