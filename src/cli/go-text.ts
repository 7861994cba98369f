/** Go code as text: brackets that belong together, and names that come from elsewhere. */

const CLOSING: Readonly<Record<string, string>> = { '(': ')', '{': '}', '[': ']' }

/** From an opening bracket to the end of what it opens. */
export function bracketed(code: string, open: number): string {
  return code.slice(open, closingBracket(code, open) + 1)
}

/** The place of the bracket that closes the one at `open`; the end of the code when there is none. */
export function closingBracket(code: string, open: number): number {
  const opening = code[open] as string
  let depth = 0
  for (let i = open; i < code.length; i++) {
    const skipped = endOfText(code, i)
    if (skipped !== i) {
      i = skipped
      continue
    }
    if (code[i] === opening) depth++
    if (code[i] === CLOSING[opening] && --depth === 0) return i
  }
  return code.length - 1
}

/** The place of the bracket that the `)` at `close` closes. */
export function openingBracket(code: string, close: number): number {
  for (let open = code.lastIndexOf('(', close); open !== -1; open = code.lastIndexOf('(', open - 1)) {
    if (closingBracket(code, open) === close) return open
  }
  return close
}

/** The last place of the string literal that begins here; the place itself when none does. */
function endOfText(code: string, start: number): number {
  const quote = code[start]
  if (quote !== '"' && quote !== '`' && quote !== "'") return start
  for (let i = start + 1; i < code.length; i++) {
    if (code[i] === '\\' && quote !== '`') i++
    else if (code[i] === quote) return i
  }
  return code.length - 1
}

const KNOWN = new Set(
  `mgr nil true false err error string int int32 int64 bool float64 byte any func return if else for range map make
   append len new struct interface var const go defer switch case default`.split(/\s+/),
)

/** Names of variables and functions that a piece of code uses and neither it nor `known` defines. */
export function unknownNames(code: string, known: readonly string[]): readonly string[] {
  const plain = code.replace(/"(?:\\.|[^"\\])*"|`[^`]*`/g, '""').replace(/\/\/.*$/gm, '')
  const names = [...plain.matchAll(/(?<![\w.])([a-zA-Z_]\w*)\b(?!\s*:[^=])/g)].map((match) => match[1] as string)
  return [...new Set(names)].filter((name) => !KNOWN.has(name) && !known.includes(name)).sort()
}
