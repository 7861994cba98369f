/**
 * Makes text from outside safe to print, and fits it into columns. Names, messages and field values come from
 * controllers and manifests: an escape sequence in one of them must never reach the reader's terminal.
 */

/** ECMA-48 sequences (CSI, OSC and the like), so that their parameters go with them. */
const ESCAPE_SEQUENCES =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  /\u001b(?:\[[0-?]*[ -/]*[@-~]|[\]PX^_][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[ -/]*[0-~])|\u009b[0-?]*[ -/]*[@-~]/g
/** C0 and C1 controls except the line feed, and the marks that change the direction of text. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const CONTROLS = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g

/** The text without escape sequences and control characters; line feeds stay, tabs and returns become spaces. */
export function plainText(text: string): string {
  const lines = text.replaceAll('\r\n', '\n')
  return lines
    .replace(ESCAPE_SEQUENCES, '')
    .replace(CONTROLS, (character) => (/[\t\r\u2028\u2029]/.test(character) ? ' ' : ''))
}

/** `plainText` for each string and each key of JSON data. */
export function plainData<T>(value: T): T {
  return clean(value) as T
}

function clean(value: unknown): unknown {
  if (typeof value === 'string') return plainText(value)
  if (Array.isArray(value)) return value.map(clean)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, field]) => [plainText(key).replaceAll('\n', ' '), clean(field)]),
  )
}

/** Breaks text at spaces into lines of at most `width` characters; words that are longer stay whole. */
export function wrap(text: string, width: number): readonly string[] {
  return text.split('\n').flatMap((paragraph) => wrapLine(paragraph, Math.max(width, 20)))
}

function wrapLine(text: string, width: number): readonly string[] {
  const lines: string[] = []
  let line = ''
  // No line begins with “at”: after the indentation it would look like a line of a stack.
  for (const word of text.split(/ +(?!at )/)) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line)
      line = word
    } else {
      line = line === '' ? word : `${line} ${word}`
    }
  }
  return [...lines, line]
}

/** Parts with ` · ` between them, as many a line as fit; a part is never broken. */
export function wrapParts(parts: readonly string[], width: number): readonly string[] {
  const lines: string[] = []
  for (const part of parts) {
    const line = lines.at(-1)
    if (line !== undefined && line.length + 3 + part.length <= width) lines[lines.length - 1] = `${line} · ${part}`
    else lines.push(part)
  }
  return lines
}

/** At most `width` characters, with an ellipsis where something was cut off. */
export function shorten(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, Math.max(width - 1, 0))}…`
}

/** `1 fault`, `2 faults`. */
export function count(number: number, singular: string, plural = `${singular}s`): string {
  return `${formatNumber(number)} ${number === 1 ? singular : plural}`
}

/** With separators between thousands, the same in every locale. */
export function formatNumber(number: number): string {
  return Math.round(number)
    .toString()
    .replace(/\B(?=(\d{3})+$)/g, ',')
}

/** Milliseconds as people say them: `12 ms`, `1.5 s`, `5 min`, `24 h`. */
export function formatDuration(milliseconds: number): string {
  if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`
  if (milliseconds < 60_000) return `${trimZero((milliseconds / 1000).toFixed(1))} s`
  if (milliseconds < 3_600_000) return `${trimZero((milliseconds / 60_000).toFixed(1))} min`
  return `${trimZero((milliseconds / 3_600_000).toFixed(1))} h`
}

function trimZero(text: string): string {
  return text.endsWith('.0') ? text.slice(0, -2) : text
}
