/** The fenced blocks of a Markdown text: their language, the file name after it, and their lines. */
export interface CodeBlock {
  readonly language: string
  /** What follows the language: the name under which the block is a file. */
  readonly file: string | undefined
  readonly text: string
  /** Of the opening fence, from 1. */
  readonly line: number
}

export function codeBlocksOf(markdown: string): readonly CodeBlock[] {
  const blocks: CodeBlock[] = []
  let open: { readonly language: string; readonly file: string | undefined; readonly line: number } | undefined
  let text = ''
  for (const [index, line] of markdown.split('\n').entries()) {
    const fence = /^```(\w*)(?: (\S+))?$/.exec(line)
    if (fence === null) {
      if (open !== undefined) text += `${line}\n`
    } else if (open === undefined) {
      open = { language: fence[1] ?? '', file: fence[2], line: index + 1 }
      text = ''
    } else {
      blocks.push({ ...open, text })
      open = undefined
    }
  }
  return blocks
}

/** A command of a console block, with the output that is shown after it. */
export interface ShownCommand {
  readonly command: string
  readonly output: readonly string[]
}

export function commandsOf(text: string): readonly ShownCommand[] {
  const commands: { command: string; output: string[] }[] = []
  for (const line of text.trimEnd().split('\n')) {
    if (line.startsWith('$ ')) commands.push({ command: line.slice(2), output: [] })
    else commands.at(-1)?.output.push(line)
  }
  return commands
}
