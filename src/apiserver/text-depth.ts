/**
 * How deep a text is nested, before anything parses it: parsers and all that walks their results are recursive, and at
 * the end of the stack V8 may end the process where it should throw (when it has to compile a regular expression).
 */

/** Upstream's decoders go to 10,000; no object has a tenth of that. */
const DEPTH_MAX = 1000
/** The YAML parser needs a kilobyte of stack a level. */
const YAML_DEPTH_MAX = 250

const QUOTE = 0x22
const BACKSLASH = 0x5c

/** Whether a JSON text is nested deeper than an object may be. The text need not be valid. */
export function isJsonTooDeep(text: string): boolean {
  let depth = 0
  let inString = false
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    if (inString) {
      if (code === BACKSLASH) index++
      else if (code === QUOTE) inString = false
    } else if (code === QUOTE) inString = true
    else if (isOpening(code)) {
      if (++depth > DEPTH_MAX) return true
    } else if (isClosing(code)) depth--
  }
  return false
}

/**
 * The same of YAML, from above: brackets count wherever they are, and of each line its indentation and the indicators
 * that begin it (`- - ? x` is three levels).
 */
export function isYamlTooDeep(text: string): boolean {
  let brackets = 0
  let begins = 0
  let isBeginning = true
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    if (isOpening(code)) brackets++
    else if (isClosing(code) && brackets > 0) brackets--
    if (code === 0x0a) {
      begins = 0
      isBeginning = true
    } else if (isBeginning && BEGINNINGS.has(code)) begins++
    else isBeginning = false
    if (brackets > YAML_DEPTH_MAX || begins > 2 * YAML_DEPTH_MAX) return true
  }
  return false
}

/** Space, tab and the indicators `-`, `?` and `:`. */
const BEGINNINGS: ReadonlySet<number> = new Set([0x20, 0x09, 0x2d, 0x3f, 0x3a])

function isOpening(code: number): boolean {
  return code === 0x5b || code === 0x7b
}

function isClosing(code: number): boolean {
  return code === 0x5d || code === 0x7d
}
