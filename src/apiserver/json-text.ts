/**
 * Field names that a JSON text repeats within one object. `JSON.parse` keeps the last one and says nothing.
 */

/** Paths such as `spec.color`, in the order of the text, at most `most`. The text must be valid JSON. */
export function duplicateFields(text: string, most = 100): readonly string[] {
  const found: string[] = []
  /** Of each open object its names so far, of each open list the index of its element. */
  const open: { readonly path: string; readonly names: Set<string> | undefined; index: number }[] = []
  let path = ''
  let index = 0
  while (index < text.length && found.length < most) {
    const code = text.charCodeAt(index)
    const top = open.at(-1)
    if (code === QUOTE) {
      const end = endOfString(text, index)
      if (top?.names !== undefined && isFieldName(text, end)) {
        const name = JSON.parse(text.slice(index, end)) as string
        path = top.path === '' ? name : `${top.path}.${name}`
        if (top.names.has(name)) found.push(path)
        top.names.add(name)
      }
      index = end
      continue
    }
    if (code === OPEN_OBJECT || code === OPEN_LIST) {
      const at = top !== undefined && top.names === undefined ? `${top.path}[${top.index}]` : path
      open.push({ path: at, names: code === OPEN_OBJECT ? new Set() : undefined, index: 0 })
    } else if (code === CLOSE_OBJECT || code === CLOSE_LIST) open.pop()
    else if (code === COMMA && top !== undefined) top.index++
    index++
  }
  return found
}

const QUOTE = 0x22
const BACKSLASH = 0x5c
const COLON = 0x3a
const COMMA = 0x2c
const OPEN_OBJECT = 0x7b
const CLOSE_OBJECT = 0x7d
const OPEN_LIST = 0x5b
const CLOSE_LIST = 0x5d

function endOfString(text: string, start: number): number {
  let index = start + 1
  while (index < text.length && text.charCodeAt(index) !== QUOTE) index += text.charCodeAt(index) === BACKSLASH ? 2 : 1
  return index + 1
}

/** Whether a colon follows the string that ends here. */
function isFieldName(text: string, end: number): boolean {
  let index = end
  while (text.charCodeAt(index) <= 0x20) index++
  return text.charCodeAt(index) === COLON
}
